"""Deployments and approvals in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from localenv.core.releases.deployments import Approval, Deployment, DeploymentOutcome

__all__ = ["MemoryDeliveries"]


class MemoryDeliveries:
    """``ports.delivery.Deliveries``."""

    def __init__(self) -> None:
        self._deployments: list[Deployment] = []
        self._approvals: list[Approval] = []

    def begin(self, deployment: Deployment) -> Deployment:
        self._deployments.append(replace(deployment, number=len(self._deployments) + 1))
        return self._deployments[-1]

    def end(self, number: int, *, outcome: DeploymentOutcome, at: str) -> None:
        self._deployments[number - 1] = replace(self._deployments[number - 1], outcome=outcome, ended=at)

    def keep_snapshot(self, number: int, snapshot: str) -> None:
        self._deployments[number - 1] = replace(self._deployments[number - 1], snapshot=snapshot)

    def deployments(
        self, project: str, *, environment: str | None = None, release: str | None = None, limit: int = 100
    ) -> Sequence[Deployment]:
        return [each for each in reversed(self._deployments) if _is_of(each, project, environment, release)][:limit]

    def approve(self, approval: Approval) -> None:
        self._approvals.append(approval)

    def approvals(self, project: str, *, environment: str | None = None, release: str | None = None) -> Sequence[Approval]:
        return [each for each in reversed(self._approvals) if _is_of(each, project, environment, release)]


def _is_of(each: Deployment | Approval, project: str, environment: str | None, release: str | None) -> bool:
    return each.id.project == project and environment in {None, each.id.name} and release in {None, each.release}
