"""Starting on the real engine: what Compose does in its own start, done by localenv."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localenv.core.plan.steps import Step
from localenv.core.wanted import Dependency, Hook, InjectedFile, Placement, ServiceWanted, VolumeWanted, Wanted
from localenv.errors.start import StartFailed
from localenv.ports.engine import ToolSpec, VolumeSpec
from tests.e2e.starting.site import IMAGE, Site, checked, shell, sites

pytestmark = pytest.mark.engine

READY = "sleep 0.3; touch /tmp/ready; exec sleep 600"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    yield from sites(tmp_path)


def wanted(site: Site, *parts: tuple[ServiceWanted, dict[str, Any]]) -> Wanted:
    return site.wanted(*(service for service, _ in parts), more={service.name: more for service, more in parts})


def test_a_healthcheck_with_a_long_interval_is_seen_early(site: Site) -> None:
    db = shell("db", READY, health=checked("test -e /tmp/ready", interval=60.0))
    web = shell("web", "exec sleep 600", Dependency(service="db", condition="service_healthy"))
    outcome = site.up(wanted(site, db, web))
    found = {result.service: result for result in outcome.readiness}
    assert found["db"].how == "early"
    assert found["db"].seconds < 10.0
    assert site.of("db").health == "starting"
    assert (site.of("web").started or "") > (site.of("db").started or "")


def test_a_second_up_changes_nothing(site: Site) -> None:
    state = wanted(site, shell("db", READY, health=checked("test -e /tmp/ready")))
    site.up(state)
    before = site.of("db").id
    assert site.plan(state).changes == ()
    site.up(state)
    assert site.of("db").id == before


def test_a_one_shot_runs_once_before_those_that_need_its_success(site: Site) -> None:
    migrate = shell("migrate", "sleep 0.3; exit 0", one_shot=True)
    web = shell("web", "exec sleep 600", Dependency(service="migrate", condition="service_completed_successfully"))
    state = wanted(site, migrate, web)
    site.up(state)
    assert site.of("migrate").exit_code == 0
    assert (site.of("web").started or "") > (site.of("migrate").finished or "~")
    assert site.plan(state).changes == ()


def test_a_one_shot_that_fails_keeps_its_dependents_down_and_tells_why(site: Site) -> None:
    migrate = shell("migrate", "echo cannot log in with hunter2 >&2; exit 4", one_shot=True)
    web = shell("web", "exec sleep 600", Dependency(service="migrate", condition="service_completed_successfully"))
    with pytest.raises(StartFailed) as caught:
        site.up(wanted(site, migrate, web))
    assert caught.value.details == ("migrate: ended with 4", "  | cannot log in with ***")
    assert site.of("web").state == "created"
    mended = shell("migrate", "exit 0", one_shot=True, spec="migrate-2")
    site.up(wanted(site, mended, web))
    assert site.of("web").state == "running"


def test_a_crash_loop_is_told_with_its_last_lines(site: Site) -> None:
    web = shell("web", "echo no configuration; exit 1", health=checked("true", interval=60.0))
    with pytest.raises(StartFailed) as caught:
        site.up(wanted(site, web))
    assert caught.value.code_of_case == "start-failed"
    assert caught.value.details[0] == "web: ended 3 times, last with 1"
    assert "  | no configuration" in caught.value.details
    assert site.states("web")[-1] == "failed"


def test_time_that_runs_out_tells_what_the_healthcheck_said(site: Site) -> None:
    web = shell("web", "exec sleep 600", health=checked("echo nobody there; exit 1", interval=60.0))
    with pytest.raises(StartFailed) as caught:
        site.up(wanted(site, web), timeout=6.0)
    assert caught.value.code_of_case == "start-timeout"
    assert any(line == "  health: nobody there" for line in caught.value.details)


def test_hooks_run_where_and_as_whom_they_say(site: Site) -> None:
    hooks = {
        "pre_start": (Hook(command=("sh", "-c", "id -u > /data/before"), user="1"),),
        "post_start": (
            Hook(command=("sh", "-c", 'echo "$WHO" in "$PWD" > /data/after'), environment={"WHO": "me"}, working_dir="/usr"),
        ),
        "pre_stop": (Hook(command=("sh", "-c", "echo bye > /data/last")),),
    }
    volume = VolumeWanted(key="data", name=site.id.object_name("data"))
    opened = shell("opened", "chmod 777 /data", one_shot=True)
    web = shell("web", "exec sleep 600", Dependency(service="opened", condition="service_completed_successfully"), **hooks)
    mounted = [(service, {**more, "volumes": ["data:/data"]}) for service, more in (opened, web)]
    state = replace(wanted(site, *mounted), volumes=(volume,))
    state.model["volumes"] = {"data": {"name": volume.name}}
    site.up(state)
    assert site.read("web", "/data/before") == "1\n"
    assert site.read("web", "/data/after") == "me in /usr\n"
    site.stop(*state.services)
    site.start(*state.services)
    assert site.read("web", "/data/last") == "bye\n"


def test_injected_files_are_there_before_the_first_line_runs(site: Site) -> None:
    secret = InjectedFile(target="/run/secrets/key", content=b"s3cret", mode=0o400, uid=1000, gid=1000)
    web = shell("web", "stat -c '%a %u %g' /run/secrets/key > /tmp/seen; exec sleep 600", injected=(secret,))
    site.up(wanted(site, web))
    assert site.read("web", "/tmp/seen") == "400 1000 1000\n"
    assert site.read("web", "/run/secrets/key") == "s3cret"


def test_scaled_replicas_have_their_static_addresses(site: Site) -> None:
    base = site.subnet.rsplit(".", 1)
    last = int(base[1].split("/")[0])
    slots = tuple(Placement(number=at, addresses={site.network: f"{base[0]}.{last + 15 + at}"}) for at in (1, 2, 3))
    web = shell("web", "exec sleep 600", replicas=2, placements=slots)
    site.up(wanted(site, web))
    addresses = {seen.addresses[site.network] for seen in site.observe().containers}
    assert addresses == {slot.addresses[site.network] for slot in slots[:2]}


def test_a_stopped_environment_stays_down_and_comes_back(site: Site) -> None:
    db = shell("db", READY, health=checked("test -e /tmp/ready", interval=60.0))
    web = shell("web", "exec sleep 600", Dependency(service="db", condition="service_healthy"))
    state = wanted(site, db, web)
    site.up(state)
    site.stop(*state.services)
    assert {(seen.state, seen.restart) for seen in site.observe().containers} == {("exited", "no")}
    site.start(*state.services)
    assert {(seen.state, seen.restart) for seen in site.observe().containers} == {("running", "always")}


def test_a_port_that_answers_is_readiness_and_one_that_does_not_is_a_note(site: Site) -> None:
    accept = "my $s = IO::Socket::INET->new(Listen => 5, LocalPort => 8000) or die; sleep 600"
    listen = f"sleep 0.3; exec perl -MIO::Socket -e '{accept}'"
    web = shell("web", listen, ready_port=8000, ready_network=site.network)
    mute = shell("mute", "exec sleep 600", ready_port=9229, ready_network=site.network)
    outcome = site.up(wanted(site, web, mute))
    assert {result.service: result.how for result in outcome.readiness} == {"web": "port", "mute": "running"}
    assert site.notes() == ["mute: port 9229 does not answer, taken as ready because it runs"]


def test_a_healthcheck_that_only_the_container_knows_is_seen_early(site: Site) -> None:
    service, more = shell("db", READY, image_health=True)
    state = wanted(site, (service, {**more, "healthcheck": {"test": ["CMD", "test", "-e", "/tmp/ready"], "interval": "60s"}}))
    outcome = site.up(state)
    assert [result.how for result in outcome.readiness] == ["early"]


def test_an_external_volume_is_copied_with_owners_and_modes(site: Site) -> None:
    theirs = site.id.object_name("theirs")
    site.engine.create_volume(VolumeSpec(name=theirs))
    write = "mkdir /data/a; echo 1 > /data/a/b; chown 7:8 /data/a/b; chmod 640 /data/a/b"
    site.engine.run_tool(
        ToolSpec(
            name=f"{theirs}-writer",
            image=IMAGE,
            command=("sh", "-c", write),
            binds=(f"{theirs}:/data",),
            capabilities_dropped=False,
        )
    )
    copy = VolumeWanted(key="copy", name=site.id.object_name("copy"), clone_of=theirs)
    service, more = shell("web", "exec sleep 600", volumes=(copy.name,))
    state = replace(wanted(site, (service, {**more, "volumes": ["copy:/data"]})), volumes=(copy,))
    state.model["volumes"] = {"copy": {"name": copy.name}}
    try:
        site.up(state)
        seen = site.engine.execute(site.of("web").id, ("stat", "-c", "%a %u %g", "/data/a/b"))
        assert seen.stdout == b"640 7 8\n"
    finally:
        site.engine.remove_volume(theirs)


class Killed(BaseException):
    """Stands for the end of the process between two steps."""


@pytest.mark.parametrize("at", range(1, 9))
def test_a_run_that_is_cut_off_after_any_step_is_finished_by_the_next(
    site: Site, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = shell("db", READY, health=checked("test -e /tmp/ready", interval=60.0))
    migrate = shell("migrate", "exit 0", Dependency(service="db", condition="service_healthy"), one_shot=True)
    web = shell(
        "web",
        "exec sleep 600",
        Dependency(service="migrate", condition="service_completed_successfully"),
        injected=(InjectedFile(target="/etc/key", content=b"k"),),
    )
    state = wanted(site, db, migrate, web)
    from localenv.actions.executor.effects import Effects

    lock, count = threading.Lock(), [0]
    act = Effects.__call__

    def until(self: Effects, step: Step) -> None:
        with lock:
            count[0] += 1
            over = count[0] > at
        if over:
            raise Killed
        act(self, step)

    with monkeypatch.context() as cut:
        cut.setattr(Effects, "__call__", until)
        with pytest.raises(Killed):
            site.up(state)
    site.up(state)
    assert site.plan(state).changes == ()
    assert site.read("web", "/etc/key") == "k"
    assert site.of("migrate").exit_code == 0
