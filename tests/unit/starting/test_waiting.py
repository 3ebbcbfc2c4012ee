from __future__ import annotations

from typing import Any, Literal

import pytest

from localenv.actions.starting.board import Board, Replica
from localenv.actions.starting.probes import EarlyHealth, PortProbe, exec_command
from localenv.actions.starting.waiting import Watched, judge, judge_one_shot
from localenv.actions.workers import Workers, side_by_side
from localenv.core.observed import Observed
from localenv.core.wanted import HealthCheck, ServiceWanted
from localenv.errors import LocalenvError
from localenv.ports.engine import ContainerEvent, ExecResult
from tests.unit.plan.planning import container, service

WEB = service("web")
HEALTH = HealthCheck(test=("CMD", "true"), interval=4.0)


def replica(**given: Any) -> Replica:
    return Replica(**{"seen": container(WEB), "running": True, "health": "none", "exit_code": None, "began": 0.0, **given})


def watched(found: Replica, *, of: ServiceWanted = WEB, checked: bool = False, **given: Any) -> Watched:
    return Watched(replica=found, service=of, checked=checked, **given)


def test_running_is_enough_without_healthcheck_and_port() -> None:
    assert judge(watched(replica()), now=0.0).ready == "running"


def test_what_ended_once_has_to_run_for_a_while() -> None:
    shaky = watched(replica(exits=1, began=10.0))
    assert judge(shaky, now=10.1).again == 11.0
    assert judge(shaky, now=11.0).ready == "running"


def test_three_ends_are_a_crash_loop() -> None:
    assert judge(watched(replica(exits=2)), now=5.0).failed is None
    assert judge(watched(replica(exits=3, exit_code=9)), now=5.0).failed == "ended 3 times, last with 9"


def test_an_end_that_no_policy_mends_is_a_failure_at_once() -> None:
    ended = replica(exits=1, running=False, exit_code=2)
    assert judge(watched(ended, policy="no"), now=0.0).failed == "ended with 2"
    assert judge(watched(ended, policy="always"), now=0.0).failed is None


def test_a_container_that_is_gone_is_a_failure() -> None:
    assert judge(watched(replica(gone=True)), now=0.0).failed == "its container was removed"
    assert judge_one_shot(watched(replica(gone=True))).failed == "its container was removed"


def test_unhealthy_has_two_intervals_to_recover() -> None:
    ill = watched(replica(health="unhealthy"), checked=True, interval=4.0)
    assert judge(ill, now=100.0).failed is None
    assert judge(ill, now=107.0).failed is None
    assert judge(ill, now=108.0).failed == "unhealthy"


def test_recovering_in_between_starts_the_count_again() -> None:
    ill = watched(replica(health="unhealthy"), checked=True, interval=4.0)
    judge(ill, now=100.0)
    ill.replica.health = "starting"
    judge(ill, now=104.0)
    ill.replica.health = "unhealthy"
    assert judge(ill, now=109.0).failed is None


def test_what_was_unhealthy_before_this_start_is_waited_for() -> None:
    ill = watched(replica(health="unhealthy"), checked=True, interval=4.0, patient=True)
    judge(ill, now=100.0)
    assert judge(ill, now=1000.0).failed is None


@pytest.mark.parametrize(
    ("found", "ready", "failed"),
    [
        (replica(running=True), None, None),
        (replica(running=False, exit_code=0), "ended", None),
        (replica(running=False, exit_code=5), None, "ended with 5"),
    ],
)
def test_a_one_shot_is_judged_by_its_end(found: Replica, ready: str | None, failed: str | None) -> None:
    verdict = judge_one_shot(watched(found))
    assert (verdict.ready, verdict.failed) == (ready, failed)


@pytest.mark.parametrize(
    ("test", "command"),
    [
        (("CMD", "pg_isready", "-q"), ("pg_isready", "-q")),
        (("CMD-SHELL", "test -e x"), ("/bin/sh", "-c", "test -e x")),
        (("NONE",), None),
        ((), None),
        (("CMD",), None),
    ],
)
def test_a_healthchecks_argument_list(test: tuple[str, ...], command: tuple[str, ...] | None) -> None:
    assert exec_command(HealthCheck(test=test)) == command


class Once:
    """An engine whose commands end with these codes, run at once by whoever submits them."""

    def __init__(self, *codes: int | None) -> None:
        self.codes = list(codes)
        self.timeouts: list[float | None] = []

    def execute(self, _container: str, _command: tuple[str, ...], *, timeout: float | None = None) -> ExecResult:
        self.timeouts.append(timeout)
        code = self.codes.pop(0)
        if code is None:
            raise LocalenvError("hangs", code="timeout")
        return ExecResult(exit_code=code, stdout=b"", stderr=b"")

    def submit(self, call: Any) -> None:
        call()


def early(engine: Once, moment: list[float], port: PortProbe | None = None) -> EarlyHealth:
    anything: Any = engine
    return EarlyHealth(
        engine=anything,
        workers=anything,
        container="c",
        health=HEALTH,
        command=("true",),
        began=0.0,
        now=lambda: moment[0],
        notify=lambda: None,
        port=port,
    )


def test_runs_come_with_growing_pauses_up_to_a_bound() -> None:
    engine, moment = Once(*[1] * 40), [0.0]
    probe = early(engine, moment)
    pauses = []
    while moment[0] < 20.0:
        due = probe.poll()
        if due is not None:
            pauses.append(due - moment[0])
            moment[0] = due
    assert pauses[0] == pytest.approx(0.05)
    assert pauses[1] == pytest.approx(0.1)
    assert pauses == pytest.approx(sorted(pauses))
    assert max(pauses) <= 2.0


def test_success_ends_the_runs_and_so_does_one_that_hangs() -> None:
    moment = [1.0]
    good, hung = early(Once(0), moment), early(Once(None), moment)
    for probe in (good, hung):
        assert probe.poll() is None
        assert probe.poll() is None
    states: tuple[Literal["waiting", "running", "yes", "over"], ...] = (good.state, hung.state)
    assert states == ("yes", "over")


def test_a_port_that_opens_brings_the_run_forward() -> None:
    class Door:
        open = False

        def answers(self, host: str, port: int, timeout: float) -> bool:
            assert (host, port) == ("10.0.0.1", 5432)
            assert timeout > 0
            return self.open

    door, moment, engine = Door(), [0.0], Once(1, 0)
    probe = early(engine, moment, PortProbe(dialer=door, address=lambda: "10.0.0.1", port=5432))
    moment[0] = 0.05
    assert probe.poll() == pytest.approx(0.07)
    assert len(engine.codes) == 2
    moment[0] = 2.0
    door.open = True
    assert probe.poll() is None
    assert len(engine.codes) == 1
    assert probe.poll() == pytest.approx(2.1), "pauses begin again to grow"
    moment[0] = 2.1
    assert probe.poll() is None
    assert probe.state == "yes"


def test_a_port_that_stays_closed_does_not_keep_a_healthcheck_from_being_run() -> None:
    class Shut:
        def answers(self, host: str, port: int, timeout: float) -> bool:
            del host, port, timeout
            return False

    moment, engine = [0.0], Once(1, 0)
    probe = early(engine, moment, PortProbe(dialer=Shut(), address=lambda: "10.0.0.1", port=5432))
    moment[0] = 0.9
    assert probe.poll() == pytest.approx(0.927)
    moment[0] = 1.0
    assert probe.poll() is None
    moment[0] = 1.9
    assert probe.poll() == pytest.approx(1.957)
    moment[0] = 2.0
    assert probe.poll() is None
    assert probe.state == "yes"


def test_an_older_answer_of_the_engine_does_not_undo_an_event() -> None:
    board = Board()
    seen = container(WEB, state="created", started=None)
    board.fill(Observed(containers=(seen,)), asked=1.0)
    board.apply(ContainerEvent(container=seen.id, action="start"), now=3.0)
    board.fill(Observed(containers=(seen,)), asked=2.0)
    assert board.of("web")[0].running
    board.fill(Observed(containers=(seen,)), asked=4.0)
    assert not board.of("web")[0].running


def test_what_run_started_is_no_replica() -> None:
    board = Board()
    board.fill(Observed(containers=(container(WEB, labels={"com.docker.compose.oneoff": "True"}),)), asked=1.0)
    assert board.of("web") == ()


def test_side_by_side_raises_the_first_error_after_all_have_ended() -> None:
    done: list[int] = []

    def act(number: int) -> None:
        done.append(number)
        if number == 2:
            raise LocalenvError("two")

    with pytest.raises(LocalenvError, match="two"):
        side_by_side(act, [1, 2, 3], name="test")
    assert sorted(done) == [1, 2, 3]


def test_workers_use_their_threads_again() -> None:
    import queue
    import threading

    workers = Workers(2, "test-worker")
    names: queue.SimpleQueue[str] = queue.SimpleQueue()
    for _ in range(20):
        workers.submit(lambda: names.put(str(threading.get_ident())))
    assert len({names.get(timeout=2.0) for _ in range(20)}) <= 2
    workers.close()
