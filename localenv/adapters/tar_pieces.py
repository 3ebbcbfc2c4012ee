"""What ``tarfile`` writes, taken in pieces while it goes on, so that no archive is ever whole in memory."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["TarPieces"]


class TarPieces:
    """A file for ``tarfile.open(mode="w|", fileobj=...)``."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Keep what is written until it is taken."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> Iterator[bytes]:
        """Yield what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        yield from pieces
