"""Running a project's checks against an environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from localenv.actions.run import Run, RunRequest
from localenv.core.configuration.problems import nearest
from localenv.core.configuration.settings import Check
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError, NotFound
from localenv.ports.clock import Clock
from localenv.ports.progress import Message, Progress
from localenv.values import dataclass

__all__ = ["CheckResult", "RunChecks"]

_SHOWN = 15
"""Last lines of a failed check that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What became of one check."""

    name: str
    passed: bool
    told: str
    seconds: float
    output: tuple[str, ...] = ()
    """The last lines that it printed."""


class RunChecks:
    """One after the other, each in a container of its own, in its service's place."""

    def __init__(
        self, *, run: Run, checks: Callable[[EnvironmentId], Mapping[str, Check]], clock: Clock, progress: Progress
    ) -> None:
        """``checks``: those of an environment's configuration, by name."""
        self._run = run
        self._checks = checks
        self._clock = clock
        self._progress = progress

    def __call__(self, environment: EnvironmentId, names: Sequence[str] = ()) -> list[CheckResult]:
        """Those named, or all. Raises ``NotFound`` (code ``no-check``) for one that is not configured."""
        known = self._checks(environment)
        for name in names:
            if name not in known:
                close = nearest(name, known)
                raise NotFound(
                    f"there is no check {name[:80]!a}",
                    details=(f"checks: {', '.join(known) or 'none in localenv.yaml'}",),
                    hints=(f"did you mean {close}?",) if close else (),
                    code="no-check",
                )
        return [self._one(environment, name, known[name]) for name in (names or tuple(known))]

    def _one(self, environment: EnvironmentId, name: str, check: Check) -> CheckResult:
        began = self._clock.monotonic()
        self._tell(environment, f"{name} ...")
        lines: list[str] = []
        request = RunRequest(id=environment, service=check.service, command=check.command or (), terminal=False)
        try:
            code = self._run.collect(self._run.prepared(request), lines.append)
            told = "passed" if code == 0 else f"ended with {code}"
        except LocalenvError as error:
            code, told = 1, error.message
        seconds = self._clock.monotonic() - began
        self._tell(environment, f"{name} {told}", seconds)
        last = tuple(line.rstrip() for line in lines if line.strip())[-_SHOWN:]
        return CheckResult(name=name, passed=code == 0, told=told, seconds=seconds, output=last)

    def _tell(self, environment: EnvironmentId, text: str, seconds: float | None = None) -> None:
        self._progress.emit(Message(stage="check", text=text, seconds=seconds, environment=environment.name))
