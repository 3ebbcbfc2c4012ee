"""Images: what the engine has, where more come from, and the recipes that stand in where no registry answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from localenv.core.images import Recipe, Reference, SourceKind
from localenv.core.wanted import ImageDetails

__all__ = ["ImageSource", "ImageStore", "RecipeBuilder", "Registries", "Tell"]

Tell = Callable[[str], None]
"""Takes one line of progress."""


class ImageStore(Protocol):
    """The engine's own images."""

    def image(self, reference: str) -> ImageDetails | None:
        """Details of an image that is there, by reference or ID."""
        ...

    def tag(self, image: str, reference: str) -> None:
        """Give an image that is there one more name."""
        ...


class ImageSource(Protocol):
    """One place that images come from."""

    @property
    def kind(self) -> SourceKind:
        """Told with what came from here."""
        ...

    def obtain(self, reference: Reference, tell: Tell) -> str | None:
        """Bring the image into the engine under that reference; return how, for people.

        ``None`` when this source does not have it. Raises ``LocalenvError`` when it has it and fails.
        """
        ...


class Registries(Protocol):
    """Whether image registries can be reached from the engine."""

    def reachable(self, reference: Reference) -> bool:
        """Whether this image's registry answers the engine, be it with a refusal. Asked once per registry, within seconds."""
        ...


class RecipeBuilder(Protocol):
    """Makes images from recipes."""

    def recipes(self) -> tuple[Recipe, ...]:
        """All recipes that ship, by name. Raises ``InvalidInput`` for one that cannot be read."""
        ...

    def build(self, recipe: Recipe, base: str | None, tags: Sequence[str], tell: Tell, *, cached: bool = True) -> None:
        """Make the image on ``base`` (the image of its first need) and give it these tags.

        Raises ``LocalenvError`` with code ``image-build`` and the last lines of what the build said.
        """
        ...
