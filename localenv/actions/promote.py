"""``promote``: a release from one tier to the next, through its gates, and back by itself when it does not come up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from localenv.actions.configuration import Loaded
from localenv.actions.deploy import Deploy, Deployed, DeployRequest
from localenv.actions.gates import AskGates, GateRequest
from localenv.actions.sources import release_named
from localenv.core.configuration.environments import environment_settings, tier_left_to
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.releases.gates import GateResult, chain_gate
from localenv.core.releases.model import Release
from localenv.errors import InvalidInput, LocalenvError, NotFound
from localenv.errors.delivery import GatesFailed
from localenv.ports.releases import ReleaseStore
from localenv.ports.state import Ledger
from localenv.values import dataclass

__all__ = ["Promote", "PromoteRequest", "Promoted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteRequest:
    """Which release goes where. What is ``None`` follows from the chain."""

    directory: str
    target: str
    source: str | None = None
    release: str | None = None
    tier: str | None = None
    """Tier of a target that is not named like one."""
    actor: str
    force: bool = False
    """Whether a person lets it past the chain and its gates: with a reason, which is kept."""
    reason: str = ""
    timeout: float = 300.0
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """What the gates said and what became of it."""

    target: EnvironmentId
    source: EnvironmentId
    release: Release
    gates: tuple[GateResult, ...]
    forced: bool
    deployed: Deployed

    @property
    def told(self) -> str:
        """For the audit log. The gates are those of the day: whoever takes one out of the configuration leaves that trace."""
        through = ", ".join(result.gate for result in self.gates if result.passed)
        past = ", ".join(result.gate for result in self.gates if not result.passed)
        words = (
            f"promote {self.release.name} from {self.source.name}",
            through and f"through {through}",
            past and f"--force past {past}",
        )
        return " ".join(word for word in words if word)


class Promote:
    """Finds out what is meant, asks the gates, deploys."""

    def __init__(
        self,
        *,
        project: Callable[[str], Loaded],
        releases: ReleaseStore,
        ledger: Ledger,
        gates: AskGates,
        deploy: Deploy,
    ) -> None:
        self._project = project
        self._releases = releases
        self._ledger = ledger
        self._gates = gates
        self._deploy = deploy

    def __call__(self, request: PromoteRequest) -> Promoted:
        """Raises ``GatesFailed`` before anything is touched, ``RolledBack`` when what served before serves again."""
        loaded = self._project(request.directory)
        target, tier = self._target(loaded, request)
        source = self._source(loaded, request, tier)
        source_tier = self._tier_of(loaded, source)
        release = self._release(request, source, source_tier)
        with self._deploy.alone(target):
            results = self._asked(request, target, tier, source, source_tier, release)
            failed = [result for result in results if not result.passed]
            if failed and not request.force:
                raise _refused(target, release, failed)
            deployed = self._deploy(
                DeployRequest(
                    directory=request.directory,
                    id=target,
                    tier=request.tier,
                    release=release,
                    kind="promote",
                    source=source.name,
                    actor=request.actor,
                    reason=request.reason,
                    forced=bool(failed),
                    timeout=request.timeout,
                    dry_run=request.dry_run,
                )
            )
        return Promoted(
            target=target, source=source, release=release, gates=tuple(results), forced=bool(failed), deployed=deployed
        )

    def _asked(  # noqa: PLR0917 - both sides of one question
        self,
        request: PromoteRequest,
        target: EnvironmentId,
        tier: TierProfile,
        source: EnvironmentId,
        source_tier: TierProfile,
        release: Release,
    ) -> list[GateResult]:
        record = self._ledger.record(source)
        built_there = source_tier.source != "release"
        chain = chain_gate(
            tier,
            source=source.name,
            source_tier=source_tier.tier,
            release=release.name,
            runs=record.release if record else None,
            built_there=built_there,
        )
        if not chain.passed:
            return [chain]
        asked = GateRequest(
            target=target,
            tier=tier,
            source=source,
            source_tier=source_tier.tier,
            release=release,
            built_there=built_there,
            run_checks=not request.dry_run,
        )
        return [chain, *self._gates(asked)]

    def _target(self, loaded: Loaded, request: PromoteRequest) -> tuple[EnvironmentId, TierProfile]:
        id_ = EnvironmentId(project=loaded.settings.project, name=request.target)
        record = self._ledger.record(id_)
        chosen = request.tier or tier_left_to(loaded.settings, request.target, record.tier if record else None)
        tier, _data = environment_settings(loaded.settings, request.target, chosen)
        if tier.source != "release":
            raise InvalidInput(
                f"{request.target} is of tier {tier.tier}, which runs the {_code_of(tier)}: no release is promoted to it",
                hints=(f"localenv up {request.target}",),
                code="no-release-tier",
            )
        return id_, tier

    def _source(self, loaded: Loaded, request: PromoteRequest, tier: TierProfile) -> EnvironmentId:
        name = request.source or tier.after
        if name is None:
            raise InvalidInput(
                f"tier {tier.tier} comes after no other: say where the release comes from",
                hints=(f"localenv promote SOURCE {request.target}",),
                code="no-source",
            )
        found = EnvironmentId(project=loaded.settings.project, name=name)
        if self._ledger.record(found) is None:
            raise NotFound(
                f"there is no environment {found}, where the release would come from",
                hints=(f"localenv up {name}",),
                code="no-environment",
            )
        return found

    def _tier_of(self, loaded: Loaded, environment: EnvironmentId) -> TierProfile:
        record = self._ledger.record(environment)
        chosen = tier_left_to(loaded.settings, environment.name, record.tier if record else None)
        return environment_settings(loaded.settings, environment.name, chosen)[0]

    def _release(self, request: PromoteRequest, source: EnvironmentId, tier: TierProfile) -> Release:
        """The one that was named, else what the source runs, else the newest that was made of its code."""
        if request.release is not None:
            return release_named(self._releases, source.project, request.release)
        record = self._ledger.record(source)
        if record is not None and record.release is not None:
            return release_named(self._releases, source.project, record.release)
        if tier.source == "release":
            raise LocalenvError(f"{source} runs no release yet", hints=(f"localenv promote {source.name}",), code="no-release")
        newest = next(iter(self._releases.releases(source.project)), None)
        if newest is None:
            raise LocalenvError(f"{source.project} has no release yet", hints=("localenv release create",), code="no-release")
        return newest


def _code_of(tier: TierProfile) -> str:
    return "working tree" if tier.source == "worktree" else "files of a branch"


def _refused(target: EnvironmentId, release: Release, failed: Sequence[GateResult]) -> GatesFailed:
    count = "1 gate is" if len(failed) == 1 else f"{len(failed)} gates are"
    return GatesFailed(
        f"{release.name} may not enter {target.name} yet: {count} closed",
        details=tuple(f"{result.gate}: {result.told}" for result in failed),
        hints=(
            *dict.fromkeys(result.hint for result in failed if result.hint),
            f"localenv promote {target.name} --release {release.name} --force --reason WHY   (kept in the history)",
        ),
    )
