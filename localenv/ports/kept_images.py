"""Images that releases need, kept in the engine."""

from __future__ import annotations

from typing import Protocol

__all__ = ["KeptImages"]


class KeptImages(Protocol):
    """Keeps images through ``docker image prune -a``, which removes whatever no container was made from."""

    def keep(self, image: str, reference: str) -> None:
        """Give an image (its ID) this tag and a container that is never started. Doing it again does no harm."""
        ...

    def give_up(self, reference: str) -> None:
        """Take both away; the image goes too when nothing else needs it. Nothing happens to one that is not kept."""
        ...
