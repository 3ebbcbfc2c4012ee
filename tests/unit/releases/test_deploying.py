"""What a deployment writes down, and where a rollback goes, also after a command that was killed."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from localenv.actions.approvals import RollBack, RollBackRequest
from localenv.actions.deploy import Deploy, DeployRequest
from localenv.actions.promote import Promoted
from localenv.actions.replace_data import ReplaceRequest
from localenv.actions.snapshots import TakeRequest
from localenv.actions.up_request import UpRequest
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Deployment, DeploymentKind
from localenv.core.releases.gates import GateResult
from localenv.core.releases.model import Release
from localenv.core.snapshots.model import Snapshot
from localenv.errors import LocalenvError
from localenv.errors.delivery import RolledBack
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_deliveries import MemoryDeliveries
from tests.fakes.memory_ledger import MemoryLedger

LIVE = EnvironmentId(project="shop", name="production")


class Killed(BaseException):
    """The command is gone from one moment to the next."""


class World:
    """Everything that a deployment touches: ``broken`` releases fail, ``did`` tells what was asked for."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        self.deliveries = MemoryDeliveries()
        self.snapshots: list[Snapshot] = []
        self.broken: dict[str | None, BaseException] = {}
        self.did: list[str] = []
        self.without_volumes = False
        me: Any = self
        self.deploying = Deploy(
            up=me,
            replace_data=self.restore,  # type: ignore[arg-type] # a stand-in
            snapshots=me,
            ledger=self.ledger,
            deliveries=self.deliveries,
            releases=me,
            locks=me,
            clock=me,
            progress=me,
        )
        self.roll_back = RollBack(
            project=me.project, releases=me, snapshots=me, ledger=self.ledger, deliveries=self.deliveries, deploy=self.deploying
        )

    def __call__(self, request: UpRequest) -> list[Any]:
        self.did.append(f"up {request.release}")
        if request.release in self.broken:
            raise self.broken[request.release]
        record = self.ledger.record(LIVE) or EnvironmentRecord(id=LIVE, tier="production", directory="/")
        self.ledger.save(replace(record, release=request.release, ready="t"))
        return [f"up of {request.release}"]

    def project(self, _asked: object) -> Any:
        return SimpleNamespace(settings=SimpleNamespace(project="shop"))

    def restore(self, request: ReplaceRequest) -> Any:
        assert request.snapshot is not None
        self.did.append(f"restore {request.snapshot.id}")
        self(UpRequest(directory="/", names=(LIVE.name,), release=request.release))
        return type("Replaced", (), {"up": "restored"})

    def take(self, request: TakeRequest) -> Snapshot:
        if self.without_volumes:
            raise LocalenvError("it has none", code="no-volumes")
        self.snapshots.append(
            Snapshot(
                id=f"data {len(self.snapshots) + 1}",
                kind="automatic",
                method="overlay",
                project="shop",
                environment=request.id.name,
                tier="production",
                created="t",
                volumes=(),
            )
        )
        return self.snapshots[-1]

    def kept(self, identifier: str | None) -> Snapshot | None:
        return next((each for each in self.snapshots if each.id == identifier), None)

    def release(self, project: str, name: str) -> Release:
        return Release(name=name, project=project, created="t", by="ann", images=())

    def changed_file(self, _release: Release) -> None:
        return None

    def deployments(self, _environment: EnvironmentId) -> AbstractContextManager[None]:
        return nullcontext()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def emit(self, _event: object) -> None:
        pass

    def deploy(self, release: str, *, kind: DeploymentKind = "promote", forced: bool = False, reason: str = "") -> None:
        self.deploying(
            DeployRequest(
                directory="/",
                id=LIVE,
                release=self.release("shop", release),
                kind=kind,
                actor="ann",
                forced=forced,
                reason=reason,
            )
        )

    def cut_off(self, release: str) -> None:
        """Kill a deployment while it brings the release up."""
        self.broken[release] = Killed()
        with pytest.raises(Killed):
            self.deploy(release)
        del self.broken[release]

    def back(self, *, to: str | None = None, with_data: bool = False) -> str:
        request = RollBackRequest(directory="/", id=LIVE, to=to, with_data=with_data, actor="ann", reason="")
        return self.roll_back(request)[0]

    @property
    def history(self) -> list[str]:
        return [f"{each.kind} {each.before}->{each.release} {each.outcome}" for each in self.deliveries.deployments("shop")]

    @property
    def newest(self) -> Deployment:
        return self.deliveries.deployments("shop")[0]


@pytest.fixture
def world() -> World:
    found = World()
    for release in ("r1", "r2"):
        found.deploy(release)
    return found


def test_a_killed_deployment_goes_on_in_its_own_line_of_the_history(world: World) -> None:
    world.cut_off("r3")
    world.deploy("r3")
    assert world.history == ["promote r2->r3 done", "promote r1->r2 done", "promote None->r1 done"]
    assert len(world.snapshots) == 2


def test_one_that_is_forced_only_when_it_goes_on_says_so_in_the_history(world: World) -> None:
    world.cut_off("r3")
    before = world.newest.snapshot
    world.deploy("r3", forced=True, reason="the customer waits")
    assert world.history[:2] == ["promote r2->r3 done", "promote r2->r3 failed"]
    assert (world.newest.forced, world.newest.reason, world.newest.snapshot) == (True, "the customer waits", before)


def test_a_rollback_after_a_killed_promotion_goes_to_what_ran_until_then(world: World) -> None:
    world.cut_off("r3")
    assert world.back() == "r2"
    assert world.history[:2] == ["rollback r3->r2 done", "promote r2->r3 failed"]


def test_a_rollback_with_data_takes_the_data_of_the_killed_promotion(world: World) -> None:
    world.cut_off("r3")
    assert world.back(with_data=True) == "r2"
    assert world.did[-2:] == ["restore data 2", "up r2"]


def test_data_of_an_earlier_time_is_not_taken_for_that_of_the_last_replacement(world: World) -> None:
    world.deploy("r1", kind="rollback")
    world.deploy("r3")
    world.deploy("r1", kind="rollback")
    world.without_volumes = True
    world.deploy("r3")
    with pytest.raises(LocalenvError, match="no data of production of shop from when it ran r1"):
        world.back(to="r1", with_data=True)
    assert "restore" not in " ".join(world.did)


def test_what_does_not_come_up_goes_back_and_tells_how_the_data_does(world: World) -> None:
    world.broken["r3"] = LocalenvError("web is unhealthy")
    with pytest.raises(RolledBack) as raised:
        world.deploy("r3")
    assert world.did[-2:] == ["up r3", "up r2"]
    assert "localenv rollback production --to r2 --with-data" in raised.value.hints[0]
    assert world.history[0] == "promote r2->r3 rolled back"


def test_an_environment_that_somebody_else_holds_was_not_touched(world: World) -> None:
    world.broken["r3"] = LocalenvError("production is being changed by ann", code="locked")
    with pytest.raises(LocalenvError, match="is being changed by ann") as raised:
        world.deploy("r3")
    assert not isinstance(raised.value, RolledBack)
    assert world.did[-1] == "up r3"
    assert world.history[0] == "promote r2->r3 failed"


def test_the_audit_log_is_told_the_release_and_each_gate() -> None:
    release = Release(name="r2", project="shop", created="t", by="ann", images=())
    asked: Any = {
        "target": LIVE,
        "source": EnvironmentId(project="shop", name="uat"),
        "release": release,
        "forced": True,
        "deployed": None,
    }
    gates = (GateResult(gate="chain", passed=True), GateResult(gate="healthy in uat", passed=True))
    closed = GateResult(gate="approved in uat", passed=False)
    assert Promoted(gates=gates, **asked).told == "promote r2 from uat through chain, healthy in uat"
    assert Promoted(gates=(*gates, closed), **asked).told.endswith("through chain, healthy in uat --force past approved in uat")
