"""Files that a data profile names, read as streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

__all__ = ["Fixtures"]


class Fixtures(Protocol):
    """Opens fixture files; ``.gz`` and ``.zst`` are unpacked on the way."""

    def open(self, path: str, *, on_read: Callable[[int], None] | None = None) -> AbstractContextManager[BinaryIO]:
        """Content as it is to be loaded; ``on_read`` gets the count of bytes taken from the file so far.

        Raises ``InvalidInput`` when the file cannot be read or unpacked.
        """
        ...

    def size(self, path: str) -> int:
        """Bytes on the disk, of a file or of everything in a folder."""
        ...

    def archive(self, path: str) -> Iterator[bytes]:
        """Tar archive of a file, or of a folder's content, in pieces."""
        ...
