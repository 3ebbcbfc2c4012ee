"""How the router starts, is found again, is mended, and gives way."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.router import TraefikRouter
from localenv.core.labels import SPEC
from localenv.core.routes.ports import PortWishes
from localenv.errors import LocalenvError, Unavailable
from localenv.ports.engine import ExecResult, ToolSpec
from tests.e2e.router.conftest import Machine, eventually, free_port, machine
from tests.e2e.router.test_router_serves import get

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Machine]:
    """A machine whose router was never started."""
    made = machine(tmp_path, "host", 40)
    try:
        yield made
    finally:
        made.remove()
        made.ledger.close()
        made.engine.close()


def container(made: Machine) -> str:
    return f"localenv-router-{made.engine.owner}"


def identity(made: Machine) -> str:
    seen = made.engine.tool(container(made))
    assert seen is not None
    return seen["id"]


def without_wishes(made: Machine) -> TraefikRouter:
    """The same installation's router where nobody asked for particular ports."""
    return TraefikRouter(
        engine=made.engine,
        certificates=made.certificates,
        ledger=made.ledger,
        clock=made.router._clock,
        directory=made.home / "router",
        free_subnet=lambda: next(made.blocks),
    )


@contextlib.contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_before_the_first_start_it_is_absent(alone: Machine) -> None:
    assert alone.router.status().state == "absent"
    assert alone.router.probe("web.staging.shop.localhost", "/", 1) is None


def test_it_listens_on_loopback_only_and_runs_with_next_to_nothing(alone: Machine) -> None:
    alone.router.ensure(mode="host")
    listeners = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout.splitlines()
    mine = {line.split()[3] for line in listeners if line.split()[3].endswith((f":{alone.http_port}", f":{alone.https_port}"))}
    assert mine
    assert all(address.startswith(("127.0.0.1:", "[::1]:")) for address in mine)
    template = "{{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}} {{.HostConfig.SecurityOpt}} {{range .Mounts}}{{.RW}}{{end}}"
    done = subprocess.run(["docker", "inspect", "-f", template, container(alone)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[ALL] [] [no-new-privileges] false"


def test_a_second_start_changes_nothing(alone: Machine) -> None:
    first = alone.router.ensure(mode="host")
    before = identity(alone)
    assert alone.router.ensure() == first
    assert identity(alone) == before


@pytest.mark.parametrize("mishap", ["kill", "rm"])
def test_what_was_killed_or_removed_is_mended(alone: Machine, mishap: str) -> None:
    alone.router.ensure(mode="host")
    environment = alone.environment("staging")
    alone.up(environment)
    subprocess.run(["docker", mishap, *(["-f"] if mishap == "rm" else []), container(alone)], capture_output=True, check=True)
    assert alone.router.status().state in {"stopped", "absent"}
    status = alone.router.ensure()
    assert status.state == "running"
    assert (status.http_port, status.https_port) == (alone.http_port, alone.https_port)
    assert get(alone, environment.id.host("localhost"))[0] == 200


def test_lost_route_files_and_ledger_are_written_anew(alone: Machine) -> None:
    alone.router.ensure(mode="host")
    (alone.home / "router" / "dynamic" / "localenv.yaml").unlink()
    alone.ledger.set_setting("router", "{broken")
    assert alone.router.ensure(mode="host").state == "running"
    environment = alone.environment("staging")
    alone.up(environment)
    assert get(alone, environment.id.host("localhost"))[0] == 200


def test_two_commands_at_once_start_one_router(alone: Machine) -> None:
    barrier = threading.Barrier(4)

    def ensure(_number: int) -> str:
        barrier.wait()
        return alone.router.ensure(mode="host").state

    with ThreadPoolExecutor(4) as workers:
        assert list(workers.map(ensure, range(4))) == ["running"] * 4
    label = f"label=localenv.owner={alone.engine.owner}"
    done = subprocess.run(["docker", "ps", "-q", "--filter", label], capture_output=True, text=True, check=True)
    assert len(done.stdout.split()) == 1


def test_a_wished_port_that_is_taken_names_its_holder(alone: Machine) -> None:
    with listening() as port, pytest.raises(Unavailable, match=rf"port {port} is held by .*pid \d+") as caught:
        alone.router.ensure(mode="host", ports=(free_port(), port))
    assert caught.value.code_of_case == "port-taken"
    assert alone.router.status().state == "absent"


def test_remembered_ports_that_were_taken_meanwhile_are_replaced_and_told(alone: Machine) -> None:
    alone.router.ensure(mode="host")
    alone.router.stop()
    with socket.create_server(("127.0.0.1", alone.https_port)):
        status = without_wishes(alone).ensure(mode="host")
    assert status.https_port != alone.https_port
    assert any(f"port {alone.https_port} is held by" in detail for detail in status.details)


def test_other_ports_are_taken_on_request_and_kept(alone: Machine) -> None:
    alone.router.ensure(mode="host")
    environment = alone.environment("staging")
    alone.up(environment)
    wanted = (free_port(), free_port())
    status = alone.router.ensure(mode="host", ports=wanted)
    assert (status.http_port, status.https_port) == wanted
    kept = without_wishes(alone).ensure()
    assert (kept.http_port, kept.https_port) == wanted
    assert without_wishes(alone).probe(environment.id.host("localhost"), "/", 5) == 200


class Rootless(DockerEngine):
    """Refuses to publish ports below 1024, as an engine without root's rights does."""

    def run_tool(self, spec: ToolSpec, *, wait: bool = True, archive: tuple[str, bytes] | None = None) -> ExecResult | None:
        if any(number < 1024 for _address, number in spec.ports.values()):
            raise LocalenvError("cannot expose privileged port", code="engine-refused")
        return super().run_tool(spec, wait=wait, archive=archive)


def test_an_engine_that_may_not_publish_the_usual_ports_gets_others(alone: Machine) -> None:
    clock = alone.router._clock
    with contextlib.closing(Rootless(owner=alone.engine.owner, clock=clock, environment=os.environ)) as engine:
        router = TraefikRouter(
            engine=engine,
            certificates=alone.certificates,
            ledger=alone.ledger,
            clock=clock,
            directory=alone.home / "router",
            free_subnet=lambda: next(alone.blocks),
            wishes=PortWishes(postgres=free_port()),
        )
        status = router.ensure(mode="attached")
    assert status.state == "running"
    assert min(status.http_port, status.https_port) >= 1024


def test_two_installations_have_a_router_each(alone: Machine, tmp_path_factory: pytest.TempPathFactory) -> None:
    alone.router.ensure(mode="host")
    other = machine(tmp_path_factory.mktemp("other"), "host", 41)
    try:
        other.router.ensure(mode="host")
        assert alone.router.status().state == other.router.status().state == "running"
        other.router.stop()
        assert alone.router.status().state == "running"
    finally:
        other.remove()
        other.ledger.close()
        other.engine.close()


def test_stopping_leaves_no_container_and_no_network(alone: Machine) -> None:
    alone.router.ensure(mode="attached")
    alone.router.stop()
    alone.router.stop()
    label = f"label=localenv.owner={alone.engine.owner}"
    for listing in (["ps", "-aq"], ["network", "ls", "-q"]):
        assert not subprocess.run(["docker", *listing, "--filter", label], capture_output=True, text=True, check=True).stdout


def test_an_attached_router_that_was_replaced_stands_in_every_network_again(alone: Machine) -> None:
    alone.mode = "attached"
    alone.router.ensure(mode="attached")
    environments = [alone.environment(name) for name in ("one", "two")]
    for environment in environments:
        alone.up(environment)
    subprocess.run(["docker", "rm", "-f", container(alone)], capture_output=True, check=True)
    alone.router.ensure()
    for environment in environments:
        eventually(lambda at=environment: get(alone, at.id.host("localhost"))[0] == 200, "it answers")  # type: ignore[misc]


def test_a_change_of_mode_takes_routes_that_were_made_for_the_other(alone: Machine) -> None:
    """Routes of host mode demand no client address: an attached router would serve them to every container."""
    alone.router.ensure(mode="host")
    environment = alone.environment("staging")
    alone.up(environment)
    status = alone.router.ensure(mode="attached")
    assert status.environments == ()
    assert any(environment.id.compose_project in detail for detail in status.details)
    assert get(alone, environment.id.host("localhost"), verify=False)[0] == 404
    assert not alone.router.is_current(environment.id, "localhost", environment.routes)


def test_the_label_says_what_it_was_made_from(alone: Machine) -> None:
    alone.router.ensure(mode="host")
    seen = alone.engine.tool(container(alone))
    assert seen is not None
    assert len(seen[SPEC]) == 16
    assert alone.router._wishes == PortWishes(
        http=alone.http_port, https=alone.https_port, postgres=alone.router.status().postgres_port
    )


def test_another_release_gives_its_own_settings(alone: Machine) -> None:
    """A router that an older release had started kept that release's retries and limits."""
    alone.router.ensure(mode="host")
    before = identity(alone)
    setting = alone.ledger.setting("router")
    assert setting is not None
    known = json.loads(setting)
    alone.ledger.set_setting("router", json.dumps(known | {"shape": "of an older release"}))
    alone.router.ensure()
    assert identity(alone) != before
    assert json.loads(alone.ledger.setting("router") or "") == known


def test_its_log_is_empty_when_all_is_well(alone: Machine) -> None:
    alone.router.ensure(mode="host")
    environment = alone.environment("staging")
    alone.up(environment)
    assert alone.router.logs(50) == ()
