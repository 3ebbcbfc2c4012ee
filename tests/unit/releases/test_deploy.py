"""A rollback with data puts by the data that it replaces, once, and writes down where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from localenv.actions.deploy import Deploy, DeployRequest
from localenv.actions.replace_data import ReplaceRequest
from localenv.actions.snapshots import TakeRequest
from localenv.actions.up_request import UpRequest
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Deployment
from localenv.core.releases.model import Release
from localenv.core.snapshots.model import Snapshot
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_ledger import MemoryLedger, MemoryLocks

STAGING = EnvironmentId(project="shop", name="staging")


def snapshot(name: str) -> Snapshot:
    return Snapshot(
        id=name,
        kind="automatic",
        method="overlay",
        project="shop",
        environment="staging",
        tier="staging",
        created="t",
        volumes=(),
    )


class Killed(BaseException):
    """Stands for SIGKILL."""


class Machine:
    """What a deployment touches, as one object; ``dies`` while data is replaced for the first time."""

    def __init__(self, *, dies: bool) -> None:
        self.dies = dies
        self.taken: list[TakeRequest] = []
        self.replaced: list[ReplaceRequest] = []
        self.known: list[Deployment] = []
        self.project: Callable[[UpRequest], None] = lambda _request: None

    def deployments(self, _project: str, **_: Any) -> list[Deployment]:
        return list(self.known)

    def begin(self, deployment: Deployment) -> Deployment:
        self.known.insert(0, deployment)
        return deployment

    def keep_snapshot(self, _number: int, name: str) -> None:
        object.__setattr__(self.known[0], "snapshot", name)

    def end(self, *_: Any, **__: Any) -> None:
        return

    def take(self, request: TakeRequest) -> Snapshot:
        self.taken.append(request)
        return snapshot(f"taken-{len(self.taken)}")

    def kept(self, identifier: str) -> Snapshot | None:
        return snapshot("taken-1") if identifier == "taken-1" else None

    def replace(self, request: ReplaceRequest) -> SimpleNamespace:
        self.replaced.append(request)
        if self.dies and len(self.replaced) == 1:
            raise Killed
        return SimpleNamespace(up="up")


def deploy(machine: Machine) -> Deploy:
    record = EnvironmentRecord(id=STAGING, tier="staging", directory="/shop", release="r2", ready="t")
    parts: dict[str, Any] = {
        "up": machine,
        "replace_data": machine.replace,
        "snapshots": machine,
        "ledger": MemoryLedger(record),
        "deliveries": machine,
        "releases": SimpleNamespace(changed_file=lambda _release: None),
        "locks": MemoryLocks(),
        "clock": SimpleNamespace(now=lambda: datetime(2026, 1, 1, tzinfo=UTC)),
        "progress": SimpleNamespace(emit=lambda _message: None),
    }
    return Deploy(**parts)


REQUEST = DeployRequest(
    directory="/shop",
    id=STAGING,
    release=Release(name="r1", project="shop", created="t", by="ann", images=()),
    kind="rollback",
    actor="ann",
    data=snapshot("wanted"),
)


def test_data_that_is_replaced_can_be_had_back_by_the_history() -> None:
    machine = Machine(dies=False)
    deployed = deploy(machine)(REQUEST)
    assert machine.known[0].snapshot == "taken-1"
    assert deployed.snapshot == snapshot("taken-1")
    assert [(each.snapshot, each.backup) for each in machine.replaced] == [(snapshot("wanted"), False)]
    assert machine.taken[0].spare == snapshot("wanted"), "or the third oldest would go before it is restored"


def test_what_a_killed_one_left_half_done_is_not_put_by_in_place_of_the_data() -> None:
    machine = Machine(dies=True)
    with pytest.raises(Killed):
        deploy(machine)(REQUEST)
    deploy(machine)(REQUEST)
    assert len(machine.taken) == 1
    assert machine.known[0].snapshot == "taken-1"
    assert [each.backup for each in machine.replaced] == [False, False]


class Replaced(Exception):
    """Stands for another project in the directory."""


def test_nothing_is_begun_where_another_project_stands_in_the_directory() -> None:
    def other(_request: UpRequest) -> None:
        raise Replaced

    machine = Machine(dies=False)
    machine.project = other
    with pytest.raises(Replaced):
        deploy(machine)(REQUEST)
    assert (machine.known, machine.taken, machine.replaced) == ([], [], [])
