"""Opens sessions: the engine's events are listened to before anything is started, and closed when all is done."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from localenv.actions.starting.failing import Redactor
from localenv.actions.starting.session import Session
from localenv.actions.starting.tools import Facts, Tools
from localenv.actions.workers import Workers
from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.ports.clock import Clock
from localenv.ports.dialing import Dialer
from localenv.ports.engine import Engine
from localenv.ports.progress import Progress

__all__ = ["Starting"]

_PROBES = 4
"""Healthchecks run through exec at a time: they compete with the services that they are to see starting."""
_CLOSING = 1.0


class Starting:
    """Makes sessions for environments, which share the few threads that run healthchecks.

    ``redact`` masks secret values in what containers say.
    """

    def __init__(
        self, *, engine: Engine, progress: Progress, clock: Clock, dialer: Dialer | None = None, redact: Redactor | None = None
    ) -> None:
        self._engine = engine
        self._progress = progress
        self._clock = clock
        self._dialer = dialer
        self._redact = redact or (lambda text: text)
        self._probes = Workers(_PROBES, "localenv-probe")

    @contextmanager
    def session(
        self, environment: EnvironmentId, *, facts: Facts | None = None, timeout: float = 120.0, redact: Redactor | None = None
    ) -> Iterator[Session]:
        """A session that knows the environment's containers as they are, and all that happens to them from then on."""
        tools = Tools(
            engine=self._engine,
            progress=self._progress,
            clock=self._clock,
            redact=redact or self._redact,
            probes=self._probes,
            dialer=self._dialer,
        )
        session = Session(environment, tools, facts or Facts(), timeout)
        wanted = {labels.PROJECT: environment.project, labels.ENVIRONMENT: environment.name}
        with self._engine.events(wanted) as events:
            listener = threading.Thread(target=session.listen, args=(events,), name="localenv-events", daemon=True)
            listener.start()
            try:
                session.refresh()
                yield session
            finally:
                session.cancel()
        listener.join(_CLOSING)
