"""What is written down of deployments and approvals."""

from __future__ import annotations

from typing import Literal

from localenv.core.names import EnvironmentId
from localenv.values import dataclass

__all__ = ["Approval", "Deployment", "DeploymentKind", "DeploymentOutcome"]

DeploymentKind = Literal["promote", "rollback"]
DeploymentOutcome = Literal["running", "done", "failed", "rolled back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A release brought to an environment, or meant to be."""

    number: int = 0
    """Given by the ledger, growing."""
    id: EnvironmentId
    release: str
    before: str | None = None
    """The release that it ran until then."""
    kind: DeploymentKind = "promote"
    source: str | None = None
    """Environment that the release was promoted from."""
    actor: str
    reason: str = ""
    forced: bool = False
    """Whether a person let it past a gate or the chain."""
    snapshot: str | None = None
    """Identifier of the automatic snapshot of the data, taken before anything was touched."""
    began: str
    """RFC 3339, UTC."""
    ended: str | None = None
    outcome: DeploymentOutcome = "running"
    """``running`` also where the command was killed: the same one goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's word for one release as it was deployed to one environment."""

    id: EnvironmentId
    release: str
    deployment: int
    """Number of the deployment that was approved; another one since makes it void."""
    actor: str
    note: str = ""
    at: str
    """RFC 3339, UTC."""
