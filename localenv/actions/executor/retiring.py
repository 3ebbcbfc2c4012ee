"""The end of a replacement: new containers get the service's names, old ones their last requests, then they go."""

from __future__ import annotations

import threading

from localenv.actions.executor.neighbours import Neighbours
from localenv.actions.executor.ports import Ports
from localenv.actions.starting import Session
from localenv.core.connections import held_connections
from localenv.core.plan.rolling_steps import NameReplicas
from localenv.core.plan.steps import RemoveContainer
from localenv.core.wanted import Wanted
from localenv.errors import LocalenvError

__all__ = ["Retiring"]

_TABLES = ("cat", "/proc/net/tcp", "/proc/net/tcp6")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 0.5
_CALM = 0.5
"""Seconds without a connection that make sure of it: a request that was on its way when the router changed may still come."""
_BLIND = 3.0
"""Seconds for a container that cannot be looked into: longer than the router keeps a connection that nobody uses."""


class Retiring:
    """Steps that take containers out of use."""

    def __init__(self, ports: Ports, session: Session, wanted: Wanted | None) -> None:
        self._ports = ports
        self._session = session
        self._neighbours = Neighbours(ports.engine, wanted)
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Wait for nobody's last request."""
        self._cancelled.set()

    def name(self, step: NameReplicas) -> None:
        """Let neighbours find the replicas by the service's names."""
        for replica in self._session.board.of(step.service):
            if replica.id not in step.leaving:
                self._neighbours.learn(step.service, replica.id)

    def remove(self, step: RemoveContainer) -> None:
        """Remove a container. One that had requests until now loses its names and is drained before it is stopped."""
        if step.drain is not None:
            self._neighbours.forget(step.service, step.container)
            self._drain(step.container, step.drain)
        self._session.remove(step)

    def _drain(self, container: str, seconds: float) -> None:
        """Return when nobody has held a connection for a moment, or when time is up: a connection may last for ever."""
        clock = self._ports.clock
        began = clock.monotonic()
        calm_since: float | None = None
        pause = _FIRST_PAUSE
        while not self._cancelled.is_set():
            held = self._held(container)
            now = clock.monotonic()
            calm_since = None if held else (calm_since or now)
            blind = held is None and now - began >= _BLIND
            if blind or now - began >= seconds or (calm_since is not None and held == 0 and now - calm_since >= _CALM):
                return
            clock.pause(min(pause, max(began + seconds - now, 0.0)))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _held(self, container: str) -> int | None:
        """Connections that others hold; ``None`` when the image has nothing to look with."""
        try:
            result = self._ports.engine.execute(container, _TABLES, timeout=5.0)
        except LocalenvError as error:
            return 0 if error.code_of_case in {"not-running", "not-found"} else None
        return held_connections(result.stdout.decode("ascii", "replace")) if result.stdout else None
