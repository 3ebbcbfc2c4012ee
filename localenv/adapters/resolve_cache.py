"""Remembers resolved projects on the disk. Implements ``ports.cache.Cache``."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

import localenv

__all__ = ["ResolveCache"]

_CHECKSUM: Final = 32
_KEPT: Final = 200
"""Entries. One for each environment, so far more than anybody has."""


class ResolveCache:
    """One file for each key, mode 0600 in a folder of mode 0700: resolved models hold the values of env files."""

    def __init__(self, folder: str) -> None:
        """``folder`` is made when needed and may be deleted at any time."""
        self._folder = Path(folder)
        self._code: str | None = None

    def get(self, key: str) -> bytes | None:
        """See ``Cache.get``. An entry that was cut or changed is none."""
        try:
            data = self._place(key).read_bytes()
        except OSError:
            return None
        value = data[_CHECKSUM:]
        return value if data[:_CHECKSUM] == hashlib.sha256(value).digest() else None

    def put(self, key: str, value: bytes) -> None:
        """See ``Cache.put``. The entry appears whole or not at all; the oldest go when there are many."""
        place = self._place(key)
        temporary = place.with_name(f"{place.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(value).digest() + value)
            temporary.replace(place)
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        entries = [(entry.stat().st_mtime_ns, entry.path) for entry in os.scandir(self._folder)]
        for _, path in sorted(entries)[:-_KEPT]:
            Path(path).unlink(missing_ok=True)

    def _place(self, key: str) -> Path:
        if self._code is None:
            self._code = _code_stamp()
        return self._folder / hashlib.sha256(f"{self._code} {key}".encode()).hexdigest()


def _code_stamp() -> str:
    """Differs when any of localenv's own files does: what older rules let pass is judged anew."""
    stamp = hashlib.sha256()
    waiting = [str(Path(localenv.__file__).parent)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in sorted(entries, key=lambda item: item.name):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(".py"):
                    found = entry.stat()
                    stamp.update(f"{entry.path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return stamp.hexdigest()
