"""What each kind of step does to the engine, the router and the state directory. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localenv.actions.executor.creating import Creating
from localenv.actions.executor.ports import Ports, Routes
from localenv.actions.executor.retiring import Retiring
from localenv.actions.executor.serving import Serving
from localenv.actions.executor.taking import Taking
from localenv.actions.starting import Session
from localenv.core import labels
from localenv.core.plan import steps as kinds
from localenv.core.plan.data_steps import CloneSnapshot, TakeSnapshot
from localenv.core.plan.rolling_steps import ConfirmShare, NameReplicas, ShareRoute
from localenv.core.plan.steps import Step
from localenv.core.wanted import Wanted
from localenv.errors import LocalenvError
from localenv.ports.engine import NetworkSpec

__all__ = ["Effects"]


class Effects:
    """Carries out the steps of one plan."""

    def __init__(self, ports: Ports, session: Session, wanted: Wanted | None, routes: Routes | None, timeout: float) -> None:
        self.serving = Serving(ports, session, routes, timeout)
        self._ports = ports
        self._session = session
        creating = Creating(ports, session, wanted)
        self._retiring = Retiring(ports, session, wanted)
        self._acts: dict[type[Step], Callable[[Any], None]] = {
            kinds.CreateNetwork: self._create_network,
            kinds.RemoveNetwork: lambda step: ports.engine.remove_network(step.target),
            kinds.CreateVolume: self._create_volume,
            kinds.SeedVolume: self._seed,
            kinds.CloneVolume: self._clone,
            kinds.RemoveVolume: lambda step: ports.volumes.remove(step.target),
            CloneSnapshot: self._stand_on,
            TakeSnapshot: Taking(ports, session),
            kinds.RemoveContainer: self._retiring.remove,
            kinds.CreateContainers: creating.create,
            kinds.PlaceReplicas: creating.place,
            NameReplicas: self._retiring.name,
            kinds.InjectFiles: creating.inject,
            kinds.StartService: session.start,
            kinds.RunOneShot: session.start,
            kinds.AwaitReady: session.await_ready,
            kinds.StopService: session.stop,
            kinds.PublishRoute: self.serving.publish,
            ShareRoute: self.serving.share,
            kinds.ConfirmRoute: self.serving.confirm,
            ConfirmShare: self.serving.confirm,
            kinds.ProbeUrl: self.serving.probe,
            kinds.WithdrawRoute: self.serving.withdraw,
            **ports.handlers,
        }

    def cancel(self) -> None:
        """End what only waits."""
        self.serving.cancel()
        self._retiring.cancel()
        self._session.cancel()

    def __call__(self, step: Step) -> None:
        """Carry out one step. Doing it again does no harm."""
        self._acts[type(step)](step)

    def _now(self) -> str:
        return self._ports.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _create_network(self, step: kinds.CreateNetwork) -> None:
        self._ports.engine.create_network(
            NetworkSpec(
                name=step.target,
                subnet=step.subnet,
                ip_range=step.ip_range,
                gateway=step.gateway,
                internal=step.internal,
                options=step.options,
                labels={**step.labels, labels.CREATED: self._now()},
            )
        )

    def _create_volume(self, step: kinds.CreateVolume) -> None:
        self._ports.volumes.create(step.target, self._session.environment, {**step.labels, labels.CREATED: self._now()})

    def _stand_on(self, step: CloneSnapshot) -> None:
        found = step.snapshot.volume(step.volume)
        if found is None:
            raise LocalenvError(f"snapshot {step.snapshot.label} has no volume {step.volume}", code="no-snapshot")
        self._ports.volumes.create(
            step.target,
            self._session.environment,
            {**step.labels, labels.CREATED: self._now()},
            source=(step.snapshot, found),
        )

    def _seed(self, step: kinds.SeedVolume) -> None:
        self._ports.engine.copy_into_volume(step.target, self._ports.pack(step.source, step.exclude), image=step.image)

    def _clone(self, step: kinds.CloneVolume) -> None:
        engine = self._ports.engine
        engine.copy_into_volume(step.target, engine.read_volume(step.source, image=step.image), image=step.image)
