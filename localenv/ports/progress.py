"""Progress as events: actions tell what happens, the command line decides how it looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from localenv.values import dataclass

if TYPE_CHECKING:
    from localenv.core.plan import Plan

__all__ = ["Event", "Message", "PlanMade", "Progress", "ReplicaState", "ServiceState", "StepState"]

ReplicaState = Literal["created", "starting", "running", "healthy", "done", "unhealthy", "failed", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One line for a person: a stage of the work, or something worth knowing."""

    stage: str
    """``resolve``, ``plan``, ``images``, ``data``, ``start``, ``router``, ``note``..."""
    text: str
    seconds: float | None = None
    environment: str | None = None
    done: int | None = None
    """Bytes or items done of ``total``, for work that takes long."""
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """A step of the plan began, ended or failed."""

    environment: str
    kind: str
    target: str
    state: Literal["begun", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """A replica changed its state while an environment starts or stops."""

    environment: str
    service: str
    number: int
    state: ReplicaState
    level: int = 0
    """Depth in the dependency graph: services of one level are shown on one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade:
    """What is about to be done to an environment."""

    environment: str
    plan: Plan
    services: tuple[str, ...]
    """Names of all services that it is to have."""
    redact: Callable[[str], str]
    """Masks the secret values of this environment in a text."""


Event = Message | StepState | ServiceState | PlanMade


class Progress(Protocol):
    """Receives events from any thread; never raises."""

    def emit(self, event: Event) -> None:
        """Take one event."""
        ...
