"""Commits as folders that environments run from: checked out, lent what a project keeps out of git, removed."""

from __future__ import annotations

import posixpath

from localenv.actions.find_compose_files import EXAMPLES
from localenv.core.findings import Note
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError, NotFound
from localenv.ports.git import Checkout, Git, Repository
from localenv.ports.worktrees import WorktreeFolders
from localenv.values import dataclass

__all__ = ["PlacedCommit", "Worktrees"]

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCommit:
    """A commit that is there as a folder."""

    directory: str
    """Absolute: the project's folder in it."""
    notes: tuple[Note, ...] = ()


class Worktrees:
    """Puts commits into folders of an environment."""

    def __init__(self, git: Git, folders: WorktreeFolders) -> None:
        self._git = git
        self._folders = folders

    def newest(self, repository: Repository, reference: str) -> str | None:
        """Commit that a branch (its full name) is at now; ``None`` when there is no such branch."""
        if not reference:
            return None
        branches = self._git.branches(repository, remote=not reference.startswith("refs/heads/"))
        return next((branch.commit for branch in branches if branch.reference == reference), None)

    def place(
        self, repository: Repository, commit: str, environment: EnvironmentId, *, tier: str, checkout: str, foreign: bool
    ) -> PlacedCommit:
        """Have the files of a commit in a folder of this environment; the same commit is checked out once.

        Env files that git does not have come from ``checkout``, the project's own directory: to a branch of the person's
        own all of them, to somebody's branch only ``.env.TIER``, which is written for that. Where the commit has an
        example of ``.env`` and there is nothing else, a copy of that one is used.
        """
        folder = self._folders.path(environment, commit)
        notes: tuple[Note, ...] = ()
        if not self._folders.exists(folder):
            try:
                notes = _told(self._git.checkout(repository, commit, folder))
            except LocalenvError:
                self._folders.remove(environment, but=commit)
                raise
        directory = posixpath.normpath(posixpath.join(folder, repository.inside))
        if not self._folders.exists(directory):
            raise NotFound(
                f"commit {commit[:12]} has no folder {repository.inside}, where the project is",
                hints=("rebase the branch, or move the project's Compose file back",),
                code="no-compose-file",
            )
        names = (f".env.{tier}",) if foreign else (".env", f".env.{tier}")
        lend = self._folders.lend
        lent = [name for name in names if lend(posixpath.join(checkout, name), posixpath.join(directory, name))]
        if lent:
            text = f"{', '.join(lent)} of the checkout: copied, since git does not have it"
            notes = (*notes, Note(code="env-file-lent", message=text))
        examples = [name for name in EXAMPLES if lend(posixpath.join(directory, name), posixpath.join(directory, ".env"))]
        if examples:
            notes = (*notes, Note(code="env-file-lent", message=f".env is a copy of {examples[0]}: there is no other"))
        return PlacedCommit(directory=directory, notes=notes)


def _told(found: Checkout) -> tuple[Note, ...]:
    notes = []
    if found.missing_submodules:
        text = f"submodules whose commit is not here are empty: {_listed(found.missing_submodules)}"
        hint = "git submodule update --init in the checkout brings them"
        notes.append(Note(code="submodules-missing", message=f"{text}; {hint}"))
    if found.pointers:
        count = len(found.pointers)
        text = "1 file is a Git LFS pointer" if count == 1 else f"{count} files are Git LFS pointers"
        notes.append(Note(code="lfs-pointers", message=f"{text}, not content: {_listed(found.pointers)}"))
    return tuple(notes)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
