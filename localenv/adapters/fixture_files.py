"""Fixture files on the disk: opened, unpacked and counted while they stream."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from localenv.errors import InvalidInput

__all__ = ["FixtureFiles"]

_PIECE = 256 * 1024


class FixtureFiles:
    """Implements ``ports.fixtures.Fixtures``."""

    @contextmanager
    def open(self, path: str, *, on_read: Callable[[int], None] | None = None) -> Iterator[BinaryIO]:
        """Open one file; damaged compression is an ``InvalidInput`` that names it."""
        try:
            with Path(path).open("rb") as raw:
                counted = cast("BinaryIO", _Counted(raw, on_read)) if on_read else cast("BinaryIO", raw)
                yield _unpacked(path, counted)
        except (OSError, EOFError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise InvalidInput(f"cannot be read: {reason}", where=path, code="data-file") from error

    def size(self, path: str) -> int:
        """Bytes of a file, or of all files of a folder."""
        place = Path(path)
        if place.is_dir():
            return sum(entry.lstat().st_size for entry in place.rglob("*") if entry.is_file() and not entry.is_symlink())
        return place.stat().st_size

    def archive(self, path: str) -> Iterator[bytes]:
        """Tar a file, or a folder's regular files and folders by name; links and devices are left out."""
        buffer = _Pieces()
        place = Path(path)
        root = place if place.is_dir() else place.parent
        with tarfile.open(mode="w|", fileobj=cast("BinaryIO", buffer), bufsize=_PIECE) as tar:
            for entry in sorted(root.rglob("*")) if place.is_dir() else (place,):
                if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
                    continue
                tar.add(entry, arcname=str(entry.relative_to(root)), recursive=False)
                yield from buffer.take()
        yield from buffer.take()


class _Counted(io.RawIOBase):
    def __init__(self, raw: io.BufferedReader, on_read: Callable[[int], None]) -> None:
        self._raw = raw
        self._on_read = on_read
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # any writable buffer
        count = self._raw.readinto(buffer)
        self._count += count
        self._on_read(self._count)
        return count


class _Pieces:
    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        yield from pieces


def _unpacked(path: str, raw: BinaryIO) -> BinaryIO:
    if path.endswith(".gz"):
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    if path.endswith(".zst"):
        import zstandard

        return cast("BinaryIO", io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw), _PIECE))
    return raw
