"""``approve``, ``rollback`` and ``history``: what was brought where, who answered for it, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from localenv.actions.configuration import Loaded
from localenv.actions.deploy import Deploy, Deployed, DeployRequest
from localenv.actions.snapshots import Snapshots
from localenv.actions.sources import release_named
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Approval, Deployment
from localenv.core.releases.gates import approved_by, current_deployment
from localenv.core.snapshots.model import Snapshot
from localenv.errors import InvalidInput, LocalenvError, NotFound
from localenv.ports.clock import Clock
from localenv.ports.delivery import Deliveries
from localenv.ports.releases import ReleaseStore
from localenv.ports.state import EnvironmentRecord, Ledger
from localenv.values import dataclass

__all__ = ["Approve", "History", "RollBack", "RollBackRequest", "Standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a release stands in an environment."""

    deployment: Deployment
    approval: Approval | None
    """A word for exactly this deployment."""


class Approve:
    """A named person's word for the release that an environment runs."""

    def __init__(self, *, ledger: Ledger, deliveries: Deliveries, clock: Clock) -> None:
        self._ledger = ledger
        self._deliveries = deliveries
        self._clock = clock

    def __call__(
        self, environment: EnvironmentId, *, actor: str, note: str, release: str | None = None, dry_run: bool = False
    ) -> Approval:
        """``release``: what the person saw, where another one may have come since. Nothing is written for a dry run.

        Raises ``LocalenvError`` (code ``nothing-to-approve``) where no release runs, or another one.
        """
        if not actor.strip():
            raise InvalidInput("an approval needs a name", hints=(f"localenv approve {environment.name} --as NAME",))
        standing = self.standing(environment)
        if standing is None:
            raise LocalenvError(
                f"{environment} runs no release that could be approved",
                hints=(f"localenv promote {environment.name}",),
                code="nothing-to-approve",
            )
        runs = standing.deployment.release
        if release is not None and release != runs:
            raise LocalenvError(
                f"{environment.name} runs {runs} by now, not {release}",
                hints=(f"look at it again, then: localenv approve {environment.name} --as NAME",),
                code="nothing-to-approve",
            )
        approval = Approval(
            id=environment,
            release=runs,
            deployment=standing.deployment.number,
            actor=actor.strip(),
            note=note,
            at=self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        if not dry_run:
            self._deliveries.approve(approval)
        return approval

    def standing(self, environment: EnvironmentId) -> Standing | None:
        """The deployment that the environment stands on; ``None`` where it runs no release, or is about to run another."""
        record = self._ledger.record(environment)
        known = self._deliveries.deployments(environment.project, environment=environment.name)
        deployment = current_deployment(known, record.release) if record is not None else None
        if deployment is None:
            return None
        approvals = self._deliveries.approvals(environment.project, environment=environment.name)
        return Standing(deployment=deployment, approval=approved_by(approvals, deployment))


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBackRequest:
    """Back to which release. ``None`` is the one before."""

    directory: str
    id: EnvironmentId
    to: str | None
    with_data: bool
    actor: str
    reason: str
    timeout: float = 300.0
    dry_run: bool = False


class RollBack:
    """The same way as a promotion, without gates: it was there before."""

    def __init__(
        self,
        *,
        project: Callable[[str], Loaded],
        releases: ReleaseStore,
        snapshots: Snapshots,
        ledger: Ledger,
        deliveries: Deliveries,
        deploy: Deploy,
    ) -> None:
        self._project = project
        self._releases = releases
        self._snapshots = snapshots
        self._ledger = ledger
        self._deliveries = deliveries
        self._deploy = deploy

    def __call__(self, request: RollBackRequest) -> tuple[str, Deployed]:
        """The release that it goes back to, and what became of it. Raises ``LocalenvError`` (code ``nothing-before``)."""
        with self._deploy.alone(request.id):
            record = self._ledger.record(request.id)
            if record is None:
                raise NotFound(f"there is no environment {request.id}", hints=("localenv ls",), code="no-environment")
            name = self._back_to(request, record)
            release = release_named(self._releases, request.id.project, name)
            data = self._data(request, name) if request.with_data else None
            deployed = self._deploy(
                DeployRequest(
                    directory=self._directory(request, record),
                    id=request.id,
                    tier=record.tier,
                    release=release,
                    kind="rollback",
                    actor=request.actor,
                    reason=request.reason,
                    data=data,
                    timeout=request.timeout,
                    dry_run=request.dry_run,
                )
            )
        return name, deployed

    def _directory(self, request: RollBackRequest, record: EnvironmentRecord) -> str:
        """The project's: the one around here where it is that project, else the one that the environment was made from."""
        with suppress(LocalenvError):
            if self._project(request.directory).settings.project == request.id.project:
                return request.directory
        return record.directory

    def _back_to(self, request: RollBackRequest, record: EnvironmentRecord) -> str:
        known = self._deliveries.deployments(request.id.project, environment=request.id.name)
        there = list(dict.fromkeys(each.release for each in known if each.outcome == "done"))
        if known and known[0].outcome == "running":  # cut off: its release is not yet, or not all of, what runs
            back = known[0].release if known[0].kind == "rollback" else known[0].before
            if back is not None and request.to in {None, back}:
                return back
        others = [name for name in there if name != record.release]
        if request.to is None and others:
            return others[0]
        if request.to in there:
            return str(request.to)
        told = f"{request.to} never ran in {request.id}" if request.to else f"nothing ran in {request.id} before"
        raise LocalenvError(
            told,
            details=(f"it ran: {', '.join(there)}",) if there else (),
            hints=(
                f"localenv promote {request.id.name} --release {request.to or 'RELEASE'}",
                f"localenv history {request.id.name}",
            ),
            code="nothing-before",
        )

    def _data(self, request: RollBackRequest, name: str) -> Snapshot:
        """The automatic snapshot that was taken when this release was last replaced by another; none of an earlier time."""
        known = self._deliveries.deployments(request.id.project, environment=request.id.name)
        taken = next((each.snapshot for each in known if each.before == name), None)
        found = self._snapshots.kept(taken)
        if found is None:
            raise LocalenvError(
                f"there is no data of {request.id} from when it ran {name}",
                details=("its automatic snapshot is gone, or it had no data",) if taken else (),
                hints=(f"localenv rollback {request.id.name} --to {name}   (keeps the data as it is)", "localenv snapshot ls"),
                code="no-snapshot",
            )
        return found


class History:
    """What the ledger has of deployments and approvals, newest first."""

    def __init__(self, *, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    def __call__(
        self, project: str, *, environment: str | None = None, release: str | None = None, limit: int = 100
    ) -> tuple[Sequence[Deployment], Sequence[Approval]]:
        """Of an environment, of a release, or of the whole project; ``limit`` deployments at most."""
        return (
            self._deliveries.deployments(project, environment=environment, release=release, limit=limit),
            self._deliveries.approvals(project, environment=environment, release=release),
        )
