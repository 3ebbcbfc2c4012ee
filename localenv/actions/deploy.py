"""Bringing one release to one environment: written down, data put by, rolled out, and back when it does not come up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from localenv.actions.replace_data import ReplaceData, ReplaceRequest
from localenv.actions.snapshots import Snapshots, TakeRequest
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest, UpResult
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Deployment, DeploymentKind, DeploymentOutcome
from localenv.core.releases.gates import current_deployment
from localenv.core.releases.model import Release
from localenv.core.snapshots.model import Snapshot
from localenv.errors import LocalenvError
from localenv.errors.delivery import RolledBack
from localenv.ports.clock import Clock
from localenv.ports.delivery import Deliveries
from localenv.ports.progress import Message, Progress
from localenv.ports.releases import ReleaseStore
from localenv.ports.state import EnvironmentRecord, Ledger, Locks
from localenv.values import dataclass

__all__ = ["Deploy", "DeployRequest", "Deployed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployRequest:
    """A release for an environment."""

    directory: str
    id: EnvironmentId
    release: Release
    kind: DeploymentKind
    actor: str
    tier: str | None = None
    source: str | None = None
    reason: str = ""
    forced: bool = False
    data: Snapshot | None = None
    """Data that comes with it, in place of what the environment has (``rollback --with-data``)."""
    timeout: float = 300.0
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What became of it."""

    up: UpResult
    deployment: Deployment | None
    """``None`` where nothing was to be done, or for a dry run."""
    snapshot: Snapshot | None = None
    """The data as it was before."""


class Deploy:
    """Killed anywhere, the same command goes on: what was begun is found in the ledger."""

    def __init__(  # noqa: PLR0913 - what it touches, handed in once by the wiring
        self,
        *,
        up: Up,
        replace_data: ReplaceData,
        snapshots: Snapshots,
        ledger: Ledger,
        deliveries: Deliveries,
        releases: ReleaseStore,
        locks: Locks,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._up = up
        self._replace_data = replace_data
        self._snapshots = snapshots
        self._ledger = ledger
        self._deliveries = deliveries
        self._releases = releases
        self._locks = locks
        self._clock = clock
        self._progress = progress

    @contextmanager
    def alone(self, environment: EnvironmentId) -> Iterator[None]:
        """Hold deployments to one environment: two at once would each take the other's for what was there before."""
        with self._locks.deployments(environment):
            yield

    def __call__(self, request: DeployRequest) -> Deployed:
        """Raises ``RolledBack`` when it did not come up and what served before serves again; else what ``up`` raises."""
        asked = UpRequest(
            directory=request.directory,
            project=request.id.project,
            names=(request.id.name,),
            tier=request.tier,
            release=request.release.name,
            deploying=True,
            timeout=request.timeout,
            dry_run=request.dry_run,
        )
        self._up.project(asked)
        self._refuse_damaged(request.release)
        if request.dry_run:
            return Deployed(up=self._up(asked)[0], deployment=None)
        record = self._ledger.record(request.id)
        if self._is_there(request, record):
            return Deployed(up=self._up(asked)[0], deployment=None)
        deployment = self._begun(request, record)
        snapshot = self._put_by(request, deployment, record)
        try:
            result = self._carried_out(request, asked, backup=snapshot is None)
        except LocalenvError as error:
            raise self._gone_back(request, deployment, record, snapshot, error) from error
        self._ended(deployment, "done")
        return Deployed(up=result, deployment=deployment, snapshot=snapshot)

    def _refuse_damaged(self, release: Release) -> None:
        if (path := self._releases.changed_file(release)) is not None:
            raise LocalenvError(
                f"{path} of release {release.name} is not as it was captured: it was changed on the disk",
                where=self._releases.tree(release.project, release.name),
                hints=("localenv release create   (makes a new release of the working tree)",),
                code="release-damaged",
            )

    def _is_there(self, request: DeployRequest, record: EnvironmentRecord | None) -> bool:
        """Whether the environment stands on this release already, by a deployment that ended well."""
        if record is None or record.release != request.release.name or request.data is not None:
            return False
        known = self._deliveries.deployments(request.id.project, environment=request.id.name)
        return current_deployment(known, request.release.name) is not None

    def _begun(self, request: DeployRequest, record: EnvironmentRecord | None) -> Deployment:
        """A new line of the history, or that of a command that was killed on the way to the same.

        One that a person now forces gets a line of its own, which says so; the data put by is still that of before.
        """
        newest = next(iter(self._deliveries.deployments(request.id.project, environment=request.id.name, limit=1)), None)
        cut_off = newest if newest is not None and newest.outcome == "running" else None
        before, snapshot = record.release if record else None, None
        if cut_off is not None:
            if (cut_off.release, cut_off.kind) == (request.release.name, request.kind):
                if cut_off.forced or not request.forced:
                    return cut_off
                before, snapshot = cut_off.before, cut_off.snapshot
            elif before == request.release.name:
                before = cut_off.release
            self._ended(cut_off, "failed")
        return self._deliveries.begin(
            Deployment(
                id=request.id,
                release=request.release.name,
                before=before,
                snapshot=snapshot,
                kind=request.kind,
                source=request.source,
                actor=request.actor,
                reason=request.reason,
                forced=request.forced,
                began=self._now(),
            )
        )

    def _put_by(self, request: DeployRequest, deployment: Deployment, record: EnvironmentRecord | None) -> Snapshot | None:
        """The data as it is, so that a migration can be undone. Live: the environment only stands still for a moment."""
        if record is None or record.ready is None:
            return None
        if deployment.snapshot is not None:
            return self._snapshots.kept(deployment.snapshot)
        reason = f"before {request.kind} of {request.release.name}"
        try:
            taken = self._snapshots.take(
                TakeRequest(
                    id=request.id,
                    tier=record.tier,
                    kind="automatic",
                    reason=reason,
                    how="paused",
                    data_only=True,
                    spare=request.data,
                )
            )
        except LocalenvError as error:
            if error.code_of_case == "no-volumes":
                return None
            self._ended(deployment, "failed")
            raise
        self._deliveries.keep_snapshot(deployment.number, taken.id)
        paused = f", paused for {taken.pause:.2f} s" if taken.pause is not None else ""
        self._tell(request, "snapshot", f"{taken.id[:12]}: the data before {request.release.name}{paused}")
        return taken

    def _carried_out(self, request: DeployRequest, asked: UpRequest, *, backup: bool) -> UpResult:
        """``backup``: whether nobody has put the data by yet that other data is to replace."""
        if request.data is None:
            return self._up(asked)[0]
        record = self._ledger.record(request.id)
        replaced = self._replace_data(
            ReplaceRequest(
                id=request.id,
                tier=record.tier if record else "",
                verb="restore",
                snapshot=request.data,
                release=request.release.name,
                backup=backup,
                timeout=request.timeout,
            )
        )
        if replaced.up is None:
            raise TypeError("a restore that is carried out brings the environment up")
        return replaced.up

    def _gone_back(
        self,
        request: DeployRequest,
        deployment: Deployment,
        record: EnvironmentRecord | None,
        snapshot: Snapshot | None,
        error: LocalenvError,
    ) -> LocalenvError:
        """What to raise: what served before is made to serve again, where something did and anything was touched."""
        if record is None or record.ready is None or request.data is not None or error.code_of_case == "locked":
            self._ended(deployment, "failed")
            return error
        before = record.release
        self._tell(request, "rollback", f"{request.release.name} did not come up: back to {before or 'the working tree'}")
        back = UpRequest(
            directory=request.directory,
            project=request.id.project,
            names=(request.id.name,),
            tier=request.tier,
            release=before,
            deploying=True,
            worktree=before is None,
            timeout=request.timeout,
        )
        try:
            self._up(back)
        except LocalenvError as second:
            self._ended(deployment, "failed")
            return LocalenvError(
                f"{request.release.name} did not come up in {request.id}, nor did {before or 'the working tree'} again: "
                f"{second.message}",
                details=(*error.details, *second.details),
                hints=(f"localenv status {request.id.name}", f"localenv logs {request.id.name}"),
                code="rollback-failed",
            )
        self._ended(deployment, "rolled back")
        return RolledBack(
            f"{request.release.name} did not come up in {request.id.name}: {error.message}",
            where=error.where,
            details=(*error.details, f"rolled back: {request.id.name} runs {before or 'the working tree'} as before"),
            hints=(
                *(
                    (f"localenv rollback {request.id.name} --to {before} --with-data   (the data too, as it was)",)
                    * bool(snapshot and before)
                ),
                f"localenv history {request.id.name}",
                f"localenv release show {request.release.name}",
            ),
        )

    def _ended(self, deployment: Deployment, outcome: DeploymentOutcome) -> None:
        self._deliveries.end(deployment.number, outcome=outcome, at=self._now())

    def _now(self) -> str:
        return self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _tell(self, request: DeployRequest, stage: str, text: str) -> None:
        self._progress.emit(Message(stage=stage, text=text, environment=request.id.name))
