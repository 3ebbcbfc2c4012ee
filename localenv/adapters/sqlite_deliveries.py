"""Deployments and approvals in the ledger's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from localenv.adapters.sqlite_database import SqliteDatabase
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Approval, Deployment, DeploymentOutcome

__all__ = ["SqliteDeliveries"]

_DEPLOYMENT = (
    "number, project, environment, release, before, kind, source, actor, reason, forced, snapshot, began, ended, outcome"
)
_APPROVAL = "project, environment, release, deployment, actor, note, at"
_CHOSEN = "where project = ?1 and (?2 is null or environment = ?2) and (?3 is null or release = ?3) order by number desc"


class SqliteDeliveries:
    """Implements ``ports.delivery.Deliveries``."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def begin(self, deployment: Deployment) -> Deployment:
        """Write down what is about to be deployed; return it with its number."""
        values = (
            deployment.id.project,
            deployment.id.name,
            deployment.release,
            deployment.before,
            deployment.kind,
            deployment.source,
            deployment.actor,
            deployment.reason,
            int(deployment.forced),
            deployment.snapshot,
            deployment.began,
            deployment.ended,
            deployment.outcome,
        )
        with self._database.write() as database:
            names = _DEPLOYMENT.removeprefix("number, ")
            marks = ", ".join("?" * len(values))
            cursor = database.execute(f"insert into deployments ({names}) values ({marks})", values)  # noqa: S608 - own constant
        return replace(deployment, number=int(cursor.lastrowid or 0))

    def end(self, number: int, *, outcome: DeploymentOutcome, at: str) -> None:
        """Say how it ended."""
        with self._database.write() as database:
            database.execute("update deployments set outcome = ?, ended = ? where number = ?", (outcome, at, number))

    def keep_snapshot(self, number: int, snapshot: str) -> None:
        """Note the snapshot that was taken before."""
        with self._database.write() as database:
            database.execute("update deployments set snapshot = ? where number = ?", (snapshot, number))

    def deployments(
        self, project: str, *, environment: str | None = None, release: str | None = None, limit: int = 100
    ) -> Sequence[Deployment]:
        """Newest first."""
        rows = self._database.read(
            f"select {_DEPLOYMENT} from deployments {_CHOSEN} limit ?4",  # noqa: S608 - own constants
            (project, environment, release, limit),
        )
        return [_deployment(row) for row in rows]

    def approve(self, approval: Approval) -> None:
        """Write down a person's word."""
        values = (
            approval.id.project,
            approval.id.name,
            approval.release,
            approval.deployment,
            approval.actor,
            approval.note,
            approval.at,
        )
        with self._database.write() as database:
            database.execute(f"insert into approvals ({_APPROVAL}) values (?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608 - own constant

    def approvals(self, project: str, *, environment: str | None = None, release: str | None = None) -> Sequence[Approval]:
        """Newest first."""
        rows = self._database.read(f"select {_APPROVAL} from approvals {_CHOSEN}", (project, environment, release))  # noqa: S608 - own constants
        return [
            Approval(
                id=EnvironmentId(project=row[0], name=row[1]),
                release=row[2],
                deployment=row[3],
                actor=row[4],
                note=row[5],
                at=row[6],
            )
            for row in rows
        ]


def _deployment(row: tuple[Any, ...]) -> Deployment:
    number, project, environment, release, before, kind, source, actor, reason, forced, snapshot, began, ended, outcome = row
    return Deployment(
        number=number,
        id=EnvironmentId(project=project, name=environment),
        release=release,
        before=before,
        kind=kind,
        source=source,
        actor=actor,
        reason=reason,
        forced=bool(forced),
        snapshot=snapshot,
        began=began,
        ended=ended,
        outcome=outcome,
    )
