"""Waiting until services are ready: woken by events, by healthchecks run early, by the clock at the latest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from localenv.actions.starting.board import Board, Replica
from localenv.actions.starting.failing import failure_of, start_failed
from localenv.actions.starting.probes import EarlyHealth, PortProbe, exec_command
from localenv.actions.starting.tools import Facts, ReadinessResult, Tools, tell
from localenv.actions.starting.waiting import CRASH_LOOP, Verdict, Watched, judge, judge_one_shot
from localenv.core.names import EnvironmentId
from localenv.core.plan.steps import AwaitReady
from localenv.errors import LocalenvError
from localenv.errors.start import Cancelled, ServiceFailure
from localenv.ports.progress import Message, ReplicaState

__all__ = ["Watch"]

_LOOK_AGAIN = 2.0
"""Seconds without an event after which the engine is asked, in case an event was lost."""
_SETTLE = 15.0
"""Seconds at most that services which ended after they were ready are watched before the start counts as done."""
_STEADY = 1.0
"""Seconds that such a service has to run to count as steady, and one that is ready by nothing but running, too."""


class Watch:
    """Waits for the services of one environment; each call comes from a thread of its own."""

    def __init__(self, environment: EnvironmentId, tools: Tools, facts: Facts, board: Board, timeout: float) -> None:
        """``timeout``: seconds that each service has, from when it is first waited for."""
        self.results: list[ReadinessResult] = []
        self._environment = environment
        self._tools = tools
        self._facts = facts
        self._board = board
        self._timeout = timeout
        self._cancelled = threading.Event()
        self._watching: dict[str, Watched] = {}
        self._looked = tools.clock.monotonic()

    def refresh(self) -> None:
        """Take over the engine's containers, such as those that were just created."""
        self._looked = self._tools.clock.monotonic()
        self._board.fill(self._tools.engine.observe(self._environment.project, self._environment.name), self._looked)

    def cancel(self) -> None:
        """Let whoever waits end at once."""
        self._cancelled.set()
        for watched in tuple(self._watching.values()):
            _forget(watched)
        self._board.wake()

    def await_ready(self, step: AwaitReady) -> None:
        """Return when all replicas are ready or, for a one-shot, have ended with 0.

        Raises ``StartFailed``, and ``Cancelled`` after ``cancel``.
        """
        waiting = {
            replica.id: self._watched(step, replica)
            for replica in self._board.of(step.service.name)
            if replica.id not in step.leaving
        }
        self._watching.update(waiting)
        deadline = self._tools.clock.monotonic() + self._timeout
        try:
            while waiting:
                version = self._board.version
                wake = self._look(step, waiting)
                if waiting and self._tools.clock.monotonic() >= deadline:
                    raise self._late()
                if waiting:
                    self._pause(deadline if wake is None else min(wake, deadline), version)
        finally:
            for identifier in waiting:
                self._watching.pop(identifier, None)

    def settle(self) -> None:
        """Look again at what was taken as ready because it ran: has it ended since? Raises ``StartFailed`` for a crash loop."""
        until = self._tools.clock.monotonic() + _SETTLE
        while shaky := [replica for replica in self._board.all() if self._shaky(replica)]:
            ended = [replica for replica in shaky if replica.exits]
            looping = [replica for replica in ended if replica.exits >= CRASH_LOOP or replica.seen.restart == "no"]
            if looping:
                raise self._failed([(replica, f"ended with {replica.exit_code} after its start") for replica in looping])
            if self._tools.clock.monotonic() >= until:
                break
            self._pause(self._tools.clock.monotonic() + (0.2 if ended else 0.05), self._board.version)
        if restless := [replica for replica in shaky if replica.exits]:
            raise self._failed([(replica, f"ended {replica.exits} times, last with {replica.exit_code}") for replica in restless])

    def _shaky(self, replica: Replica) -> bool:
        if replica.seen.one_shot or replica.began is None or replica.stopping:
            return False
        if not replica.exits:
            age = self._tools.clock.monotonic() - replica.began
            return age < _STEADY and any(it.container == replica.seen.name and it.how == "running" for it in self.results)
        if replica.seen.may_end and not replica.running and replica.exit_code == 0:
            return False
        return not replica.running or self._tools.clock.monotonic() - replica.began < _STEADY

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
            running_since=self._running_since(replica, now) if replica.began is None and replica.seen.restarts else None,
        )
        if step.goal == "done":
            return watched
        port = self._port(service.name, service.ready_port, service.ready_network, replica)
        if watched.checked:
            self._add_early(watched, port)
        else:
            watched.port = port
            watched.strict = self._answered(step)
        return watched

    def _answered(self, step: AwaitReady) -> bool:
        """Whether a replica that is to be replaced answers where the new ones are to."""
        service = step.service
        old = (replica for replica in self._board.of(service.name) if replica.id in step.leaving)
        ports = (self._port(service.name, service.ready_port, service.ready_network, replica) for replica in old)
        return any(port is not None and port.answers() for port in ports)

    def _running_since(self, replica: Replica, now: float) -> float:
        if replica.seen.started is None:
            return now
        age = self._tools.clock.now() - datetime.fromisoformat(replica.seen.started)
        return now - max(0.0, age.total_seconds())

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
            notify=self._board.wake,
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
                _forget(waiting.pop(identifier))
                self._watching.pop(identifier, None)
            elif verdict.again is not None:
                wake = verdict.again if wake is None else min(wake, verdict.again)
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
            self._tools.progress.emit(Message(stage="note", text=verdict.note, environment=self._environment.name))

    def _show(self, watched: Watched, verdict: Verdict, level: int) -> None:
        if verdict.failed is not None:
            self._tell(watched, "failed", level)
        elif verdict.ready is not None:
            self._tell(watched, "done" if verdict.ready == "ended" else "healthy", level)
        elif watched.replica.health == "unhealthy" and "unhealthy" not in watched.told:
            watched.told.add("unhealthy")
            self._tell(watched, "unhealthy", level)

    def _pause(self, wake: float, version: int) -> None:
        now = self._tools.clock.monotonic()
        until = min(wake, self._looked + _LOOK_AGAIN)
        changed = self._board.wait_beyond(version, max(until - now, 0.001))
        now = self._tools.clock.monotonic()
        if changed:
            self._looked = now
        elif now >= self._looked + _LOOK_AGAIN:
            self.refresh()

    def _late(self) -> LocalenvError:
        late = [(watched.replica, self._state(watched)) for watched in tuple(self._watching.values())]
        return start_failed(str(self._environment), self._failures(late), timeout=self._timeout)

    @staticmethod
    def _state(watched: Watched) -> str:
        replica = watched.replica
        if not replica.running:
            return "not running" if replica.exit_code is None else f"ended with {replica.exit_code}"
        if watched.checked:
            return f"its health is {replica.health.replace('none', 'starting')}"
        return "still runs" if watched.service.one_shot else "running, not ready"

    def _failed(self, replicas: list[tuple[Replica, str]]) -> LocalenvError:
        return start_failed(str(self._environment), self._failures(replicas))

    def _failures(self, replicas: list[tuple[Replica, str]]) -> Iterator[ServiceFailure]:
        for replica, reason in replicas:
            watched = self._watching.get(replica.id)
            said = watched.early.output if watched is not None and watched.early is not None else b""
            yield failure_of(self._tools.engine, self._tools.redact, replica, reason, said)

    def _tell(self, watched: Watched, state: ReplicaState, level: int) -> None:
        tell(self._tools.progress, self._environment, watched.replica, state, level)


def _forget(watched: Watched) -> None:
    if watched.early is not None:
        watched.early.cancel()
