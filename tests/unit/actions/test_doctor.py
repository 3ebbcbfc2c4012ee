from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from localenv.actions.doctor import Doctor, Finding
from localenv.core.wanted import Allocations
from localenv.errors import Unavailable
from localenv.ports.engine import NetworkSpec
from localenv.ports.router import RouterStatus
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_ledger import MemoryLedger
from tests.unit.plan.planning import STAGING

GIB = 1024**3


class World:
    """Host, router and Compose in one."""

    def __init__(self) -> None:
        self.engine = MemoryEngine()
        self.ledger = MemoryLedger()
        self.names: tuple[str, ...] = ("127.0.0.1", "::1")
        self.free = 50 * GIB
        self.routes: tuple[str, ...] = ()
        self.router = RouterStatus(state="running", mode="host", http_port=80, https_port=443, version="v3.7")
        self.fails: Unavailable | None = None
        self.more: Mapping[str, Callable[[], Iterator[Finding]]] = {}
        self.holders: dict[int, str] = {}

    def version(self) -> str:
        if self.fails:
            raise self.fails
        return "2.26.1"

    def status(self) -> RouterStatus:
        return self.router

    def resolves(self, _name: str) -> tuple[str, ...]:
        return self.names

    def free_bytes(self, _path: str) -> int:
        return self.free

    def reserved_networks(self) -> tuple[str, ...]:
        return self.routes

    def findings(self) -> dict[str, Finding]:
        me: Any = self
        doctor = Doctor(
            self.engine,
            me,
            me,
            me,
            self.ledger,
            pool="10.231.0.0/16",
            home="/state",
            trust=lambda: iter([Finding(subject="trust", state="ok", text="trusted")]),
            more=self.more,
            holder=self.holders.get,
        )
        return {finding.subject: finding for finding in doctor()}


def test_a_machine_that_has_everything_is_ok() -> None:
    found = World().findings()
    assert {finding.state for finding in found.values()} == {"ok"}
    assert found.keys() >= {"engine", "compose", "router", "names", "trust", "addresses", "disk"}


def test_a_check_that_cannot_be_made_is_a_finding_and_the_others_go_on() -> None:
    world = World()
    world.fails = Unavailable("no Compose plugin", hints=("install it",))
    found = world.findings()
    assert (found["compose"].state, found["compose"].text, found["compose"].fix) == ("mend", "no Compose plugin", "install it")
    assert found["disk"].state == "ok"


@pytest.mark.parametrize("names", [(), ("203.0.113.7",), ("127.0.0.1", "203.0.113.7")])
def test_names_that_do_not_lead_here_are_told_with_the_command_that_mends_it(names: tuple[str, ...]) -> None:
    world = World()
    world.names = names
    assert (world.findings()["names"].state, world.findings()["names"].fix) == ("look", "localenv hosts --write")


def test_little_room_on_the_disk_has_to_be_mended() -> None:
    world = World()
    world.free = GIB
    assert world.findings()["disk"].state == "mend"
    assert world.findings()["disk"].text == "1 GB free"


def test_addresses_that_others_use_too_are_named_and_those_held_here_are_counted() -> None:
    world = World()
    world.ledger.allocate(STAGING, Allocations(subnets={"n": "10.231.0.0/27"}))
    world.engine.create_network(NetworkSpec(name="n", subnet="10.231.0.0/27"))
    assert world.findings()["addresses"].text == "10.231.0.0/16: 2,047 of 2,048 blocks left"
    world.routes = ("10.231.8.0/24", "192.168.0.0/16")
    told = world.findings()["addresses"]
    assert (told.state, "10.231.8.0/24" in told.text, "192.168" in told.text) == ("look", True, False)


def test_who_has_the_routers_port_is_named() -> None:
    world = World()
    world.router = RouterStatus(state="absent", mode="host", http_port=80, https_port=443)
    assert world.findings()["router"].state == "ok"
    world.holders = {443: "nginx, process 12"}
    assert "port 443 is used by nginx, process 12" in world.findings()["router"].text


def test_a_router_that_failed_says_why() -> None:
    world = World()
    world.router = RouterStatus(state="failed", mode="host", http_port=80, https_port=443, details=("bad file",))
    assert (world.findings()["router"].state, world.findings()["router"].text) == ("mend", "bad file")
