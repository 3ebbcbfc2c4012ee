"""Gates: what a release must show before it enters a tier (design page tiers.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from localenv.core.configuration.tier import TierProfile
from localenv.core.releases.deployments import Approval, Deployment
from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["Gate", "GateResult", "approved_by", "chain_gate", "current_deployment", "parse_gates", "tiers_passed"]

_GATE = re.compile(r"(healthy|checks|approved)(?: in ([a-z0-9][a-z0-9-]*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate of a tier."""

    kind: Literal["healthy", "checks", "approved"]
    tier: str | None
    """Tier whose environment must show it; ``None``: the one that the release comes from."""

    @property
    def text(self) -> str:
        """As tier files write it."""
        return f"{self.kind} in {self.tier}" if self.tier else self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What a gate said."""

    gate: str
    passed: bool
    told: str = ""
    """Why, in a few words."""
    hint: str | None = None
    """A command that would make it pass."""


def parse_gates(tier: TierProfile) -> tuple[Gate, ...]:
    """Raises ``InvalidInput`` (code ``unknown-gate``) for what is none."""
    found: list[Gate] = []
    for text in tier.gates:
        match = _GATE.fullmatch(text.strip())
        if match is None or (match[1] == "approved" and match[2] is None):
            raise InvalidInput(
                f"tier {tier.tier} has a gate that is none: {text[:80]!a}",
                where=f"tiers.{tier.tier}.gates",
                hints=("healthy, checks, healthy in TIER, checks in TIER, approved in TIER",),
                code="unknown-gate",
            )
        found.append(Gate(kind=match[1], tier=match[2]))  # type: ignore[arg-type] # one of the pattern's words
    return tuple(found)


def chain_gate(
    tier: TierProfile, *, source: str, source_tier: str, release: str, runs: str | None, built_there: bool
) -> GateResult:
    """The chain: a release comes from the tier before this one, and runs there.

    ``built_there``: whether that tier works on the code itself, so that the release was made of it.
    """
    if tier.after != source_tier:
        after = tier.after or "no other tier"
        return GateResult(
            gate="chain", passed=False, told=f"{tier.tier} takes releases from {after}, and {source} is of tier {source_tier}"
        )
    if built_there or runs == release:
        return GateResult(gate="chain", passed=True, told=f"from {source}")
    told = f"{source} runs {runs}, not {release}" if runs else f"{source} runs no release"
    return GateResult(gate="chain", passed=False, told=told, hint=f"localenv promote {source} --release {release}")


def tiers_passed(tiers: Mapping[str, TierProfile], tier: str) -> frozenset[str]:
    """The tier and those before it in the chain: what an environment of it runs has passed their gates."""
    found: set[str] = set()
    name: str | None = tier
    while name is not None and name not in found:
        found.add(name)
        name = tiers[name].after if name in tiers else None
    return frozenset(found)


def current_deployment(deployments: Sequence[Deployment], release: str | None) -> Deployment | None:
    """The deployment that an environment stands on, of its deployments, the newest first.

    ``None`` where there is none, and while another one is under way or was cut off: what runs then is neither.
    """
    for deployment in deployments:
        if deployment.outcome == "running":
            return None
        if deployment.outcome == "done":
            return deployment if deployment.release == release else None
    return None


def approved_by(approvals: Sequence[Approval], deployment: Deployment | None) -> Approval | None:
    """The newest word for exactly this deployment: another release, or the same one brought again, needs a new one."""
    if deployment is None:
        return None
    return next((each for each in approvals if (each.deployment, each.release) == (deployment.number, deployment.release)), None)
