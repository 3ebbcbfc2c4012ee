"""What a plan leaves to others: files copied into the state directory, data profiles loaded."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping

from localenv.actions.load_data import DataFile, LoadData, LoadRequest
from localenv.actions.personalise import Personalisation, PersonaliseData
from localenv.actions.profiles import LoadedProfile
from localenv.core.configuration.data_profile import ServiceData
from localenv.core.data.engines import DataEngine, data_engine
from localenv.core.plan import steps as kinds
from localenv.core.plan.data_steps import Personalise
from localenv.core.plan.steps import Step
from localenv.core.wanted import Wanted
from localenv.errors import LocalenvError, NotFound
from localenv.ports.engine import Engine
from localenv.ports.fixtures import Fixtures
from localenv.ports.state import Store

__all__ = ["Filling"]

Handler = Callable[[Step], None]


class Filling:
    """Gives the executor its handlers for one environment."""

    def __init__(self, engine: Engine, store: Store, fixtures: Fixtures, load: LoadData, personalise: PersonaliseData) -> None:
        self._engine = engine
        self._store = store
        self._fixtures = fixtures
        self._load = load
        self._personalise = personalise

    def handlers(self, wanted: Wanted, profile: LoadedProfile | None) -> Mapping[type[Step], Handler]:
        """Handlers by kind of step."""

        def load(step: Step) -> None:
            if isinstance(step, kinds.LoadData) and profile is not None:
                if step.service is not None:
                    self._into_service(step.service, wanted, profile)
                elif step.volume is not None:
                    self._into_volume(step.volume, wanted, profile)

        def personalise(step: Step) -> None:
            if isinstance(step, Personalise):
                self._fit(step, wanted)

        return {kinds.CopyFiles: self._copy, kinds.LoadData: load, Personalise: personalise}

    def _copy(self, step: Step) -> None:
        if isinstance(step, kinds.CopyFiles):
            self._store.copy(step.copy)

    def _fit(self, step: Personalise, wanted: Wanted) -> None:
        self._personalise(
            Personalisation(
                service=step.service,
                container=self._running(wanted, step.service),
                engine=self._engine_of(step.service, wanted, step.statements[0].where),
                statements=step.statements,
            )
        )

    def _engine_of(self, name: str, wanted: Wanted, where: str) -> DataEngine:
        """Raises ``LocalenvError`` for a service that runs no engine that statements could be given to."""
        service = next(service for service in wanted.services if service.name == name)
        engine = data_engine(service.image, self._engine.image(service.image))
        if engine is None:
            raise LocalenvError(
                f"{name} runs {service.image}, which is none of PostgreSQL, MariaDB, MySQL, Redis and Valkey",
                where=where,
                hints=("fill its volume with plain files instead: volumes: {NAME: {files: FOLDER}}",),
                code="data-engine",
            )
        return engine

    def _into_service(self, name: str, wanted: Wanted, profile: LoadedProfile) -> None:
        engine = self._engine_of(name, wanted, profile.document.where(("services", name)))
        data = profile.profile.services.get(name, ServiceData())
        self._load(
            LoadRequest(
                environment=wanted.id.name,
                service=name,
                container=self._running(wanted, name),
                engine=engine,
                files=tuple(DataFile(path=posixpath.join(profile.directory, text), shown=text) for text in data.files),
                verify=data.verify,
                generation=profile.generation(name),
            )
        )

    def _into_volume(self, volume: str, wanted: Wanted, profile: LoadedProfile) -> None:
        key = next(item.key for item in wanted.volumes if item.name == volume)
        image = next((service.image for service in wanted.services if volume in service.volumes), None)
        if image is None:
            raise LocalenvError(
                f"no service mounts the volume {key}", where=profile.document.where(("volumes", key)), code="data-profile"
            )
        for source in profile.profile.volumes[key].sources:
            self._engine.copy_into_volume(volume, self._archive(posixpath.join(profile.directory, source)), image=image)

    def _archive(self, path: str) -> Iterator[bytes]:
        return self._fixtures.archive(path)

    def _running(self, wanted: Wanted, service: str) -> str:
        for container in self._engine.observe(wanted.id.project, wanted.id.name).containers:
            if container.service == service and container.state == "running":
                return container.id
        raise NotFound(f"{service} of {wanted.id} does not run, so nothing can be loaded into it", code="not-running")
