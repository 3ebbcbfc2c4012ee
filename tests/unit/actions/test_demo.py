"""What the demo takes for well, and what it removes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from localenv.actions.demo import NAMES, Demo, rows_told
from localenv.actions.lifecycle import LifecycleResult
from localenv.actions.up_request import UpRequest, UpResult
from localenv.core.names import EnvironmentId
from localenv.core.plan import Plan
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_ledger import MemoryLedger


@dataclass
class Patience:
    """A clock on which waiting costs nothing."""

    passed: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.passed

    def pause(self, seconds: float) -> None:
        self.passed += seconds


@dataclass
class World:
    """A router that serves five pages, and what was asked of ``up`` and ``destroy``."""

    about: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    page: str = "this is {name}"
    requests: list[UpRequest] = field(default_factory=list)
    destroyed: list[EnvironmentId] = field(default_factory=list)

    def demo(self, ledger: MemoryLedger | None = None) -> Demo:
        return Demo(
            up=cast("Any", lambda: self.up),
            lifecycle=cast("Any", lambda: self.lifecycle),
            engine=MemoryEngine(),
            ledger=ledger or MemoryLedger(),
            clock=Patience(),
            ask=self.ask,
        )

    def up(self, request: UpRequest) -> list[UpResult]:
        self.requests.append(request)
        return [self.result(name) for name in request.names]

    def result(self, name: str) -> UpResult:
        environment = EnvironmentId(project="shop", name=name)
        url = f"https://{name}.shop.localhost:8443"
        return UpResult(id=environment, plan=Plan(environment=environment), exposures=({"primary": True, "url": url},))

    def ask(self, host: str, path: str) -> tuple[int, bytes] | None:
        name = host.partition(".")[0]
        if path == "/":
            return 200, self.page.format(name=name.title()).encode()
        told = self.about.get(name, {"tier": name, "environment": name, "counts": {"orders": 3}})
        return None if told is None else (200, json.dumps(told).encode())

    def lifecycle(self, verb: str, environments: list[EnvironmentId]) -> list[LifecycleResult]:
        assert verb == "destroy"
        self.destroyed += environments
        return [LifecycleResult(id=each, plan=Plan(environment=each), seconds=0.1) for each in environments]


def test_all_tiers_come_up_in_one_call_and_are_asked_by_name() -> None:
    world = World()
    result = world.demo()("/code/shop")
    assert [(request.directory, request.names) for request in world.requests] == [("/code/shop", NAMES)]
    assert (result.well, result.changed) == (True, False)
    assert [(each.id.name, each.counts) for each in result.environments] == [(name, {"orders": 3}) for name in NAMES]


def test_a_page_of_another_tier_is_wrong() -> None:
    world = World(about={"uat": {"tier": "staging", "environment": "staging"}})
    result = world.demo()("/code/shop")
    assert {each.id.name: each.wrong for each in result.environments if each.wrong} == {
        "uat": "it says that it is staging (staging)"
    }


def test_no_trusted_answer_is_wrong() -> None:
    result = World(about={"preview": None}).demo()("/code/shop")
    assert {each.id.name: each.wrong for each in result.environments if each.wrong} == {"preview": "no trusted answer over HTTPS"}


def test_a_page_that_does_not_name_its_tier_is_wrong() -> None:
    assert not World(page="nothing of that").demo()("/code/shop").well


def test_down_takes_every_environment_of_the_project_and_says_so() -> None:
    world = World()
    others = EnvironmentRecord(id=EnvironmentId(project="blog", name="uat"), tier="uat", directory="/blog")
    own = EnvironmentRecord(id=EnvironmentId(project="shop", name="discount-7"), tier="preview", directory="/shop")
    ledger = MemoryLedger(own, others)
    world.demo(ledger).down("shop", actor="somebody")
    assert world.destroyed == [own.id]
    (entry,) = ledger.audit_entries()
    assert (entry.actor, entry.command, entry.reason, entry.outcome) == ("somebody", "destroy", "demo --down", "done")


def test_amounts_of_money_are_no_rows() -> None:
    assert rows_told({"orders": 2, "taken_cents": 100, "customers": 1}) == [("customers", 1), ("orders", 2)]
