"""Asking gates: which environment each is about, and what closes it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from localenv.actions.gates import AskGates, GateRequest
from localenv.actions.run_checks import CheckResult
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Approval, Deployment
from localenv.core.releases.model import Release
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_ledger import MemoryLedger

RELEASE = Release(name="r2", project="shop", created="t", by="ann", images=())


def environment(name: str) -> EnvironmentId:
    return EnvironmentId(project="shop", name=name)


class World:
    """Environments with what they run, and who approved what."""

    def __init__(self, **runs: str | None) -> None:
        self.ledger = MemoryLedger()
        for name, release in runs.items():
            self.ledger.save(EnvironmentRecord(id=environment(name), tier=name, directory="d", release=release, ready="t"))
        self.states: dict[str, str] = {}
        self.approved: list[Approval] = []
        self.checked: list[tuple[str, str | None]] = []
        self.passes = True

    def one(self, found: EnvironmentId) -> Any:
        return SimpleNamespace(state=self.states.get(found.name, "healthy"), services=())

    def deployments(self, project: str, *, environment: str) -> list[Deployment]:
        record = self.ledger.record(EnvironmentId(project=project, name=environment))
        release = record.release if record else None
        return (
            [Deployment(number=7, id=record.id, release=release, actor="a", began="t", outcome="done")]
            if record and release
            else []
        )

    def approvals(self, project: str, *, environment: str, release: str) -> list[Approval]:
        return [each for each in self.approved if (each.id.name, each.release) == (environment, release)]

    def checks(self, found: EnvironmentId, release: Release | None) -> list[CheckResult]:
        self.checked.append((found.name, release.name if release else None))
        return [CheckResult(name="smoke", passed=self.passes, told="told", seconds=0.0)]

    def ask(self, *gates: str, source: str = "uat", built_there: bool = False, source_tier: str | None = None) -> dict[str, bool]:
        tier = TierProfile(tier="production", purpose="live", after="uat", source="release", gates=gates)
        asked = AskGates(
            environments=self,  # type: ignore[arg-type] # the part that is asked
            ledger=self.ledger,
            deliveries=self,  # type: ignore[arg-type] # the part that is asked
            checks=self.checks,
        )
        request = GateRequest(
            target=environment("production"),
            tier=tier,
            source=environment(source),
            source_tier=source_tier or source,
            release=RELEASE,
            built_there=built_there,
        )
        return {result.gate: result.passed for result in asked(request)}


def test_a_gate_about_a_tier_wants_the_release_to_run_there() -> None:
    assert World(uat="r2").ask("healthy in uat") == {"healthy in uat": True}
    assert World(uat="r1").ask("healthy in uat") == {"healthy in uat": False}
    assert World(uat="r2").ask("healthy in staging") == {"healthy in staging": False}
    assert World(uat="r1").ask("checks in uat") == {"checks in uat": False}


def test_the_environment_on_the_way_stands_for_its_tier() -> None:
    world = World(**{"uat": "r1", "uat-2": "r2"})
    assert world.ask("healthy in uat", source="uat-2", source_tier="uat") == {"healthy in uat": True}


def test_where_the_code_is_worked_on_the_release_need_not_run() -> None:
    assert World(development=None).ask("healthy", source="development", built_there=True) == {"healthy": True}
    world = World(development=None)
    world.states["development"] = "degraded"
    assert world.ask("healthy", source="development", built_there=True) == {"healthy": False}


def test_an_approval_of_another_deployment_does_not_open() -> None:
    world = World(uat="r2")
    assert world.ask("approved in uat") == {"approved in uat": False}
    world.approved = [Approval(id=environment("uat"), release="r2", deployment=6, actor="eve", at="t")]
    assert world.ask("approved in uat") == {"approved in uat": False}
    world.approved = [Approval(id=environment("uat"), release="r2", deployment=7, actor="eve", at="t")]
    assert world.ask("approved in uat") == {"approved in uat": True}


def test_checks_are_run_only_when_everything_else_is_well_and_in_the_source() -> None:
    world = World(uat="r2")
    assert world.ask("checks", "approved in uat") == {"approved in uat": False, "checks": False}
    assert world.checked == []
    assert world.ask("checks") == {"check smoke": True}
    world.passes = False
    assert world.ask("checks") == {"check smoke": False}
    assert world.checked == [("uat", None), ("uat", None)]


def test_checks_in_the_target_run_there_before_the_switch_with_the_releases_images() -> None:
    world = World(uat="r2", production="r1")
    assert world.ask("checks in production") == {"check smoke": True}
    assert world.checked == [("production", "r2")]
    assert World(uat="r2").ask("checks in production") == {"checks in production": True}
