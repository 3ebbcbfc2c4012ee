"""What the ledger keeps of deployments and approvals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from localenv.core.releases.deployments import Approval, Deployment, DeploymentOutcome

__all__ = ["Deliveries"]


class Deliveries(Protocol):
    """Deployments and approvals of environments. They outlive the environment: they are its history."""

    def begin(self, deployment: Deployment) -> Deployment:
        """Write down what is about to be deployed; return it with its number."""
        ...

    def end(self, number: int, *, outcome: DeploymentOutcome, at: str) -> None: ...
    def keep_snapshot(self, number: int, snapshot: str) -> None:
        """Note the snapshot that was taken before."""
        ...

    def deployments(
        self, project: str, *, environment: str | None = None, release: str | None = None, limit: int = 100
    ) -> Sequence[Deployment]:
        """Newest first."""
        ...

    def approve(self, approval: Approval) -> None: ...
    def approvals(self, project: str, *, environment: str | None = None, release: str | None = None) -> Sequence[Approval]:
        """Newest first."""
        ...
