"""Reads a project's files. Implements ``ports.files.ProjectFiles``."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from localenv.core.paths import PathFacts, PathKind
from localenv.errors import InvalidInput, NotFound

__all__ = ["DiskFiles"]

_PIECE: Final = 1024 * 1024
_TREE_FILES: Final = 200_000
_TREE_BYTES: Final = 20 * 1024**3
_SETTLED: Final = 2_000_000_000
"""Nanoseconds a file must have been left alone before its times are taken as proof that it is unchanged."""
_UNREADABLE: Final = frozenset({errno.EACCES, errno.EPERM})


class DiskFiles:
    """Files on this machine's disk, and a memory of digests that outlives the command when it has a place."""

    def __init__(self, memory: str | None = None, *, tree_files: int = _TREE_FILES, tree_bytes: int = _TREE_BYTES) -> None:
        """``memory``: a directory for remembered digests; it is made when needed and may be deleted at any time."""
        self._memory = Path(memory) if memory else None
        self._tree_files = tree_files
        self._tree_bytes = tree_bytes

    def facts(self, path: str) -> PathFacts:
        """See ``ProjectFiles.facts``."""
        try:
            real = os.path.realpath(path)
            return PathFacts(kind=_kind(Path(real).stat().st_mode), real=real)
        except OSError as error:
            kind: PathKind = "unreadable" if error.errno in _UNREADABLE or error.errno == errno.ELOOP else "missing"
            return PathFacts(kind=kind, real=os.path.realpath(path))

    def read(self, path: str, *, limit: int) -> bytes:
        """See ``ProjectFiles.read``."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"{path} is not there", where=path) from None
        except OSError as error:
            raise InvalidInput(f"{path} cannot be read: {error.strerror}", where=path, code="file-unreadable") from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InvalidInput(f"{path} is not a regular file", where=path, code="not-a-file")
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise InvalidInput(f"{path} has more than {limit:,} bytes", where=path, code="file-too-large")
        return data

    def entries(self, path: str, *, limit: int = 10_000) -> tuple[str, ...]:
        """See ``ProjectFiles.entries``."""
        names: list[str] = []
        try:
            with os.scandir(path) as found:
                for entry in found:
                    names.append(entry.name)
                    if len(names) > limit:
                        raise InvalidInput(f"{path} has more than {limit:,} entries", where=path, code="tree-too-large")
        except OSError:
            return ()
        return tuple(sorted(names))

    def digest(self, path: str, *, ignore: Callable[[str], bool] | None = None) -> str:
        """See ``ProjectFiles.digest``."""
        remembered = _Remembered.load(self._memory, path)
        total = hashlib.sha256()
        size = 0
        for count, (relative, entry) in enumerate(_walk(path, ignore), start=1):
            size += entry.st_size if stat.S_ISREG(entry.st_mode) else 0
            if count > self._tree_files or size > self._tree_bytes:
                raise InvalidInput(
                    f"{path} holds more than can be compared ({self._tree_files:,} files, {self._tree_bytes:,} bytes)",
                    where=path,
                    code="tree-too-large",
                )
            content = self._content(path, relative, entry, remembered)
            total.update(f"{relative}\0{_mark(entry.st_mode)}\0{content}\n".encode("utf-8", "surrogateescape"))
        remembered.save()
        return total.hexdigest()

    @staticmethod
    def _content(root: str, relative: str, entry: os.stat_result, remembered: _Remembered) -> str:
        path = f"{root}/{relative}" if relative else root
        try:
            if stat.S_ISLNK(entry.st_mode):
                return str(Path(path).readlink())
            if stat.S_ISREG(entry.st_mode):
                return remembered.of(path, relative, entry)
        except OSError as error:
            return f"unreadable {error.errno}"
        return ""


@dataclass(slots=True)
class _Remembered:
    """Digests of a tree's files with the inode, size and times they were read at."""

    place: Path | None
    known: dict[str, list[object]] = field(default_factory=dict)
    seen: dict[str, list[object]] = field(default_factory=dict)
    changed: bool = False

    @classmethod
    def load(cls, memory: Path | None, root: str) -> _Remembered:
        if memory is None:
            return cls(None)
        place = memory / f"{hashlib.sha256(root.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.json"
        try:
            known = json.loads(place.read_bytes())
        except (OSError, ValueError):
            known = {}
        return cls(place, known if isinstance(known, dict) else {})

    def of(self, path: str, relative: str, entry: os.stat_result) -> str:
        key = [entry.st_dev, entry.st_ino, entry.st_size, entry.st_mtime_ns, entry.st_ctime_ns]
        found = self.known.get(relative)
        if isinstance(found, list) and found[:-1] == key and isinstance(found[-1], str):
            self.seen[relative] = found
            return found[-1]
        digest = _file_digest(path)
        newest = max(entry.st_mtime_ns, entry.st_ctime_ns)
        if time.clock_gettime_ns(time.CLOCK_REALTIME) - newest > _SETTLED:
            self.seen[relative] = [*key, digest]
            self.changed = True
        return digest

    def save(self) -> None:
        """Write what was read anew; a memory that cannot be written costs time only."""
        if self.place is None or not self.changed:
            return
        temporary = self.place.with_name(f"{self.place.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            self.place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary.write_text(json.dumps(self.seen))
            temporary.replace(self.place)


def _walk(root: str, ignore: Callable[[str], bool] | None) -> Iterator[tuple[str, os.stat_result]]:
    """Every entry below ``root`` in a fixed order, ``root`` itself first as an empty name; links are not followed."""
    try:
        top = Path(root).stat()
    except OSError:
        return
    yield "", top
    waiting = [""] if stat.S_ISDIR(top.st_mode) else []
    while waiting:
        folder = waiting.pop()
        inner: list[str] = []
        for name, entry in _folder(f"{root}/{folder}"):
            relative = f"{folder}/{name}" if folder else name
            if ignore is not None and ignore(relative):
                continue
            yield relative, entry
            if stat.S_ISDIR(entry.st_mode):
                inner.append(relative)
        waiting.extend(reversed(inner))


def _folder(path: str) -> list[tuple[str, os.stat_result]]:
    found: list[tuple[str, os.stat_result]] = []
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                found.append((entry.name, entry.stat(follow_symlinks=False)))
    return sorted(found, key=lambda item: item[0])


def _file_digest(path: str) -> str:
    total = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        while piece := file.read(_PIECE):
            total.update(piece)
    return total.hexdigest()


def _kind(mode: int) -> PathKind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    if stat.S_ISSOCK(mode):
        return "socket"
    return "fifo" if stat.S_ISFIFO(mode) else "device"


def _mark(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "link"
    kind = _kind(mode)
    return "program" if kind == "file" and mode & 0o111 else kind
