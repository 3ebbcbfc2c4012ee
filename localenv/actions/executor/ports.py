"""What steps are carried out with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

from localenv.actions.volumes import Volumes
from localenv.core.observed import ContainerSeen
from localenv.core.plan.steps import Step
from localenv.ports.clock import Clock
from localenv.ports.compose import Compose
from localenv.ports.engine import Engine
from localenv.ports.progress import Progress
from localenv.ports.router import Route, Router
from localenv.ports.state import Store
from localenv.values import dataclass

__all__ = ["Handler", "Ports", "Routes"]

Handler = Callable[[Step], None]
Routes = Callable[[tuple[ContainerSeen, ...]], tuple[Route, ...]]
"""The routes of an environment whose containers are these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What steps are carried out with."""

    engine: Engine
    compose: Compose
    router: Router
    store: Store
    progress: Progress
    clock: Clock
    pack: Callable[[str, tuple[str, ...]], Iterator[bytes]]
    """Tar archive of a file or folder of the client less these paths below it, in pieces."""
    volumes: Volumes
    person: str = ""
    """Who runs the command: manifests say so."""
    handlers: Mapping[type[Step], Handler] = field(default_factory=dict)
    """Steps that other actions carry out: images, copied files, data."""
