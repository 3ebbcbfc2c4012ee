"""The actions about images, for one engine."""

from __future__ import annotations

from collections.abc import Sequence

from localenv.actions.image_checks import CheckImages, ListImages
from localenv.actions.image_recipes import BuildImages, RecipeBuilds, RecipeSource, ToolImage
from localenv.actions.images import EnsureImages
from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.image_recipes import RecipeFolder
from localenv.adapters.image_sources import ArchiveSource, DockerImageStore, RegistrySource
from localenv.adapters.shipped import shipped_root
from localenv.ports.clock import Clock
from localenv.ports.images import Registries
from localenv.ports.process import Processes
from localenv.values import dataclass

__all__ = ["ImageActions", "image_actions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageActions:
    """All that can be done about images."""

    ensure: EnsureImages
    listing: ListImages
    build: BuildImages
    check: CheckImages
    registries: Registries
    tool: ToolImage


def image_actions(*, engine: DockerEngine, processes: Processes, clock: Clock, archives: Sequence[str] = ()) -> ImageActions:
    """The actions for one engine. ``archives``: files of ``docker save`` to load from when a registry has not got an image."""
    store = DockerImageStore(engine=engine, processes=processes)
    folder = RecipeFolder(str(shipped_root() / "compose" / "images"), processes=processes)
    registries = engine.registries
    builds = RecipeBuilds(store=store, builder=folder)
    sources = (
        RegistrySource(processes=processes, registries=registries),
        ArchiveSource(archives, processes=processes),
        RecipeSource(store=store, builds=builds, registries=registries),
    )
    ensure = EnsureImages(store=store, sources=sources, clock=clock)
    return ImageActions(
        ensure=ensure,
        listing=ListImages(store=store, builder=folder),
        build=BuildImages(store=store, builds=builds, clock=clock),
        check=CheckImages(store=store, builder=folder, tools=engine),
        registries=registries,
        tool=ToolImage(store=store, builder=folder, ensure=ensure),
    )
