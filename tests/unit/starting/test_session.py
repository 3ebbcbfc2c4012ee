from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from localenv.core.plan.steps import RemoveContainer, StopService
from localenv.core.wanted import HealthCheck, Hook, ServiceWanted
from localenv.errors.start import Cancelled, StartFailed
from localenv.ports.engine import ExecResult
from tests.fakes.memory_objects import Behaviour, Endpoint, ExecCall
from tests.unit.starting.stage import Stage, await_ready, network, no_leftover_threads, start

CHECK = HealthCheck(test=("CMD", "check"), interval=30.0)


def service(name: str = "web", **given: Any) -> ServiceWanted:
    return ServiceWanted(**{"name": name, "image": f"{name}:1", "image_id": None, "spec": "1", **given})


def up(stage: Stage, wanted: ServiceWanted, **options: Any) -> Any:
    with stage.session(**options) as session:
        session.start(start(wanted))
        session.await_ready(await_ready(wanted))
        session.settle()
        return session


def checks(stage: Stage, codes: Iterator[int]) -> list[ExecCall]:
    calls: list[ExecCall] = []

    def check(call: ExecCall) -> ExecResult:
        calls.append(call)
        return ExecResult(exit_code=next(codes), stdout=b"", stderr=b"")

    stage.engine.programs["check"] = check
    return calls


def test_a_healthy_event_is_readiness() -> None:
    stage, web = Stage(), service(health=CHECK)
    checks(stage, iter(lambda: 1, 0))
    stage.container(web)
    session = up(stage, web)
    assert [result.how for result in session.results] == ["health"]
    assert stage.progress.states("web") == ["starting", "running", "healthy"]
    assert no_leftover_threads()


def test_a_healthcheck_is_seen_early_though_the_engine_has_not_run_it() -> None:
    stage, web = Stage(), service(health=CHECK)
    stage.engine.behave("web", Behaviour(health="starting"))
    codes = iter([1, 1, 0])
    calls = checks(stage, codes)
    stage.container(web)
    session = up(stage, web)
    assert [result.how for result in session.results] == ["early"]
    assert session.results[0].seconds < 2.0
    assert len(calls) == 3


def test_the_images_own_healthcheck_is_seen_early_too() -> None:
    stage, web = Stage(), service(image_health=True)
    stage.engine.behave("web", Behaviour(health="starting"))
    checks(stage, iter([0]))
    identifier = stage.container(web, healthcheck=True)
    stage.engine.containers[identifier].healthcheck_test = CHECK
    assert [result.how for result in up(stage, web).results] == ["early"]


def test_all_replicas_have_to_be_ready() -> None:
    stage, web = Stage(), service(health=CHECK)
    checks(stage, iter(lambda: 1, 0))
    for number in (1, 2, 3):
        stage.container(web, number=number)
    assert sorted(result.number for result in up(stage, web).results) == [1, 2, 3]


def test_a_one_shot_is_done_when_it_ends_with_0() -> None:
    stage, migrate = Stage(), service("migrate", one_shot=True)
    stage.engine.behave("migrate", Behaviour(exit_code=0))
    stage.container(migrate)
    session = up(stage, migrate)
    assert [result.how for result in session.results] == ["ended"]
    assert stage.progress.states("migrate")[-1] == "done"


def test_a_one_shot_that_fails_tells_its_last_lines_without_secrets() -> None:
    stage, migrate = Stage(), service("migrate", one_shot=True)
    stage.engine.behave("migrate", Behaviour(exit_code=3, output=(("stderr", b"no password hunter2 \x1b[31mfor db"),)))
    stage.container(migrate)
    with pytest.raises(StartFailed) as caught:
        up(stage, migrate)
    assert caught.value.code_of_case == "start-failed"
    assert caught.value.details == ("migrate: ended with 3", "  | no password ***  [31mfor db")
    assert caught.value.hints == ("docker logs -- shop_staging-migrate-1",)


def end(stage: Stage, session: Any, identifier: str, code: int) -> None:
    """Let the one job end, and wait until that is known."""
    stage.engine.end(identifier, code)
    version = -1
    while not session.board.of("job")[0].exits:
        assert session.board.wait_beyond(version, 2.0)
        version = session.board.version


@pytest.mark.parametrize(("code", "fails"), [(0, False), (3, True)])
def test_what_may_be_a_job_may_end_with_0_after_it_ran(code: int, fails: bool) -> None:
    stage, job = Stage(), service("job", may_end=True)
    identifier = stage.container(job, restart="no")
    with stage.session() as session:
        session.start(start(job, "no"))
        session.await_ready(await_ready(job))
        end(stage, session, identifier, code)
        if fails:
            with pytest.raises(StartFailed, match="job failed to start"):
                session.settle()
        else:
            session.settle()


def test_what_may_be_a_job_is_ready_when_it_has_ended_with_0_already() -> None:
    stage, job = Stage(), service("job", may_end=True)
    identifier = stage.container(job, restart="on-failure")
    with stage.session() as session:
        session.start(start(job, "on-failure"))
        end(stage, session, identifier, 0)
        session.await_ready(await_ready(job))
        assert [result.how for result in session.results] == ["ended"]


def test_a_crash_loop_is_a_failure_after_its_third_end() -> None:
    stage, web = Stage(), service(health=CHECK)
    identifier = stage.container(web)
    stage.engine.behave("web", Behaviour(health="starting"))
    checks(stage, iter(lambda: 1, 0))
    with stage.session() as session:
        session.start(start(web))
        for _ in range(3):
            stage.engine.start(identifier)
            stage.engine.end(identifier, 1)
        with pytest.raises(StartFailed, match="web failed to start") as caught:
            session.await_ready(await_ready(web))
    assert caught.value.details[0] == "web: ended 3 times, last with 1"


def test_a_service_without_a_healthcheck_that_dies_after_it_ran_is_a_failure() -> None:
    stage, web = Stage(), service()
    identifier = stage.container(web)
    with stage.session() as session:
        session.start(start(web))
        session.await_ready(await_ready(web))
        for _ in range(3):
            stage.engine.start(identifier)
            stage.engine.end(identifier, 7)
        version = -1
        while session.board.of("web")[0].exits < 3:
            assert session.board.wait_beyond(version, 2.0)
            version = session.board.version
        with pytest.raises(StartFailed) as caught:
            session.settle()
    assert caught.value.details[0] == "web: ended with 7 after its start"


def test_time_that_runs_out_tells_every_service_that_is_late() -> None:
    stage, web = Stage(), service(health=CHECK)
    identifier = stage.container(web)
    stage.engine.behave("web", Behaviour(health="starting", output=(("stdout", b"still warming up"),)))
    stage.engine.containers[identifier].health_output = "connection refused"
    checks(stage, iter(lambda: 1, 0))
    with pytest.raises(StartFailed) as caught:
        up(stage, web, timeout=0.3)
    assert caught.value.code_of_case == "start-timeout"
    assert caught.value.details == (
        "web: its health is starting",
        "  | still warming up",
        "  health: connection refused",
    )


def test_what_an_early_run_said_is_told_when_the_engine_has_not_run_the_healthcheck() -> None:
    stage, web = Stage(), service(health=CHECK)
    stage.engine.behave("web", Behaviour(health="starting"))
    stage.engine.programs["check"] = lambda _: ExecResult(exit_code=1, stdout=b"no route to hunter2", stderr=b"")
    stage.container(web)
    with pytest.raises(StartFailed) as caught:
        up(stage, web, timeout=1.0)
    assert caught.value.details[-1] == "  health: no route to ***"


class Ports:
    """A dialer whose port answers after some asks."""

    def __init__(self, refusals: int) -> None:
        self.asked: list[tuple[str, int]] = []
        self.refusals = refusals

    def answers(self, host: str, port: int, timeout: float) -> bool:
        assert timeout < 1
        self.asked.append((host, port))
        return len(self.asked) > self.refusals


def test_without_a_healthcheck_the_port_on_the_containers_address_is_asked() -> None:
    dialer = Ports(refusals=3)
    stage, web = Stage(dialer=dialer), service(ready_port=8000, ready_network="shop_staging_default")
    stage.container(web, networks=network(stage))
    assert [result.how for result in up(stage, web).results] == ["port"]
    assert set(dialer.asked) == {("10.231.4.17", 8000)}


def test_a_port_that_nobody_serves_is_a_note_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localenv.actions.starting.waiting._PORT_PATIENCE", 0.1)
    stage, web = Stage(dialer=Ports(refusals=10_000)), service(ready_port=9229, ready_network="shop_staging_default")
    stage.container(web, networks=network(stage))
    assert [result.how for result in up(stage, web).results] == ["running"]
    assert stage.progress.notes() == ["web: port 9229 does not answer, taken as ready because it runs"]


class Doors:
    """A dialer for which some addresses answer."""

    def __init__(self, *answering: str) -> None:
        self.answering = answering

    def answers(self, host: str, port: int, timeout: float) -> bool:
        assert (port, timeout < 1) == (8000, True)
        return host in self.answering


@pytest.mark.parametrize(("old_answers", "ready"), [(False, ["running"]), (True, [])])
def test_a_new_container_has_to_answer_where_the_old_one_does(
    monkeypatch: pytest.MonkeyPatch, *, old_answers: bool, ready: list[str]
) -> None:
    """Else a version that listens elsewhere would take over, and every request would fail."""
    monkeypatch.setattr("localenv.actions.starting.waiting._PORT_PATIENCE", 0.1)
    stage = Stage(dialer=Doors("10.231.4.17") if old_answers else Doors())
    web = service(ready_port=8000, ready_network="shop_staging_default")
    old = stage.container(web, networks=network(stage))
    stage.engine.start(old)
    new = stage.container(web, number=2, networks={"shop_staging_default": Endpoint(configured="10.231.4.18")})
    with stage.session(timeout=0.5) as session:
        session.start(replace(start(web), leaving=(old,)))
        with pytest.raises(StartFailed, match="not ready after") if not ready else nullcontext():
            session.await_ready(replace(await_ready(web), leaving=(old,)))
        assert [result.how for result in session.results] == ready
    assert ("start", stage.engine.containers[new].name) in stage.engine.calls


def test_hooks_run_around_the_start_and_before_the_stop() -> None:
    hook = Hook(command=("check", "now"), user="root", environment={"A": "1"})
    stage, web = Stage(), service(pre_start=(hook,), post_start=(hook,), pre_stop=(hook,))
    calls = checks(stage, iter(lambda: 0, 1))
    identifier = stage.container(web, environment={"B": "2"})
    with stage.session() as session:
        session.start(start(web))
        session.stop(StopService(target="web", cause="", service="web", containers=((identifier, 1),), pre_stop=web.pre_stop))
    assert [call[:2] for call in stage.engine.calls if call[0] in {"run_tool", "execute", "stop"}] == [
        ("run_tool", "shop_staging-web-pre_start-0"),
        ("execute", "shop_staging-web-1"),
        ("execute", "shop_staging-web-1"),
        ("stop", "shop_staging-web-1"),
    ]
    assert [(call.user, call.environment) for call in calls] == [("root", {"A": "1"})] * 2


def test_a_hook_that_fails_keeps_the_service_from_starting() -> None:
    stage, web = Stage(), service(pre_start=(Hook(command=("prepare",)),))
    stage.engine.behave("shop_staging-web-pre_start-0", Behaviour(exit_code=1, output=(("stderr", b"nothing there"),)))
    identifier = stage.container(web)
    with pytest.raises(StartFailed) as caught:
        up(stage, web)
    assert caught.value.details == ("web: pre_start hook prepare ended with 1", "  | nothing there")
    assert stage.engine.containers[identifier].state == "created"


def test_pre_start_is_left_out_while_another_replica_runs() -> None:
    stage, web = Stage(), service(pre_start=(Hook(command=("prepare",)),))
    stage.engine.start(stage.container(web, number=1))
    stage.container(web, number=2)
    up(stage, web)
    assert not [call for call in stage.engine.calls if call[0] == "run_tool"]


def test_stop_holds_containers_down_and_start_lets_them_come_back() -> None:
    stage, web = Stage(), service()
    identifier = stage.container(web)
    up(stage, web)
    with stage.session() as session:
        session.stop(StopService(target="web", cause="", service="web", containers=((identifier, 1),), hold=True))
    assert (stage.engine.containers[identifier].state, stage.engine.containers[identifier].restart) == ("exited", "no")
    up(stage, web)
    assert (stage.engine.containers[identifier].state, stage.engine.containers[identifier].restart) == ("running", "always")


def test_a_stop_that_was_asked_for_is_no_crash() -> None:
    stage, web = Stage(), service()
    identifier = stage.container(web)
    with stage.session() as session:
        session.start(start(web))
        session.stop(StopService(target="web", cause="", service="web", containers=((identifier, 1),)))
        session.start(start(web))
        session.await_ready(await_ready(web))
        session.settle()
    assert stage.engine.containers[identifier].state == "running"


@pytest.mark.parametrize(("grace", "expected"), [(5.0, ["execute", "stop", "remove"]), (None, ["remove"])])
def test_a_container_is_asked_to_end_before_it_is_replaced_and_killed_when_destroyed(
    grace: float | None, expected: list[str]
) -> None:
    stage, web = Stage(), service(pre_stop=(Hook(command=("check",)),))
    checks(stage, iter(lambda: 1, 0))
    identifier = stage.container(web)
    stage.engine.start(identifier)
    stage.engine.calls.clear()
    with stage.session() as session:
        session.remove(
            RemoveContainer(
                target="", cause="", container=identifier, service="web", number=1, grace=grace, pre_stop=web.pre_stop
            )
        )
    assert [call[0] for call in stage.engine.calls] == expected


def test_cancelling_ends_the_waiting_at_once() -> None:
    stage, web = Stage(), service(health=CHECK)
    stage.engine.behave("web", Behaviour(health="starting"))
    checks(stage, iter(lambda: 1, 0))
    stage.container(web)
    ended = threading.Event()
    with stage.session() as session:
        session.start(start(web))

        def wait() -> None:
            with pytest.raises(Cancelled):
                session.await_ready(await_ready(web))
            ended.set()

        threading.Thread(target=wait, daemon=True).start()
        session.cancel()
        assert ended.wait(1.0)


def test_a_healthcheck_that_hangs_is_not_run_twice() -> None:
    stage, web = Stage(), service(health=CHECK)
    stage.engine.behave("web", Behaviour(health="starting"))
    running, release, started = count(), threading.Event(), threading.Event()

    def hang(call: ExecCall) -> ExecResult:
        del call
        next(running)
        started.set()
        release.wait(5.0)
        return ExecResult(exit_code=1, stdout=b"", stderr=b"")

    stage.engine.programs["check"] = hang
    identifier = stage.container(web)
    with stage.session() as session:
        session.start(start(web))
        waiter = threading.Thread(target=lambda: session.await_ready(await_ready(web)), daemon=True)
        waiter.start()
        assert started.wait(2.0)
        stage.engine.set_health(identifier, "healthy")
        waiter.join(1.0)
        assert not waiter.is_alive()
    release.set()
    assert next(running) == 1
