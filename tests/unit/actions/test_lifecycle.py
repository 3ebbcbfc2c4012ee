from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from localenv.actions.discard_sources import DiscardSources
from localenv.actions.lifecycle import Lifecycle, Verb
from localenv.actions.volumes import Volumes
from localenv.adapters.clock import SystemClock
from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.core.plan import Plan
from localenv.core.wanted import Model, ServiceWanted
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_ledger import MemoryLedger, MemoryLocks
from tests.fakes.memory_volumes import MemoryVolumeStore
from tests.unit.plan.planning import STAGING, service

RECORD = EnvironmentRecord(id=STAGING, tier="staging", directory="/code/shop", ready="2026-01-01T00:00:00Z")


class Sources:
    """Worktrees and built images."""

    def __init__(self, did: list[str]) -> None:
        self.did = did

    def remove(self, what: object, *, but: str | None = None) -> bool:
        assert but is None
        self.did.append(f"image {what}" if isinstance(what, str) else "worktree")
        return True


class World:
    """Store, router and executor in one: ``did`` tells in which order they were asked."""

    def __init__(self, *services: ServiceWanted) -> None:
        self.engine = MemoryEngine()
        self.ledger = MemoryLedger(RECORD)
        self.locks = MemoryLocks()
        self.known = services
        self.did: list[str] = []
        self.plans: list[Plan] = []
        self.fails: Exception | None = None
        self.sources = Sources(self.did)
        me: Any = self
        self.lifecycle = Lifecycle(
            engine=self.engine,
            ledger=self.ledger,
            locks=self.locks,
            store=me,
            router=me,
            executor=me,
            clock=SystemClock(),
            volumes=Volumes(self.engine, MemoryVolumeStore(self.engine), me),
            discard=DiscardSources(ledger=self.ledger, store=me, folders=me.sources, images=me.sources),
        )

    def runs(self, name: str = "web") -> None:
        self.engine.add_image(f"{name}:1")
        own = {labels.OWNER: "test", labels.PROJECT: "shop", labels.ENVIRONMENT: "staging", labels.COMPOSE_SERVICE: name}
        self.engine.start(self.engine.create_container(name, f"{name}:1", labels=own, restart="always"))

    def do(self, verb: Verb, **given: Any) -> str:
        (result,) = self.lifecycle(verb, [STAGING], **given)
        return ", ".join(step.id for step in result.plan.changes)

    def rendered(self, environment: EnvironmentId) -> Model | None:
        if "folder" in self.did and environment == STAGING:
            return None
        return {"services": {"web": {"image": f"localenv/{environment.project}/web:1"}, "db": {"image": "postgres:16"}}}

    def services(self, _environment: object) -> tuple[ServiceWanted, ...]:
        return self.known

    def published(self, _environment: object) -> str | None:
        return "revision"

    def ensure(self) -> None:
        self.did.append("router")

    def withdraw(self, _environment: object) -> None:
        self.did.append("withdraw")

    def remove(self, _environment: object) -> None:
        self.did.append("folder" if self.ledger.record(STAGING) else "folder of nobody")

    def run(self, plan: Plan) -> None:
        assert STAGING in self.locks.held
        self.plans.append(plan)
        if self.fails:
            raise self.fails

    def interrupt(self) -> None:
        raise AssertionError("nothing was interrupted")


def test_destroy_forgets_the_record_last_so_that_it_can_be_said_again() -> None:
    world = World()
    world.runs()
    assert "remove container" in world.do("destroy")
    assert world.did == ["withdraw", "folder", "worktree"]
    assert world.ledger.records() == []
    assert world.locks.discarded == [STAGING]


def test_images_that_were_built_for_a_preview_go_with_it() -> None:
    world = World()
    world.ledger.save(replace(RECORD, kind="preview"))
    world.do("destroy")
    assert world.did == ["withdraw", "folder", "image localenv/shop/web:1", "worktree"]


def test_images_that_another_environment_runs_stay() -> None:
    world = World()
    world.ledger.save(replace(RECORD, kind="preview"))
    world.ledger.save(replace(RECORD, id=EnvironmentId(project="shop", name="other")))
    world.do("destroy")
    assert world.did == ["withdraw", "folder", "worktree"]


def test_a_destroy_that_fails_leaves_its_record() -> None:
    world = World()
    world.runs()
    world.fails = RuntimeError("killed")
    with pytest.raises(RuntimeError):
        world.do("destroy")
    assert (world.ledger.records(), world.did) == ([RECORD], [])


def test_a_dry_run_does_nothing_and_takes_no_lock() -> None:
    world = World()
    world.runs()
    assert world.do("start", dry_run=True) == ""
    assert "remove container" in world.do("destroy", dry_run=True)
    assert (world.did, world.plans, world.locks.taken, world.ledger.records()) == ([], [], [], [RECORD])


@pytest.mark.parametrize(("verb", "stopped"), [("stop", True), ("start", False), ("restart", False), ("down", False)])
def test_whether_a_person_stopped_it_is_remembered(verb: Verb, stopped: bool) -> None:
    world = World(service("web"))
    world.runs()
    world.do(verb)
    record = world.ledger.record(STAGING)
    assert record is not None
    assert record.stopped is stopped
    assert (record.ready != RECORD.ready) is (verb in {"start", "restart"})


@pytest.mark.parametrize("verb", ["start", "restart"])
def test_what_starts_needs_the_router(verb: Verb) -> None:
    world = World(service("web"))
    world.runs()
    world.do(verb)
    assert world.did == ["router"]


def test_without_the_state_directory_labels_tell_what_to_stop() -> None:
    world = World()
    world.runs("web")
    world.runs("db")
    told = world.do("stop")
    assert "web" in told
    assert "db" in told
