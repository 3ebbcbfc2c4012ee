"""Fixture files on the disk: opened, unpacked and counted while they stream."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from localenv.adapters.tar_pieces import TarPieces
from localenv.errors import InvalidInput

__all__ = ["FixtureFiles"]

_PIECE = 256 * 1024
_PACKED = 16 * 1024
"""Compressed bytes at a time, so that a file that unpacks to much more is not held whole."""


class FixtureFiles:
    """Implements ``ports.fixtures.Fixtures``."""

    @contextmanager
    def open(self, path: str, *, on_read: Callable[[int], None] | None = None) -> Iterator[BinaryIO]:
        """Open one file; damaged or cut compression is an ``InvalidInput`` that names it."""
        try:
            with Path(path).open("rb") as raw:
                counted = cast("BinaryIO", _Counted(raw, on_read)) if on_read else cast("BinaryIO", raw)
                yield _unpacked(path, counted)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise InvalidInput(f"cannot be read: {reason}", where=path, code="data-file") from error

    def size(self, path: str) -> int:
        """Bytes of a file, or of all files of a folder."""
        place = Path(path)
        if place.is_dir():
            return sum(entry.lstat().st_size for entry in place.rglob("*") if entry.is_file() and not entry.is_symlink())
        return place.stat().st_size

    def archive(self, path: str) -> Iterator[bytes]:
        """Tar a file, or a folder's regular files and folders by name; links and devices in it are left out.

        A link that was itself named is followed: whether it may be was asked when the profile was loaded.
        """
        import tarfile

        buffer = TarPieces()
        place = Path(path).resolve()
        root = place if place.is_dir() else place.parent
        with tarfile.open(mode="w|", fileobj=cast("BinaryIO", buffer), bufsize=_PIECE) as tar:
            for entry in sorted(root.rglob("*")) if place.is_dir() else (place,):
                if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
                    continue
                name = Path(path).name if entry == place else str(entry.relative_to(root))
                tar.add(entry, arcname=name, recursive=False)
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


def _unpacked(path: str, raw: BinaryIO) -> BinaryIO:
    if path.endswith(".gz"):
        import gzip

        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    if path.endswith(".zst"):
        return cast("BinaryIO", io.BufferedReader(_Zstandard(raw), _PIECE))
    return raw


class _Zstandard(io.RawIOBase):
    """Every frame of a file, one after the other; a frame that is cut is an ``EOFError``, which the library's reader hides."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._frame: Any = None
        self._packed = b""
        self._content = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # any writable buffer
        while not self._content and self._more():
            pass
        count = min(len(buffer), len(self._content))
        buffer[:count] = self._content[:count]
        self._content = self._content[count:]
        return count

    def _more(self) -> bool:
        import zstandard

        packed = self._packed or self._raw.read(_PACKED)
        self._packed = b""
        if not packed:
            if self._frame is not None:
                raise EOFError("Compressed file ended before the end of its last frame")
            return False
        if self._frame is None:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            self._content = self._frame.decompress(packed)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None
        return True
