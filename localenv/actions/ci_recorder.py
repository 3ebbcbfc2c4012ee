"""What happened while an environment came up, kept beside being shown."""

from __future__ import annotations

import threading

from localenv.core.plan import Plan
from localenv.ports.clock import Clock
from localenv.ports.progress import Event, PlanMade, Progress, ServiceState

__all__ = ["CiRecorder"]


class CiRecorder:
    """A ``Progress`` that remembers the plan and when each service was ready."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock.monotonic()
        self._made: PlanMade | None = None
        self._ready: dict[str, float] = {}
        self._shown: Progress | None = None

    @property
    def plan(self) -> Plan | None:
        """What was about to be done; ``None`` when it did not come to a plan."""
        return self._made.plan if self._made else None

    @property
    def services(self) -> tuple[str, ...]:
        """All that the environment was to have."""
        return self._made.services if self._made else ()

    @property
    def ready(self) -> dict[str, float]:
        """Seconds until all replicas of a service were ready, by service."""
        return dict(self._ready)

    def redact(self, text: str) -> str:
        """Mask the environment's secret values."""
        return self._made.redact(text) if self._made else text

    def show(self, progress: Progress | None) -> None:
        """Hand events on from now on."""
        self._shown = progress

    def emit(self, event: Event) -> None:
        """See ``Progress.emit``."""
        with self._lock:
            if isinstance(event, PlanMade):
                self._made = event
            elif isinstance(event, ServiceState) and event.state in {"healthy", "done"}:
                self._ready[event.service] = self._clock.monotonic() - self._began
        if self._shown is not None:
            self._shown.emit(event)
