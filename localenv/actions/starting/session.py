"""Starting and stopping one environment's services, each step called from a thread of its own, woken by the engine's events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from localenv.actions.starting.board import Board, Replica
from localenv.actions.starting.failing import start_failed
from localenv.actions.starting.hooks import Hooks
from localenv.actions.starting.tools import Facts, ReadinessResult, Tools, tell
from localenv.actions.starting.watch import Watch
from localenv.actions.workers import side_by_side
from localenv.core.names import EnvironmentId
from localenv.core.plan.steps import AwaitReady, RemoveContainer, StartService, StopService
from localenv.errors import LocalenvError
from localenv.errors.start import ServiceFailure
from localenv.ports.engine import ContainerEvent
from localenv.ports.progress import ReplicaState, ServiceState

__all__ = ["Session"]


class Session:
    """One start or stop of one environment. Made by ``Starting.session``, which feeds it the engine's events."""

    def __init__(self, environment: EnvironmentId, tools: Tools, facts: Facts, timeout: float) -> None:
        self.board = Board()
        self.environment = environment
        self._tools = tools
        self._hooks = Hooks(tools.engine, environment, tools.redact, facts.networks)
        self._watch = Watch(environment, tools, facts, self.board, timeout)

    @property
    def results(self) -> list[ReadinessResult]:
        """What became ready so far."""
        return self._watch.results

    def refresh(self) -> None:
        """Take over the engine's containers, such as those that were just created."""
        self._watch.refresh()

    def start(self, step: StartService) -> None:
        """Start every replica that does not run, with its hooks around it."""
        replicas = [replica for replica in self.board.of(step.service.name) if replica.id not in step.leaving]
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
        except BaseException as error:
            self.board.not_started(replica)
            self._tell(replica, "failed", step.level)
            if isinstance(error, LocalenvError) and error.code_of_case == "engine-refused":
                reason = f"the engine cannot start it: {self._tools.redact(error.message.partition(': ')[2])}"
                failure = ServiceFailure(service=step.service.name, reason=reason, container=replica.seen.name)
                raise start_failed(self.environment.name, [failure]) from error
            raise
        self._tell(replica, "running", step.level)
        self._hooks.post_start(step.service, replica)

    def await_ready(self, step: AwaitReady) -> None:
        """Return when all replicas are ready or, for a one-shot, have ended with 0. Raises ``StartFailed``."""
        self._watch.await_ready(step)

    def settle(self) -> None:
        """Look again at what was taken as ready because it ran. Raises ``StartFailed`` for a crash loop."""
        self._watch.settle()

    def cancel(self) -> None:
        """Let whoever waits end at once."""
        self._watch.cancel()

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

    def listen(self, events: Iterator[ContainerEvent]) -> None:
        """Take events until their source is closed."""
        try:
            for event in events:
                self.board.apply(event, self._tools.clock.monotonic())
        except Exception:  # noqa: BLE001 - a stream that breaks, however it does, is made up for by looking again
            self.board.wake()

    def _tell(self, replica: Replica, state: ReplicaState, level: int) -> None:
        tell(self._tools.progress, self.environment, replica, state, level)
