"""``ci`` with what it needs, and what killed ones left."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from localenv.actions.abandoned import AbandonedEnvironments
from localenv.actions.ci import Ci
from localenv.actions.ci_recorder import CiRecorder
from localenv.actions.ci_reports import CiReports
from localenv.adapters.attended_command import AttendedCommands
from localenv.adapters.ending_signals import ProcessSignals
from localenv.adapters.report_files import ReportFiles
from localenv.ports.progress import Progress
from localenv.wiring.services import Services, services

__all__ = ["abandoned", "ci", "services"]

_NAME_BYTES = 3
"""Random bytes in a name: enough for as many as one engine holds, and short in a hostname."""


def abandoned(told: Services) -> AbandonedEnvironments:
    """What killed ``ci`` left."""
    return AbandonedEnvironments(ledger=told.ledger, locks=told.locks, lifecycle=told.lifecycle)


@contextmanager
def ci(told: Services, display: Callable[[], AbstractContextManager[Progress]]) -> Iterator[Ci]:
    """The action; as long as it is there no signal ends this process without removing what it made."""
    recorder = CiRecorder(told.clock)
    told.show(recorder)

    @contextmanager
    def showing() -> Iterator[None]:
        with display() as progress:
            recorder.show(progress)
            try:
                yield
            finally:
                recorder.show(None)

    with ProcessSignals() as signals:
        yield Ci(
            project=told.project,
            up=told.up,
            lifecycle=told.lifecycle,
            environments=told.environments,
            abandoned=abandoned(told),
            commands=AttendedCommands(told.environment, signals),
            signals=signals,
            reports=CiReports(engine=told.engine, logs=told.logs, files=ReportFiles(), recorder=recorder),
            recorder=recorder,
            showing=showing,
            authority=told.certificates.path,
            fresh_name=lambda: f"ci-{secrets.token_hex(_NAME_BYTES)}",
            ledger=told.ledger,
            locks=told.locks,
            clock=told.clock,
        )
