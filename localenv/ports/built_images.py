"""Images that were built of a project's files."""

from __future__ import annotations

from typing import Protocol

__all__ = ["BuiltImages"]


class BuiltImages(Protocol):
    """Removes them by their tags."""

    def remove(self, reference: str) -> bool:
        """Take a tag away, and the image when nothing else has it; whether that was done: not while a container is there."""
        ...
