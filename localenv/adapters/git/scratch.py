"""A bare repository beside each one that is read: it sees the other's objects and none of its configuration.

Commits are taken apart and merged there, so that no filter, hook, merge driver or monitor of anyone runs, and so that what a
merge makes never appears in the project's repository.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.adapters.git.running import Running, failure
from localenv.core.argv import git as argv
from localenv.errors import LocalenvError
from localenv.ports.git import Repository

__all__ = ["Bare", "Scratch"]

_DEPTH: Final = 8
"""Folders below ``modules`` that are looked into: submodules have slashes in their names, and submodules of their own."""


@dataclass(frozen=True, slots=True)
class Bare:
    """The bare repository, and the variables that make git use it alone."""

    path: Path
    variables: Mapping[str, str]


class Scratch:
    """Makes them under ``memory``; each may be removed at any time and is made again."""

    def __init__(self, run: Running, memory: Path) -> None:
        self._run = run
        self._memory = memory
        self._lock = threading.Lock()

    def of(self, repository: Repository) -> Bare:
        """The one for this repository, which sees all that the other has now."""
        common = Path(repository.common)
        name = hashlib.sha256(os.fsencode(repository.common)).hexdigest()[:16]
        bare = private_directory(self._memory) / f"{name}.git"
        with self._lock:
            if not bare.is_dir():
                self._make(bare, repository)
            self._share(bare, common)
        return Bare(path=bare, variables={**_ALONE, "GIT_DIR": str(bare)})

    def _make(self, bare: Path, repository: Repository) -> None:
        """Beside its place, then renamed: another command may be making it, too."""
        said = self._run(argv.object_format(), directory=repository.top).stdout.decode().strip()
        form = "sha256" if said == "sha256" else "sha1"
        partial = bare.with_name(f".{bare.name}.{secrets.token_hex(4)}")
        done = self._run(argv.init(str(partial), form), variables=_ALONE)
        if done.exit_code:
            raise failure(f"git cannot make {bare}", done, code="git")
        try:
            partial.rename(bare)
        except OSError:
            shutil.rmtree(partial, ignore_errors=True)
            if not bare.is_dir():
                raise

    def _share(self, bare: Path, common: Path) -> None:
        stores = [common / "objects", *_stores(common / "modules", _DEPTH)]
        _keep(bare / "objects" / "info" / "alternates", b"".join(_quoted(store) + b"\n" for store in stores))
        shallow = common / "shallow"
        _keep(bare / "shallow", shallow.read_bytes() if shallow.is_file() else b"")


_ALONE: Final = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def _stores(folder: Path, depth: int) -> Iterator[Path]:
    """Object stores of submodules that are on this machine."""
    if depth == 0 or not folder.is_dir() or folder.is_symlink():
        return
    for entry in sorted(folder.iterdir()):
        if (entry / "HEAD").is_file() and (entry / "objects").is_dir():
            yield entry / "objects"
            yield from _stores(entry / "modules", depth - 1)
        else:
            yield from _stores(entry, depth - 1)


def _quoted(path: Path) -> bytes:
    """A line of ``objects/info/alternates`` (gitrepository-layout); git reads no path with a line end there."""
    raw = os.fsencode(path)
    if b"\n" in raw:
        raise LocalenvError(f"git cannot share the objects of {str(path)!a}: there is a line end in the path", code="git")
    return raw


def _keep(path: Path, content: bytes) -> None:
    there = path.read_bytes() if path.is_file() else b""
    if there != content:
        write_whole(path, content)
