"""Seeing readiness early: a healthcheck's own command run through exec, or a port that answers.

The engine runs a healthcheck for the first time after a whole interval (facts.md: ``start_interval`` is no way out). While a
container starts, its command is run here with growing pauses. Only success counts: failures never make it unhealthy,
so retries and start_period keep their meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from localenv.actions.workers import Workers
from localenv.core.wanted import HealthCheck
from localenv.errors import LocalenvError
from localenv.ports.dialing import Dialer
from localenv.ports.engine import Engine

__all__ = ["EarlyHealth", "PortProbe", "exec_command"]

_FIRST_PAUSE = 0.05
"""Before the first run, where no port tells when it is worth it."""
_SHORTEST_PAUSE = 0.1
_GROWTH = 0.3
"""Part of the time waited so far, or since the port opened: readiness is then seen at most that much late."""
_LONGEST_PAUSE = 2.0
_LONGEST_RUN = 5.0
_DIAL_EVERY, _DIAL_GROWTH = 0.02, 0.03
"""Seconds between two dials, or that part of the time waited so far: many environments may be dialled at once."""
_DIAL_SECONDS = 0.05
_CLOSED_PAUSE = 1.0
"""Before the first run while a port that the service has does not answer: then as long as was waited so far. A run takes
from the start what it costs, and is only for healthchecks that the port says nothing about."""
_LONGEST_CLOSED = 10.0


def exec_command(health: HealthCheck) -> tuple[str, ...] | None:
    """Argument list of a healthcheck; ``None`` when there is nothing to run (Engine API, ``HealthConfig.Test``)."""
    kind, *rest = health.test or ("NONE",)
    if kind == "CMD" and rest:
        return tuple(rest)
    if kind == "CMD-SHELL" and rest:
        return ("/bin/sh", "-c", *rest)
    return None


@dataclass(slots=True, kw_only=True)
class PortProbe:
    """Asks one port of one container until it answers."""

    dialer: Dialer
    address: Callable[[], str | None]
    port: int
    open: bool = False
    _host: str | None = None

    def answers(self) -> bool:
        """Whether it answers now, or did before."""
        if not self.open:
            self._host = self._host or self.address()
            self.open = self._host is not None and self.dialer.answers(self._host, self.port, _DIAL_SECONDS)
        return self.open


@dataclass(slots=True, kw_only=True)
class EarlyHealth:
    """Runs one container's healthcheck, never twice at a time; gives up after a run that hangs."""

    engine: Engine
    workers: Workers
    container: str
    health: HealthCheck
    command: tuple[str, ...]
    began: float
    now: Callable[[], float]
    notify: Callable[[], None]
    port: PortProbe | None = None
    """Asked all the while, because asking costs little: a run is due as soon as it answers."""
    state: Literal["waiting", "running", "yes", "over"] = "waiting"
    output: bytes = b""
    """What the last run that failed said."""
    due: float = field(init=False)
    _since: float = field(init=False)
    """From when on pauses grow."""

    def __post_init__(self) -> None:
        """The first run comes soon after the start, unless a port tells when."""
        self._since = self.began
        self.due = self.began + (_FIRST_PAUSE if self.port is None else _CLOSED_PAUSE)

    def poll(self) -> float | None:
        """Begin a run when one is due, or the port has just opened; return when to call again, ``None``: when notified."""
        if self.state != "waiting":
            return None
        closed = self.port is not None and not self.port.open
        if closed and self.port is not None and self.port.answers():
            self._since = self.due = self.now()
        if self.now() >= self.due:
            self.state = "running"
            self.workers.submit(self._run)
            return None
        now = self.now()
        return min(self.due, now + max(_DIAL_EVERY, _DIAL_GROWTH * (now - self.began))) if closed else self.due

    def cancel(self) -> None:
        """Begin no further run: the answer is known by other means, or nobody waits for it any more."""
        self.state = "over"

    def _run(self) -> None:
        if self.state != "running":
            return
        try:
            result = self.engine.execute(self.container, self.command, timeout=min(self.health.timeout, _LONGEST_RUN))
        except LocalenvError:
            self.state = "over"
        else:
            self.output = result.stderr or result.stdout
            self.due = self._next()
            self.state = "yes" if result.exit_code == 0 else "waiting"
        self.notify()

    def _next(self) -> float:
        now = self.now()
        waited = now - self._since
        if self.port is not None and not self.port.open:
            return now + min(waited, _LONGEST_CLOSED)
        longest = max(_SHORTEST_PAUSE, min(self.health.interval, _LONGEST_PAUSE))
        return now + min(max(_SHORTEST_PAUSE, _GROWTH * waited), longest)
