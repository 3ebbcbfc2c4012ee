"""Starting and stopping one environment's services, each step called from a thread of its own, woken by the engine's events."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from localenv.actions.starting.board import Board, Replica
from localenv.actions.starting.failing import Redactor, failure_of, start_failed
from localenv.actions.starting.hooks import Hooks
from localenv.actions.starting.probes import EarlyHealth, PortProbe, exec_command
from localenv.actions.starting.waiting import How, Verdict, Watched, judge, judge_one_shot
from localenv.actions.workers import Workers, side_by_side
from localenv.core.names import EnvironmentId
from localenv.core.plan.steps import AwaitReady, RemoveContainer, StartService, StopService
from localenv.errors import LocalenvError
from localenv.errors.start import Cancelled
from localenv.ports.clock import Clock
from localenv.ports.dialing import Dialer
from localenv.ports.engine import ContainerEvent, Engine
from localenv.ports.progress import Message, Progress, ServiceState

__all__ = ["Facts", "ReadinessResult", "Session", "Tools"]

_LOOK_AGAIN = 2.0
"""Seconds without an event after which the engine is asked, in case an event was lost."""
_SETTLE = 6.0
"""Seconds at most that services which ended after they were ready are watched before the start counts as done."""


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


class Session:
    """One start or stop of one environment. Made by ``Starting.session``, which feeds it the engine's events."""

    def __init__(self, environment: EnvironmentId, tools: Tools, facts: Facts, timeout: float) -> None:
        self.board = Board()
        self.results: list[ReadinessResult] = []
        self.environment = environment
        self._tools = tools
        self._facts = facts
        self._timeout = timeout
        self._deadline = tools.clock.monotonic() + timeout
        self._cancelled = threading.Event()
        self._hooks = Hooks(tools.engine, environment, tools.redact, facts.networks)
        self._watching: dict[str, Watched] = {}
        self._looked = tools.clock.monotonic()

    # --- what steps call ---------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take over the engine's containers, such as those that were just created."""
        self._looked = self._tools.clock.monotonic()
        self.board.fill(self._tools.engine.observe(self.environment.project, self.environment.name), self._looked)

    def start(self, step: StartService) -> None:
        """Start every replica that does not run, with its hooks around it."""
        replicas = self.board.of(step.service.name)
        idle = [replica for replica in replicas if not replica.running or replica.seen.state == "paused"]
        if idle and len(idle) == len(replicas):
            self._hooks.pre_start(step.service, idle[0])
        side_by_side(lambda replica: self._start(step, replica, idle=replica in idle), replicas, name="localenv-start")

    def _start(self, step: StartService, replica: Replica, *, idle: bool) -> None:
        engine = self._tools.engine
        if replica.seen.state != "created" and replica.seen.restart != step.policy:
            engine.set_restart(replica.id, step.policy)
            replica.seen = replace(replica.seen, restart=step.policy)
        if not idle:
            return
        if replica.seen.state == "paused":
            engine.stop(replica.id, step.service.stop_grace)
        self._tell(replica, "starting", step.level)
        self.board.starting(replica, self._tools.clock.monotonic())
        try:
            engine.start(replica.id)
        except BaseException:
            self.board.not_started(replica)
            self._tell(replica, "failed", step.level)
            raise
        self._tell(replica, "running", step.level)
        self._hooks.post_start(step.service, replica)

    def await_ready(self, step: AwaitReady) -> None:
        """Return when all replicas are ready or, for a one-shot, have ended with 0.

        Raises ``StartFailed``, and ``Cancelled`` after ``cancel``.
        """
        waiting = {replica.id: self._watched(step, replica) for replica in self.board.of(step.service.name)}
        self._watching.update(waiting)
        try:
            while waiting:
                version = self.board.version
                wake = self._look(step, waiting)
                if waiting:
                    self._pause(wake, version)
        finally:
            for identifier in waiting:
                self._watching.pop(identifier, None)

    def stop(self, step: StopService) -> None:
        """Ask every replica to end and wait for it, as long as its grace allows."""
        side_by_side(lambda item: self._stop(step, *item), step.containers, name="localenv-stop")

    def _stop(self, step: StopService, container: str, number: int) -> None:
        engine = self._tools.engine
        if step.hold:
            engine.set_restart(container, "no")
        self._hooks.pre_stop(step.pre_stop, container)
        self.board.stopping(container)
        engine.stop(container, step.grace)
        self.board.stopped(container, self._tools.clock.monotonic())
        state = ServiceState(
            environment=self.environment.name, service=step.service, number=number, state="stopped", level=step.level
        )
        self._tools.progress.emit(state)

    def remove(self, step: RemoveContainer) -> None:
        """Remove a container, after its end when the step grants one."""
        if step.grace is not None:
            self._hooks.pre_stop(step.pre_stop, step.container)
            self.board.stopping(step.container)
            self._tools.engine.stop(step.container, step.grace)
        self._tools.engine.remove(step.container)

    def cancel(self) -> None:
        """Let whoever waits end at once."""
        self._cancelled.set()
        self.board.wake()

    def settle(self) -> None:
        """Look again at what was taken as ready because it ran: has it ended since? Raises ``StartFailed`` for a crash loop."""
        until = min(self._tools.clock.monotonic() + _SETTLE, self._deadline)
        while shaky := [replica for replica in self.board.all() if self._shaky(replica)]:
            looping = [replica for replica in shaky if replica.exits >= 3 or replica.seen.restart == "no"]  # noqa: PLR2004 - see waiting
            if looping:
                raise self._failed([(replica, f"ended with {replica.exit_code} after its start") for replica in looping])
            if self._tools.clock.monotonic() >= until:
                return
            self._pause(self._tools.clock.monotonic() + 0.2, self.board.version)

    def _shaky(self, replica: Replica) -> bool:
        if replica.seen.one_shot or replica.began is None or not replica.exits or replica.stopping:
            return False
        return not replica.running or self._tools.clock.monotonic() - replica.began < 1.0

    # --- events ------------------------------------------------------------------------------------------------------

    def listen(self, events: Iterator[ContainerEvent]) -> None:
        """Take events until their source is closed."""
        try:
            for event in events:
                self.board.apply(event, self._tools.clock.monotonic())
        except Exception:  # noqa: BLE001 - a stream that breaks, however it does, is made up for by looking again
            self.board.wake()

    # --- waiting -----------------------------------------------------------------------------------------------------

    def _watched(self, step: AwaitReady, replica: Replica) -> Watched:
        now = self._tools.clock.monotonic()
        began = replica.began or now
        service = step.service
        watched = Watched(
            replica=replica,
            service=service,
            checked=service.health is not None or service.image_health or replica.health != "none",
            policy=replica.seen.restart,
            began=began,
            patient=replica.began is None,
        )
        if step.goal == "done":
            return watched
        port = self._port(service.name, service.ready_port, service.ready_network, replica)
        if watched.checked:
            self._add_early(watched, port)
        else:
            watched.port = port
        return watched

    def _add_early(self, watched: Watched, port: PortProbe | None) -> None:
        health = watched.service.health or self._tools.engine.healthcheck(watched.replica.id)
        command = exec_command(health) if health is not None else None
        if health is None or command is None:
            return
        watched.interval = health.interval
        watched.early = EarlyHealth(
            engine=self._tools.engine,
            workers=self._tools.probes,
            container=watched.replica.id,
            health=health,
            command=command,
            began=watched.began,
            now=self._tools.clock.monotonic,
            notify=self.board.wake,
            port=port,
        )

    def _port(self, service: str, port: int | None, network: str | None, replica: Replica) -> PortProbe | None:
        if port is None or network is None:
            port, network = self._facts.ports.get(service, (None, None))
        if self._tools.dialer is None or port is None or network is None:
            return None
        return PortProbe(dialer=self._tools.dialer, address=self._address(replica.id, network), port=port)

    def _address(self, container: str, network: str) -> Callable[[], str | None]:
        def ask() -> str | None:
            try:
                address = self._tools.engine.endpoint(container, network).get("address")
            except LocalenvError:
                return None
            return str(address) if address else None

        return ask

    def _look(self, step: AwaitReady, waiting: dict[str, Watched]) -> float | None:
        """Judge each replica once; take out what is ready. Returns when to look again at the latest."""
        if self._cancelled.is_set():
            raise Cancelled("waiting was ended")
        now = self._tools.clock.monotonic()
        wake: float | None = None
        for identifier, watched in list(waiting.items()):
            verdict = judge_one_shot(watched) if step.goal == "done" else judge(watched, now)
            self._show(watched, verdict, step.level)
            if verdict.failed is not None:
                raise self._failed([(watched.replica, verdict.failed)])
            if verdict.ready is not None:
                self._ready(watched, verdict, now)
                del waiting[identifier]
                self._watching.pop(identifier, None)
            elif verdict.again is not None:
                wake = verdict.again if wake is None else min(wake, verdict.again)
        if waiting and now >= self._deadline:
            raise self._late()
        return wake

    def _ready(self, watched: Watched, verdict: Verdict, now: float) -> None:
        seen = watched.replica.seen
        self.results.append(
            ReadinessResult(
                service=seen.service,
                number=seen.number,
                container=seen.name,
                seconds=now - watched.began,
                how=verdict.ready or "running",
            )
        )
        if verdict.note is not None:
            self._tools.progress.emit(Message(stage="note", text=verdict.note, environment=self.environment.name))

    def _show(self, watched: Watched, verdict: Verdict, level: int) -> None:
        if verdict.failed is not None:
            self._tell(watched.replica, "failed", level)
        elif verdict.ready is not None:
            self._tell(watched.replica, "done" if verdict.ready == "ended" else "healthy", level)
        elif watched.replica.health == "unhealthy" and "unhealthy" not in watched.told:
            watched.told.add("unhealthy")
            self._tell(watched.replica, "unhealthy", level)

    def _pause(self, wake: float | None, version: int) -> None:
        now = self._tools.clock.monotonic()
        until = min(wake or self._deadline, self._deadline, self._looked + _LOOK_AGAIN)
        changed = self.board.wait_beyond(version, max(until - now, 0.001))
        now = self._tools.clock.monotonic()
        if changed:
            self._looked = now
        elif now >= self._looked + _LOOK_AGAIN:
            self.refresh()

    def _late(self) -> LocalenvError:
        late = list(self._watching.values())
        reasons = [(watched.replica, self._state(watched)) for watched in late]
        failures = (failure_of(self._tools.engine, self._tools.redact, replica, reason) for replica, reason in reasons)
        return start_failed(str(self.environment), failures, timeout=self._timeout)

    @staticmethod
    def _state(watched: Watched) -> str:
        replica = watched.replica
        if not replica.running:
            return "not running" if replica.exit_code is None else f"ended with {replica.exit_code}"
        if watched.checked:
            return f"its health is {replica.health.replace('none', 'starting')}"
        return "still runs" if watched.service.one_shot else "running, not ready"

    def _failed(self, replicas: list[tuple[Replica, str]]) -> LocalenvError:
        failures = (failure_of(self._tools.engine, self._tools.redact, replica, reason) for replica, reason in replicas)
        return start_failed(str(self.environment), failures)

    def _tell(self, replica: Replica, state: str, level: int) -> None:
        seen = replica.seen
        self._tools.progress.emit(
            ServiceState(
                environment=self.environment.name,
                service=seen.service,
                number=seen.number,
                state=state,  # type: ignore[arg-type]
                level=level,
            )
        )
