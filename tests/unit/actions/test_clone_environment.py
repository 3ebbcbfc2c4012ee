from __future__ import annotations

from typing import Any

import pytest

from localenv.actions.clone_environment import CloneEnvironment, CloneRequest
from localenv.actions.refused_data import DataRefused
from localenv.actions.snapshots import Listed, TakeRequest
from localenv.actions.up_request import UpRequest
from localenv.core.configuration.tier import Classification
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Snapshot, SnapshotKind
from localenv.errors import InvalidInput
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_ledger import MemoryLedger

ORIGIN = EnvironmentId(project="shop", name="staging")


def snapshot(name: str, kind: SnapshotKind = "clone", environment: str = "staging") -> Snapshot:
    return Snapshot(
        id=name,
        kind=kind,
        method="overlay",
        project="shop",
        environment=environment,
        tier="staging",
        created="2026-01-01T00:00:00Z",
        volumes=(),
    )


class Upping:
    """``up``, which takes masked data and nothing above."""

    def __init__(self, did: list[str]) -> None:
        self.did = did

    def refuse_brought(self, _request: UpRequest, classes: dict[str, str], _origin: str) -> None:
        if "real" in classes.values():
            raise DataRefused("real data stays where it is")

    def __call__(self, request: UpRequest) -> list[Any]:
        self.did.append(f"up {' '.join(request.names)} from {request.snapshot}")
        return list(request.names)


class World:
    """Snapshots and ``up`` in one: ``did`` tells what they were asked for."""

    def __init__(self, *there: Snapshot) -> None:
        self.there = there
        self.ledger = MemoryLedger()
        self.did: list[str] = []
        me: Any = self
        up: Any = Upping(self.did)
        self.clone = CloneEnvironment(snapshots=me, up=up, ledger=self.ledger)

    def knows(self, name: str, stands_on: str | None, ready: str | None = None) -> None:
        environment = EnvironmentId(project="shop", name=name)
        self.ledger.save(EnvironmentRecord(id=environment, tier="staging", directory="/", snapshot=stands_on, ready=ready))

    def listed(self, _project: str) -> Listed:
        return Listed(snapshots=self.there)

    def take(self, request: TakeRequest) -> Snapshot:
        self.did.append(f"take {request.id.name}")
        return snapshot("new")

    def classes(self, _environment: EnvironmentId) -> dict[str, str]:
        return {"data": "masked"}

    def __call__(self, *names: str, classification: Classification | None = None) -> Any:
        request = CloneRequest(id=ORIGIN, origin_tier="staging", directory="/", names=names, classification=classification)
        return self.clone(request)


def test_a_clone_begins_as_a_snapshot_of_now() -> None:
    world = World(snapshot("earlier"))
    assert world("one", "two").results == ["one", "two"]
    assert world.did == ["take staging", "up one two from new"]


def test_data_that_no_clone_may_have_is_not_even_frozen() -> None:
    world = World()
    with pytest.raises(DataRefused):
        world("one", classification="real")
    assert world.did == []


def test_what_a_killed_run_began_is_finished_with_the_data_of_that_run() -> None:
    world = World(snapshot("earlier"))
    world.knows("one", "earlier")
    assert world("one", "two").snapshot.id == "earlier"
    assert world.did == ["up one from None", "up two from earlier"]


@pytest.mark.parametrize(
    ("stands_on", "ready"),
    [("earlier", "2026-01-01T00:00:00Z"), (None, None), ("named", None), ("another", None), ("gone", None)],
)
def test_an_environment_that_is_no_unfinished_clone_of_this_one_is_left_alone(stands_on: str | None, ready: str | None) -> None:
    world = World(snapshot("earlier"), snapshot("named", "named"), snapshot("another", environment="production"))
    world.knows("one", stands_on, ready)
    with pytest.raises(InvalidInput, match="one already"):
        world("one", "two")
    assert world.did == []
