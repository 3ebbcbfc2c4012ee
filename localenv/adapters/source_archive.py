"""A file or folder of the project as a tar archive, as a container would see it through a bind mount."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from localenv.adapters.tar_pieces import TarPieces
from localenv.errors import InvalidInput

__all__ = ["source_archive"]

_PIECE = 256 * 1024


def source_archive(path: str, exclude: tuple[str, ...] = ()) -> Iterator[bytes]:
    """Tar what stands at ``path``, in pieces and by name, less ``exclude`` (paths relative to it, with all below).

    Symbolic links stay links, so ``node_modules/.bin`` works; they are never followed. Files that share their content on
    this disk, as equal ones of a release do, are a file each: who writes to one must not write to all. Sockets, fifos
    and devices are left out. Modes and owners are the files' own, as a bind mount shows them.
    Raises ``InvalidInput``, code ``source-unreadable``.
    """
    pieces = TarPieces()
    place = Path(path)
    try:
        with tarfile.open(mode="w|", fileobj=cast("BinaryIO", pieces), bufsize=_PIECE) as tar:
            for entry, name in _entries(place, frozenset(exclude)):
                if entry.is_symlink() or entry.is_dir() or entry.is_file() or entry == place:
                    _add(tar, entry, name)
                    yield from pieces.take()
    except OSError as error:
        raise InvalidInput(
            f"{error.filename or path} cannot be read: {error.strerror}",
            code="source-unreadable",
            hints=("mount only what the service needs, or make it readable",),
        ) from error
    yield from pieces.take()


def _add(tar: tarfile.TarFile, entry: Path, name: str) -> None:
    info = tar.gettarinfo(entry, name)
    if info.islnk():
        info.type, info.linkname, info.size = tarfile.REGTYPE, "", entry.stat().st_size
    if info.isreg():
        with entry.open("rb") as content:
            tar.addfile(info, content)
    else:
        tar.addfile(info)


def _entries(place: Path, exclude: frozenset[str], below: str = "") -> Iterator[tuple[Path, str]]:
    if not place.is_dir():
        yield place, place.name
        return
    with os.scandir(place) as found:
        names = sorted(entry.name for entry in found)
    for name in names:
        relative = f"{below}{name}"
        if relative in exclude:
            continue
        entry = place / name
        yield entry, relative
        if entry.is_dir() and not entry.is_symlink():
            yield from _entries(entry, exclude, f"{relative}/")
