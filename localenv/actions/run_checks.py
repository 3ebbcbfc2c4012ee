"""Running a project's checks against an environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from localenv.actions.load_test import LoadTest
from localenv.actions.run import Run, RunRequest
from localenv.core.configuration.problems import nearest
from localenv.core.configuration.settings import Check, LoadCheck
from localenv.core.load_tests import LoadFigures
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
    load: LoadFigures | None = None
    """What a load test measured; ``None`` for a command, and for one that could not be run."""


class RunChecks:
    """One after the other, each in a container of its own: a command in its service's place, a load test before the router."""

    def __init__(
        self,
        *,
        run: Run,
        load_test: LoadTest,
        checks: Callable[[EnvironmentId], Mapping[str, Check]],
        clock: Clock,
        progress: Progress,
    ) -> None:
        """``checks``: those of an environment's configuration, by name."""
        self._run = run
        self._load_test = load_test
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
        try:
            if check.load is not None:
                result = self._load(environment, name, check.load)
            else:
                result = self._command(environment, name, check)
        except LocalenvError as error:
            result = CheckResult(name=name, passed=False, told=error.message, seconds=0.0, output=error.details)
        seconds = self._clock.monotonic() - began
        self._tell(environment, f"{name} {result.told}", seconds)
        return replace(result, seconds=seconds)

    def _command(self, environment: EnvironmentId, name: str, check: Check) -> CheckResult:
        lines: list[str] = []
        request = RunRequest(id=environment, service=check.service or "", command=check.command or (), terminal=False)
        code = self._run.collect(self._run.prepared(request), lines.append)
        last = tuple(line.rstrip() for line in lines if line.strip())[-_SHOWN:]
        return CheckResult(
            name=name, passed=code == 0, told="passed" if code == 0 else f"ended with {code}", seconds=0.0, output=last
        )

    def _load(self, environment: EnvironmentId, name: str, load: LoadCheck) -> CheckResult:
        outcome = self._load_test(environment, load, lambda text: self._tell(environment, f"{name} {text}"))
        return CheckResult(
            name=name,
            passed=not outcome.failed,
            told=outcome.told,
            seconds=0.0,
            load=outcome.figures,
        )

    def _tell(self, environment: EnvironmentId, text: str, seconds: float | None = None) -> None:
        self._progress.emit(Message(stage="check", text=text, seconds=seconds, environment=environment.name))
