"""Asking the gates of a tier about a release."""

from __future__ import annotations

from collections.abc import Callable

from localenv.actions.environments import Environments
from localenv.actions.run_checks import CheckResult
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.releases.gates import Gate, GateResult, approved_by, current_deployment, parse_gates
from localenv.core.releases.model import Release
from localenv.errors import NotFound
from localenv.ports.delivery import Deliveries
from localenv.ports.state import Ledger
from localenv.values import dataclass

__all__ = ["AskGates", "GateRequest"]

_WELL = frozenset({"healthy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRequest:
    """A release on its way from one environment to another."""

    target: EnvironmentId
    tier: TierProfile
    source: EnvironmentId
    source_tier: str
    release: Release
    built_there: bool
    """Whether the source works on the code itself: it need not run the release."""
    run_checks: bool = True


class AskGates:
    """Each gate is asked, also after one that failed: a person wants to know all that is missing."""

    def __init__(
        self,
        *,
        environments: Environments,
        ledger: Ledger,
        deliveries: Deliveries,
        checks: Callable[[EnvironmentId, Release | None], list[CheckResult]],
    ) -> None:
        """``checks`` runs those of an environment, or, with a release, that release's in the place of what runs there."""
        self._environments = environments
        self._ledger = ledger
        self._deliveries = deliveries
        self._checks = checks

    def __call__(self, request: GateRequest) -> list[GateResult]:
        """In the order of the tier's file; the checks, which take the longest, only when all others passed."""
        gates = parse_gates(request.tier)
        quick = [self._quick(gate, request) for gate in gates if gate.kind != "checks"]
        slow = [gate for gate in gates if gate.kind == "checks"]
        if not request.run_checks:
            return [*quick, *(GateResult(gate=gate.text, passed=True, told="would be run") for gate in slow)]
        if not all(result.passed for result in quick):
            return [*quick, *(GateResult(gate=gate.text, passed=False, told="not run: another gate failed") for gate in slow)]
        return [*quick, *(result for gate in slow for result in self._checked(gate, request))]

    def _quick(self, gate: Gate, request: GateRequest) -> GateResult:
        where = self._environment(gate, request)
        if (other := self._runs_another(gate, where, request)) is not None:
            return other
        return self._healthy(gate, where) if gate.kind == "healthy" else self._approved(gate, where, request.release.name)

    def _runs_another(self, gate: Gate, where: EnvironmentId, request: GateRequest) -> GateResult | None:
        """A closed gate where the environment that must show something of the release does not run it, or not for sure."""
        if where == request.source and request.built_there:
            return None
        record, release = self._ledger.record(where), request.release.name
        newest = next(iter(self._deliveries.deployments(where.project, environment=where.name)), None)
        if record is not None and record.release == release:
            if newest is None or newest.outcome != "running":
                return None
            told, release = f"{newest.kind} of {newest.release} to {where.name} is not over", newest.release
        else:
            told = f"{where.name} runs {record.release or 'no release'}" if record else f"there is no environment {where.name}"
        return GateResult(gate=gate.text, passed=False, told=told, hint=f"localenv promote {where.name} --release {release}")

    def _healthy(self, gate: Gate, where: EnvironmentId) -> GateResult:
        try:
            summary = self._environments.one(where)
        except NotFound:
            told = f"there is no environment {where.name}"
            return GateResult(gate=gate.text, passed=False, told=told, hint=f"localenv up {where.name}")
        ill = [service.name for service in summary.services if service.state not in {"healthy", "done", "running"}]
        told = f"{where.name} is {summary.state}" + (f": {', '.join(ill)}" if ill and summary.state not in _WELL else "")
        return GateResult(gate=gate.text, passed=summary.state in _WELL, told=told, hint=f"localenv status {where.name}")

    def _approved(self, gate: Gate, where: EnvironmentId, release: str) -> GateResult:
        deployments = self._deliveries.deployments(where.project, environment=where.name)
        approvals = self._deliveries.approvals(where.project, environment=where.name, release=release)
        found = approved_by(approvals, current_deployment(deployments, release))
        if found is not None:
            return GateResult(gate=gate.text, passed=True, told=f"by {found.actor}")
        again = " since it was brought there" if approvals else ""
        return GateResult(
            gate=gate.text,
            passed=False,
            told=f"{release} in {where.name} is approved by nobody{again}",
            hint=f"localenv approve {where.name} --as NAME",
        )

    def _checked(self, gate: Gate, request: GateRequest) -> list[GateResult]:
        where = self._environment(gate, request)
        before_the_switch = where == request.target
        if before_the_switch:
            record = self._ledger.record(where)
            if record is None or record.ready is None:
                return [
                    GateResult(gate=gate.text, passed=True, told=f"{where.name} is not up yet, so there is nothing to check in")
                ]
        elif (other := self._runs_another(gate, where, request)) is not None:
            return [other]
        results = self._checks(where, request.release if before_the_switch else None)
        return [
            GateResult(
                gate=f"check {result.name}",
                passed=result.passed,
                told=result.told,
                hint=None if before_the_switch else f"localenv check {where.name} {result.name}",
            )
            for result in results
        ] or [GateResult(gate=gate.text, passed=True, told="localenv.yaml has no checks")]

    def _environment(self, gate: Gate, request: GateRequest) -> EnvironmentId:
        """The one on the way where its tier is named, else the one that is called like the tier."""
        if gate.tier in {None, request.source_tier}:
            return request.source
        if gate.tier == request.tier.tier:
            return request.target
        return EnvironmentId(project=request.source.project, name=gate.tier or "")
