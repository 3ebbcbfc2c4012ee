"""Gates: which ones a tier has, the chain, and what an approval is for."""

from __future__ import annotations

import pytest

from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Approval, Deployment, DeploymentOutcome
from localenv.core.releases.gates import Gate, approved_by, chain_gate, current_deployment, parse_gates, tiers_passed
from localenv.errors import InvalidInput

UAT = EnvironmentId(project="shop", name="uat")


def tier(*gates: str, after: str | None = "uat") -> TierProfile:
    return TierProfile(tier="production", purpose="live", after=after, source="release", gates=gates)


def test_gates_are_read_as_tiers_write_them() -> None:
    found = parse_gates(tier("healthy", "checks", "healthy in uat", "approved in uat"))
    assert [gate.text for gate in found] == ["healthy", "checks", "healthy in uat", "approved in uat"]
    assert found[3] == Gate(kind="approved", tier="uat")


@pytest.mark.parametrize(
    "text", ["", "approved", "healthy in", "Healthy", "healthy in uat; rm", "well in uat", "approved in ../x"]
)
def test_what_is_no_gate_is_an_error_that_lists_them(text: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_gates(tier(text))
    assert raised.value.where == "tiers.production.gates"
    assert "approved in TIER" in raised.value.hints[0]


@pytest.mark.parametrize(
    ("source_tier", "runs", "built_there", "passed"),
    [
        ("uat", "r1", False, True),
        ("uat", "r2", False, False),
        ("uat", None, False, False),
        ("uat", None, True, True),
        ("staging", "r1", False, False),
        ("staging", "r1", True, False),
    ],
)
def test_the_chain_wants_the_release_in_the_tier_before(
    source_tier: str, runs: str | None, built_there: bool, passed: bool
) -> None:
    found = chain_gate(tier(), source="here", source_tier=source_tier, release="r1", runs=runs, built_there=built_there)
    assert found.passed is passed
    assert found.told


def deployment(number: int, release: str, outcome: DeploymentOutcome = "done") -> Deployment:
    return Deployment(number=number, id=UAT, release=release, actor="ann", began="t", outcome=outcome)


def approval(number: int, release: str) -> Approval:
    return Approval(id=UAT, release=release, deployment=number, actor="eve", at="t")


def test_an_environment_stands_on_its_last_deployment_that_ended_well() -> None:
    known = [deployment(3, "r3", "rolled back"), deployment(2, "r2"), deployment(1, "r1")]
    assert current_deployment(known, "r2") == known[1]
    assert current_deployment(known, "r1") is None
    assert current_deployment(known, None) is None
    assert current_deployment([], "r1") is None


def test_while_a_deployment_is_not_over_an_environment_stands_on_none() -> None:
    known = [deployment(2, "r2", "running"), deployment(1, "r1")]
    assert current_deployment(known, "r1") is None
    assert current_deployment(known, "r2") is None


def test_an_approval_is_for_one_deployment() -> None:
    first, again = deployment(1, "r1"), deployment(3, "r1")
    assert approved_by([approval(1, "r1")], first) == approval(1, "r1")
    assert approved_by([approval(1, "r1")], again) is None
    assert approved_by([approval(1, "r2")], first) is None
    assert approved_by([], first) is None
    assert approved_by([approval(1, "r1")], None) is None


def test_what_a_tier_runs_has_passed_the_tiers_before_it_and_no_later_one() -> None:
    chain = {"development": None, "staging": "development", "uat": "staging", "production": "uat"}
    tiers = {name: TierProfile(tier=name, purpose="", after=after) for name, after in chain.items()}
    assert tiers_passed(tiers, "uat") == {"development", "staging", "uat"}
    assert tiers_passed(tiers, "development") == {"development"}
    assert tiers_passed(tiers, "gone") == {"gone"}
    assert tiers_passed({"a": TierProfile(tier="a", purpose="", after="a")}, "a") == {"a"}
