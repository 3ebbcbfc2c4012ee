"""``ci``: an environment for the time of one command."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from localenv.actions.abandoned import CI, AbandonedEnvironments
from localenv.actions.ci_recorder import CiRecorder
from localenv.actions.ci_reports import CiPlaces, CiReports
from localenv.actions.configuration import Loaded
from localenv.actions.environments import Environments, exposures_of
from localenv.actions.lifecycle import Lifecycle
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest, UpResult
from localenv.core.ci.run import CiRun
from localenv.core.ci.variables import command_variables
from localenv.core.configuration.environments import environment_settings, tier_left_to
from localenv.core.names import EnvironmentId
from localenv.core.summary import ServiceSummary
from localenv.errors import InvalidInput, LocalenvError, NotFound
from localenv.errors.start import StartFailed
from localenv.ports.clock import Clock
from localenv.ports.command import Commands, EndingSignals
from localenv.ports.progress import Message
from localenv.ports.state import EnvironmentRecord, Ledger, Locks
from localenv.values import dataclass

__all__ = ["Ci", "CiRequest", "CiResult"]

_TIER = "development"
"""Where code is tested as it is written: what passes on a person's machine passes on a runner."""
_BY_SIGNAL = 128
"""What shells add to a signal's number (POSIX 2.8.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CiRequest:
    """Which command, and which environment of the project around ``directory``."""

    directory: str
    command: tuple[str, ...]
    name: str | None = None
    tier: str | None = None
    data: str | None = None
    scale: float | None = None
    snapshot: str | None = None
    build: bool = False
    timeout: float = 300.0
    """Seconds to become healthy."""
    places: CiPlaces = CiPlaces()
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CiResult:
    """What became of it."""

    run: CiRun
    unwritten: tuple[LocalenvError, ...] = ()
    """Reports that could not be written."""
    left: LocalenvError | None = None
    """Why the environment could not be removed."""


class Ci:
    """Up, the command, reports, away again: the last two whatever became of the first."""

    def __init__(  # noqa: PLR0913 - what the command's life touches, handed in once by the wiring
        self,
        *,
        project: Callable[[str], Loaded],
        up: Up,
        lifecycle: Lifecycle,
        environments: Environments,
        abandoned: AbandonedEnvironments,
        commands: Commands,
        signals: EndingSignals,
        reports: CiReports,
        recorder: CiRecorder,
        showing: Callable[[], AbstractContextManager[None]],
        authority: Callable[[str], str],
        fresh_name: Callable[[], str],
        ledger: Ledger,
        locks: Locks,
        clock: Clock,
    ) -> None:
        """``showing`` shows progress for a while: never while the command has the terminal.

        ``authority`` gives the path of a domain's CA certificate.
        """
        self._project = project
        self._up = up
        self._lifecycle = lifecycle
        self._environments = environments
        self._abandoned = abandoned
        self._commands = commands
        self._signals = signals
        self._reports = reports
        self._recorder = recorder
        self._showing = showing
        self._authority = authority
        self._fresh_name = fresh_name
        self._ledger = ledger
        self._locks = locks
        self._clock = clock

    def planned(self, request: CiRequest) -> UpResult:
        """What would be brought up; nothing is changed."""
        loaded = self._project(request.directory)
        environment = self._named(request, loaded)
        self._refuse_existing(environment)
        (result,) = self._up(replace(self._asked(request, environment), dry_run=True))
        return result

    def __call__(self, request: CiRequest) -> CiResult:
        """Raises ``LocalenvError`` only for what is wrong before anything was made; all else is in the result."""
        loaded = self._project(request.directory)
        self._reports.prepare(request.places)
        self._remove_abandoned()
        environment = self._named(request, loaded)
        tier, _data = environment_settings(loaded.settings, environment.name, self._tier(request, loaded, environment))
        with self._locks.command(environment, CI):
            self._refuse_existing(environment)
            began = EnvironmentRecord(id=environment, tier=tier.tier, directory=loaded.directory, kind=CI)
            self._ledger.save(began)
            keep = False
            unwritten: tuple[LocalenvError, ...] = ()
            left: LocalenvError | None = None
            try:
                run = self._run(request, loaded, began)
                keep = run.kept
                unwritten = self._reports(run, request.places)
            finally:
                if keep:
                    self._keep(environment)
                else:
                    left = self._remove(environment)
        return CiResult(run=run, unwritten=unwritten, left=left)

    def _remove_abandoned(self) -> None:
        """What of it cannot be removed is told, and left to gc: this command has nothing to do with it."""

        def stays(environment: EnvironmentId, error: LocalenvError) -> None:
            text = f"what a killed ci left stays: {environment}: {error.message}; localenv gc"
            self._recorder.emit(Message(stage="note", text=text))

        with self._showing():
            self._abandoned.remove(stays)

    def _run(self, request: CiRequest, loaded: Loaded, record: EnvironmentRecord) -> CiRun:
        seconds: dict[str, float] = {}
        at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        error: LocalenvError | None = None
        code = 1
        try:
            self._commands.check(request.command[0], request.directory)
            self._bring_up(request, record.id, seconds)
            code = self._attend(request, loaded, record, seconds)
        except KeyboardInterrupt:
            pass
        except LocalenvError as failed:
            error, code = self._told(failed, request), failed.exit_code
        ended_by = self._signals.first
        if ended_by is not None and (error is not None or code == 0 or "command" not in seconds):
            code = _BY_SIGNAL + ended_by
        services = self._services(record.id)
        return CiRun(
            id=record.id,
            tier=record.tier,
            command=tuple(self._recorder.redact(word) for word in request.command),
            began=at,
            exit_code=code,
            seconds=seconds,
            ended_by=signal.Signals(ended_by).name if ended_by is not None else None,
            error=error,
            services=services,
            wanted=self._recorder.services,
            ready=self._recorder.ready,
            exposures=exposures_of(self._ledger.record(record.id)),
            kept=request.keep and bool(services),
        )

    def _bring_up(self, request: CiRequest, environment: EnvironmentId, seconds: dict[str, float]) -> None:
        began = self._clock.monotonic()
        try:
            with self._signals.interrupting(), self._showing():
                (result,) = self._up(self._asked(request, environment))
                url = next((f"  {item['url']}" for item in result.exposures if item.get("primary") and item.get("url")), "")
                self._tell("up", f"{environment.name}{url}", self._clock.monotonic() - began)
        finally:
            seconds["up"] = self._clock.monotonic() - began

    def _attend(self, request: CiRequest, loaded: Loaded, record: EnvironmentRecord, seconds: dict[str, float]) -> int:
        variables = command_variables(
            record.id,
            tier=record.tier,
            exposures=exposures_of(self._ledger.record(record.id)),
            authority=self._authority(loaded.settings.domain),
        )
        began = self._clock.monotonic()
        code = self._commands.attend(request.command, environment=variables, directory=request.directory)
        seconds["command"] = self._clock.monotonic() - began
        return code

    def _told(self, error: LocalenvError, request: CiRequest) -> LocalenvError:
        """Its hints name containers, which are gone by the time that a person reads them."""
        if isinstance(error, StartFailed) and not request.keep:
            where = (
                f"look into {request.places.artifacts}" if request.places.artifacts else "add --artifacts DIR to have all logs"
            )
            error.hints = (f"{where}, or --keep to look around in it",)
        return error

    def _services(self, environment: EnvironmentId) -> tuple[ServiceSummary, ...]:
        """As they are now; none where nothing can be seen of them."""
        try:
            return self._environments.one(environment).services
        except LocalenvError:
            return ()

    def _keep(self, environment: EnvironmentId) -> None:
        """From now on it is a person's own."""
        if (record := self._ledger.record(environment)) is not None:
            self._ledger.save(replace(record, kind=""))

    def _remove(self, environment: EnvironmentId) -> LocalenvError | None:
        began = self._clock.monotonic()
        try:
            with self._showing():
                self._lifecycle("destroy", [environment])
                if self._recorder.plan is not None:
                    self._tell("removed", environment.name, self._clock.monotonic() - began)
        except LocalenvError as error:
            return error
        return None

    def _tell(self, stage: str, text: str, seconds: float) -> None:
        self._recorder.emit(Message(stage=stage, text=text, seconds=seconds))

    def _named(self, request: CiRequest, loaded: Loaded) -> EnvironmentId:
        project = loaded.settings.project
        if request.name is not None:
            return EnvironmentId(project=project, name=request.name)
        while True:
            environment = EnvironmentId(project=project, name=self._fresh_name())
            if self._ledger.record(environment) is None:
                return environment

    def _refuse_existing(self, environment: EnvironmentId) -> None:
        try:
            self._environments.one(environment)
        except NotFound:
            if self._ledger.record(environment) is None:
                return
        raise InvalidInput(
            f"there is an environment {environment.name} already",
            details=("ci makes one of its own, and removes it in the end",),
            hints=("leave --name out: ci finds one by itself", f"localenv destroy {environment.name}"),
            code="exists",
        )

    def _tier(self, request: CiRequest, loaded: Loaded, environment: EnvironmentId) -> str | None:
        return request.tier or tier_left_to(loaded.settings, environment.name, _TIER)

    def _asked(self, request: CiRequest, environment: EnvironmentId) -> UpRequest:
        return UpRequest(
            directory=request.directory,
            names=(environment.name,),
            tier=request.tier,
            other_tier=_TIER,
            data=request.data,
            scale=request.scale,
            snapshot=request.snapshot,
            build=request.build,
            timeout=request.timeout,
            worktree=True,
            captured=True,
        )
