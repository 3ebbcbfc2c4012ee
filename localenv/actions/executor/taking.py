"""Freezing an environment's volumes at one instant: paused while they are copied, or stopped while they are renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from localenv.actions.client_variables import client_variables
from localenv.actions.executor.ports import Ports
from localenv.actions.starting import Session
from localenv.actions.workers import side_by_side
from localenv.core.data.clients import settle_call
from localenv.core.data.engines import data_engine
from localenv.core.names import EnvironmentId
from localenv.core.plan.data_steps import TakeSnapshot
from localenv.core.plan.graph import restart_policy
from localenv.core.plan.services import wait_for
from localenv.core.plan.steps import StartService, StopService
from localenv.core.snapshots.model import Snapshot, SnapshotVolume
from localenv.core.wanted import ServiceWanted
from localenv.errors import LocalenvError
from localenv.errors.start import StartFailed
from localenv.ports.progress import Message
from localenv.ports.volumes import Frozen

__all__ = ["Taking"]


class Taking:
    """Carries out ``TakeSnapshot`` for one environment. ``by`` names the person."""

    def __init__(self, ports: Ports, session: Session) -> None:
        self._ports = ports
        self._session = session
        self._volumes = ports.volumes

    def __call__(self, step: TakeSnapshot) -> None:
        """Take it. Whatever fails, the environment goes on as it was and nothing half-made is listed.

        Of one that is not needed that is told and no more: the environment has its data, the next one makes it again.
        """
        try:
            self._take(step)
        except LocalenvError as error:
            if step.needed or isinstance(error, StartFailed):
                raise
            told = f"its data could not be frozen for the next environment: {error.message}"
            self._ports.progress.emit(Message(stage="note", text=told, environment=self._session.environment.name))

    def _take(self, step: TakeSnapshot) -> None:
        store = self._volumes.needed()
        environment = self._session.environment
        if step.snapshot_kind == "baseline":
            self._settle(step)
        if step.copies:
            held = self._paused(environment, step.bystanders)
            take = store.copy
        else:
            held = self._stopped(step)
            take = store.freeze
        with held as stood_still:
            frozen = take(environment, step.volumes)
        try:
            snapshot = store.seal(frozen, self._manifest(step, frozen, stood_still()))
        except BaseException:
            store.abandon(frozen)
            raise
        count = len(snapshot.volumes)
        text = f"{snapshot.label}, {count} volume{'s' if count != 1 else ''}"
        self._ports.progress.emit(Message(stage="snapshot", text=text, seconds=snapshot.pause, environment=environment.name))

    def _settle(self, step: TakeSnapshot) -> None:
        """Databases do now what each clone would do again. One that cannot is frozen as it is: it costs space and no more."""
        engine = self._ports.engine
        for service in step.stops:
            kind = data_engine(service.image, engine.image(service.image))
            if kind is None:
                continue
            for replica in self._session.board.of(service.name):
                call = settle_call(kind, client_variables(engine, replica.id)) if replica.running else None
                if call is not None:
                    engine.execute(replica.id, call.argv, environment=call.environment)

    def _manifest(self, step: TakeSnapshot, frozen: Frozen, pause: float) -> Callable[[tuple[SnapshotVolume, ...]], Snapshot]:
        method = self._volumes.needed().method or "copy"
        environment = self._session.environment

        def make(volumes: tuple[SnapshotVolume, ...]) -> Snapshot:
            return Snapshot(
                id=uuid4().hex[:16],
                kind=step.snapshot_kind,
                method=method,
                project=environment.project,
                environment=environment.name,
                tier=step.tier,
                created=self._ports.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                volumes=volumes,
                name=step.name,
                key=step.key,
                profile=step.profile,
                reason=step.reason,
                by=self._ports.person,
                engine=self._ports.engine.info().version,
                images=dict(step.images),
                one_shots=dict(step.one_shots),
                secrets=dict(step.secrets),
                pause=round(pause, 3),
                live=not frozen.in_place,
            )

        return make

    @contextmanager
    def _paused(self, environment: EnvironmentId, bystanders: tuple[str, ...]) -> Iterator[Callable[[], float]]:
        """All that may write to the volumes is held; what a killed command left so goes on afterwards, too."""
        engine, clock = self._ports.engine, self._ports.clock
        running = [
            seen.id
            for seen in engine.observe(environment.project, environment.name, details=False).containers
            if seen.state == "paused" or (seen.state == "running" and seen.service not in bystanders)
        ]
        began, ended = clock.monotonic(), clock.monotonic()
        try:
            side_by_side(engine.pause, running, name="localenv-pause")
            yield lambda: ended - began
        finally:
            side_by_side(engine.unpause, running, name="localenv-unpause")
            ended = clock.monotonic()

    @contextmanager
    def _stopped(self, step: TakeSnapshot) -> Iterator[Callable[[], float]]:
        """The services that write to the volumes ended in good order, and started again."""
        clock = self._ports.clock
        stopped: list[ServiceWanted] = []
        began, ended = clock.monotonic(), clock.monotonic()
        try:
            for service in reversed(step.stops):
                running = tuple((r.id, r.seen.number) for r in self._session.board.of(service.name) if r.running)
                if running:
                    stopped.insert(0, service)
                    self._session.stop(
                        StopService(
                            target=service.name,
                            cause="snapshot",
                            service=service.name,
                            containers=running,
                            grace=service.stop_grace,
                            pre_stop=service.pre_stop,
                        )
                    )
            yield lambda: ended - began
        finally:
            for service in stopped:
                start = StartService(target=service.name, cause="snapshot", service=service, policy=restart_policy(service))
                self._session.start(start)
                self._session.await_ready(wait_for(service, "until it is ready", 0))
            ended = clock.monotonic()
