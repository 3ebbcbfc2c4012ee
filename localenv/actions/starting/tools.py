"""What a session works with, what it is told of the environment, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from localenv.actions.starting.board import Replica
from localenv.actions.starting.failing import Redactor
from localenv.actions.starting.waiting import How
from localenv.actions.workers import Workers
from localenv.core.names import EnvironmentId
from localenv.ports.clock import Clock
from localenv.ports.dialing import Dialer
from localenv.ports.engine import Engine
from localenv.ports.progress import Progress, ReplicaState, ServiceState
from localenv.values import dataclass

__all__ = ["Facts", "ReadinessResult", "Tools", "tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessResult:
    """When one replica was seen to be ready, and by what."""

    service: str
    number: int
    container: str
    seconds: float
    """Since its start, or since it was first waited for."""
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What steps do not hold and waiting needs to know of the environment."""

    networks: Mapping[str, str] = field(default_factory=dict)
    """Name on the engine of one network of each service."""
    ports: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """A port that each service probably serves, and the network's name on which to ask it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a session works with."""

    engine: Engine
    progress: Progress
    clock: Clock
    redact: Redactor
    probes: Workers
    dialer: Dialer | None = None
    """``None`` where containers' addresses cannot be reached from here."""


def tell(progress: Progress, environment: EnvironmentId, replica: Replica, state: ReplicaState, level: int) -> None:
    """Say that a replica changed its state."""
    seen = replica.seen
    progress.emit(ServiceState(environment=environment.name, service=seen.service, number=seen.number, state=state, level=level))
