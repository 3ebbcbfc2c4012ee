"""Writing the files of a commit into a folder, submodules included where they are here."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localenv.adapters.git.running import Running, failure, words
from localenv.adapters.git.scratch import Bare
from localenv.core.argv import git as argv
from localenv.ports.git import Checkout

__all__ = ["Checkouts"]

_POINTER: Final = b"version https://git-lfs.github.com/spec/v1\n"
_POINTER_SIZES: Final = range(len(_POINTER), 1024)
"""A pointer is shorter than 1024 bytes (Git LFS specification)."""
_NESTED: Final = 5
"""Submodules of submodules that are followed."""


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    object: str
    size: int | None
    path: str


class Checkouts:
    """Every folder appears whole, by a rename."""

    def __init__(self, run: Running) -> None:
        self._run = run

    def __call__(self, bare: Bare, commit: str, folder: Path) -> Checkout:
        """See ``Git.checkout``."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        try:
            partial.mkdir()
            told = self._write(bare, commit, partial, "", _NESTED)
            _put(partial, folder)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        return told

    def _write(self, bare: Bare, commit: str, folder: Path, shown: str, depth: int) -> Checkout:
        index = bare.path / f"index-{secrets.token_hex(8)}"
        try:
            done = self._run(
                argv.read_tree(commit),
                directory=str(folder),
                variables={**bare.variables, "GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": str(index)},
            )
        finally:
            index.unlink(missing_ok=True)
            index.with_name(f"{index.name}.lock").unlink(missing_ok=True)
        if done.exit_code:
            raise failure(f"the files of commit {commit[:12]} cannot be written", done, code="checkout")
        entries = self._entries(bare, commit)
        modules = [entry for entry in entries if entry.mode == "160000"]
        there = self._commits(bare, [module.object for module in modules]) if depth else frozenset[str]()
        missing = [shown + module.path for module in modules if module.object not in there]
        pointers = [shown + path for path in self._pointers(bare, entries)]
        for module in modules:
            if module.object in there:
                inner = self._write(bare, module.object, folder / module.path, f"{shown}{module.path}/", depth - 1)
                missing += inner.missing_submodules
                pointers += inner.pointers
        return Checkout(missing_submodules=tuple(missing), pointers=tuple(pointers))

    def _entries(self, bare: Bare, commit: str) -> list[_Entry]:
        done = self._run(argv.tree_entries(commit), directory=str(bare.path), variables=bare.variables)
        if done.exit_code:
            raise failure(f"the files of commit {commit[:12]} cannot be listed", done, code="checkout")
        entries = []
        for line in words(done.stdout):
            facts, _, path = line.partition("\t")
            mode, _kind, name, size = facts.split()
            entries.append(_Entry(mode, name, int(size) if size.isdigit() else None, path))
        return entries

    def _commits(self, bare: Bare, names: list[str]) -> frozenset[str]:
        """Those that are commits on this machine."""
        if not names:
            return frozenset()
        done = self._run(
            argv.has_objects(), directory=str(bare.path), stdin="\n".join(names).encode() + b"\n", variables=bare.variables
        )
        return frozenset(line.split()[0] for line in done.stdout.decode().splitlines() if line.endswith(" commit"))

    def _pointers(self, bare: Bare, entries: list[_Entry]) -> list[str]:
        """Files that stand for content elsewhere; only small ones are looked into."""
        small = [entry for entry in entries if entry.mode.startswith("100") and entry.size in _POINTER_SIZES]
        if not any(entry.path.rpartition("/")[2] == ".gitattributes" for entry in entries) or not small:
            return []
        done = self._run(
            argv.blobs(),
            directory=str(bare.path),
            stdin="\n".join(entry.object for entry in small).encode() + b"\n",
            variables=bare.variables,
        )
        found = _contents(done.stdout)
        return [entry.path for entry in small if found.get(entry.object, b"").startswith(_POINTER)]


def _put(partial: Path, folder: Path) -> None:
    """Another command may have put the same commit there meanwhile."""
    try:
        partial.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(partial, ignore_errors=True)


def _contents(batch: bytes) -> dict[str, bytes]:
    """Content by object of what ``cat-file --batch`` prints: ``object kind size``, a line end, so many bytes, a line end."""
    found: dict[str, bytes] = {}
    place = 0
    while (end := batch.find(b"\n", place)) > 0:
        parts = os.fsdecode(batch[place:end]).split()
        size = int(parts[2]) if len(parts) == 3 else 0  # noqa: PLR2004 - the three parts of such a line
        found[parts[0]] = batch[end + 1 : end + 1 + size]
        place = end + 1 + (size + 1 if len(parts) == 3 else 0)  # noqa: PLR2004
    return found
