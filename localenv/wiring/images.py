"""Actions about images with what they need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localenv.actions.image_checks import ImageRow
from localenv.core.images import parse_reference
from localenv.errors import LocalenvError
from localenv.wiring.environments import project_here, services
from localenv.wiring.image_actions import ImageActions
from localenv.wiring.services import Services

__all__ = ["ImagesHere", "images"]


class ImagesHere:
    """The actions of this machine, and which images the project here uses."""

    def __init__(self, told: Services) -> None:
        self._services = told
        self.actions: ImageActions = told.image_actions

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
