"""Actions about images with what they need."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localenv.actions.image_checks import CheckImages, ImageRow, ListImages
from localenv.actions.image_recipes import BuildImages, RecipeBuilds, RecipeSource
from localenv.actions.images import EnsureImages
from localenv.adapters.docker_engine.api import Api
from localenv.adapters.docker_engine.endpoint import find_endpoint
from localenv.adapters.docker_engine.registries import EngineRegistries
from localenv.adapters.image_recipes import RecipeFolder
from localenv.adapters.image_sources import ArchiveSource, DockerImageStore, RegistrySource
from localenv.adapters.shipped import shipped_root
from localenv.core.images import parse_reference
from localenv.errors import LocalenvError
from localenv.ports.clock import Clock
from localenv.ports.engine import Engine
from localenv.ports.process import Processes
from localenv.wiring.environments import project_here, services
from localenv.wiring.services import Services

__all__ = ["ImageActions", "ImagesHere", "image_actions", "images"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageActions:
    """All that can be done about images."""

    ensure: EnsureImages
    listing: ListImages
    build: BuildImages
    check: CheckImages


def image_actions(
    *, engine: Engine, processes: Processes, clock: Clock, environment: Mapping[str, str], archives: Sequence[str] = ()
) -> ImageActions:
    """The actions for one engine. ``archives``: files of ``docker save`` to load from when a registry has not got an image."""
    store = DockerImageStore(engine=engine, processes=processes)
    folder = RecipeFolder(str(shipped_root() / "compose" / "images"), processes=processes)
    registries = EngineRegistries(Api(find_endpoint(environment)))
    builds = RecipeBuilds(store=store, builder=folder)
    sources = (
        RegistrySource(processes=processes, registries=registries),
        ArchiveSource(archives, processes=processes),
        RecipeSource(store=store, builds=builds, registries=registries),
    )
    return ImageActions(
        ensure=EnsureImages(store=store, sources=sources, clock=clock),
        listing=ListImages(store=store, builder=folder),
        build=BuildImages(store=store, builds=builds, clock=clock),
        check=CheckImages(store=store, builder=folder, tools=engine),
    )


class ImagesHere:
    """The actions of this machine, and which images the project here uses."""

    def __init__(self, told: Services) -> None:
        self._services = told
        archives = told.place.variables.get("LOCALENV_IMAGE_ARCHIVES", "").split(os.pathsep)
        self.actions = image_actions(
            engine=told.engine,
            processes=told.processes,
            clock=told.clock,
            environment=os.environ,  # noqa: TID251 - DOCKER_HOST and its kin
            archives=[path for path in archives if path],
        )

    def rows(self, directory: Path, *, every: bool) -> tuple[ImageRow, ...]:
        """What the project's environments use now; every recipe too where there is none, or when asked."""
        used = self._used(directory)
        rows = self.actions.listing(used)
        return rows if every or not used else tuple(row for row in rows if row.reference in used)

    def _used(self, directory: Path) -> frozenset[str]:
        try:
            project = project_here(self._services, directory)
        except LocalenvError:
            return frozenset()
        if project is None:
            return frozenset()
        return frozenset(
            parse_reference(container.image).familiar
            for container in self._services.engine.observe(project, details=False).containers
            if not container.image.startswith("sha256:")
        )


@contextmanager
def images() -> Iterator[ImagesHere]:
    """For the ``images`` commands."""
    with services() as told:
        yield ImagesHere(told)
