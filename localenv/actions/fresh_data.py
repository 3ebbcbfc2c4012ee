"""Data that was loaded half way is thrown away, so that loading it again starts from nothing."""

from __future__ import annotations

from localenv.actions.volumes import Volumes
from localenv.core.names import EnvironmentId
from localenv.core.plan.journal import entry, unfinished
from localenv.ports.clock import Clock
from localenv.ports.engine import Engine
from localenv.ports.state import Store

__all__ = ["DiscardHalfLoaded"]

_LOAD = "load data "


class DiscardHalfLoaded:
    """Removes the volumes of services whose load was planned and never ended, and notes that nothing is half loaded then.

    Nothing has worked on them: whoever reads loaded data is started after the load. Where the journal is lost nothing is
    removed.
    """

    def __init__(self, engine: Engine, store: Store, volumes: Volumes, clock: Clock) -> None:
        self._engine = engine
        self._store = store
        self._volumes = volumes
        self._clock = clock

    def __call__(self, environment: EnvironmentId) -> tuple[str, ...]:
        """Return the names of the volumes that were removed."""
        pending = {
            step.removeprefix(_LOAD) for step in unfinished(self._store.journal_lines(environment)) if step.startswith(_LOAD)
        }
        if not pending:
            return ()
        services = self._store.services(environment)
        volumes = {volume for service in services if service.name in pending for volume in service.volumes}
        volumes |= pending & {volume for service in services for volume in service.volumes}
        holders = {service.name for service in services if volumes & set(service.volumes)} | pending
        observed = self._engine.observe(environment.project, environment.name)
        for container in observed.containers:
            if container.service in holders or container.one_shot:
                self._engine.remove(container.id)
        present = sorted(volumes & {volume.name for volume in observed.volumes})
        for volume in present:
            self._volumes.remove(volume)
        at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for name in sorted(pending):
            self._store.journal(environment, entry(at=at, state="done", step=f"{_LOAD}{name}"))
        return tuple(present)
