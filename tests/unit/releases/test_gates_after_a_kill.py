from __future__ import annotations

from typing import Any

import pytest

from localenv.actions.gates import AskGates, GateRequest
from localenv.actions.run_checks import CheckResult
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Approval, Deployment
from localenv.core.releases.model import Release
from localenv.core.summary import EnvironmentSummary
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_deliveries import MemoryDeliveries
from tests.fakes.memory_ledger import MemoryLedger

UAT = EnvironmentId(project="shop", name="uat")
PRODUCTION = EnvironmentId(project="shop", name="production")
RELEASE = Release(name="r2", project="shop", created="t", by="ann", images=())


class World:
    """Healthy environments; ``checked`` tells in which of them checks were run."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        self.deliveries = MemoryDeliveries()
        self.checked: list[str] = []
        me: Any = self
        self.asking = AskGates(environments=me, ledger=self.ledger, deliveries=self.deliveries, checks=self.check)

    def one(self, environment: EnvironmentId) -> EnvironmentSummary:
        return EnvironmentSummary(
            id=environment,
            tier=environment.name,
            state="healthy",
            data_class=None,
            data_profile=None,
            directory="/",
            created=None,
            services=(),
        )

    def check(self, environment: EnvironmentId, _release: Release | None) -> list[CheckResult]:
        self.checked.append(environment.name)
        return [CheckResult(name="smoke", passed=True, told="passed", seconds=0.0)]

    def runs(self, environment: EnvironmentId, release: str) -> Deployment:
        self.ledger.save(EnvironmentRecord(id=environment, tier=environment.name, directory="/", release=release))
        begun = self.deliveries.begin(Deployment(id=environment, release=release, actor="ann", began="t"))
        self.deliveries.end(begun.number, outcome="done", at="t")
        return begun

    def __call__(self, *gates: str) -> dict[str, str | None]:
        """What each closed gate says."""
        tier = TierProfile(tier="production", purpose="live", after="uat", source="release", gates=gates)
        request = GateRequest(target=PRODUCTION, tier=tier, source=UAT, source_tier="uat", release=RELEASE, built_there=False)
        return {result.gate: result.told for result in self.asking(request) if not result.passed}


def test_gates_open_where_the_release_runs() -> None:
    world = World()
    number = world.runs(UAT, "r2").number
    world.deliveries.approve(Approval(id=UAT, release="r2", deployment=number, actor="eve", at="t"))
    assert world("healthy in uat", "approved in uat", "checks") == {}
    assert world.checked == ["uat"]


@pytest.mark.parametrize("gate", ["healthy", "checks", "approved in uat"])
def test_a_killed_deployment_closes_the_gates_that_its_environment_would_open(gate: str) -> None:
    world = World()
    number = world.runs(UAT, "r2").number
    world.deliveries.approve(Approval(id=UAT, release="r2", deployment=number, actor="eve", at="t"))
    world.deliveries.begin(Deployment(id=UAT, release="r3", actor="ann", began="t"))
    assert world(gate) == {gate: "promote of r3 to uat is not over"}
    assert world.checked == []
