"""The project's git repository: read, never changed, and nothing that it configures is run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from localenv.values import dataclass

__all__ = ["Branch", "Checkout", "DefaultBranch", "Git", "Head", "Repository"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A working tree and the project's place in it."""

    top: str
    """Absolute path of the working tree."""
    common: str
    """Absolute path of the repository that all its working trees share (``.git``)."""
    inside: str
    """The project's directory relative to ``top``; empty when it is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is checked out."""

    commit: str
    branch: str | None
    """``None``: a commit is checked out, no branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch as a person calls it: ``feature/x``, or ``origin/feature/x`` of another repository."""

    name: str
    reference: str
    """Its full name: ``refs/heads/feature/x``."""
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultBranch:
    """The branch that others are merged into."""

    name: str
    commits: tuple[str, ...]
    """Where it is: here first, then as ``origin`` had it at the last fetch. Never empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Files of a commit in a folder, and what of it is not there."""

    missing_submodules: tuple[str, ...] = ()
    """Paths of submodules whose commit is not on this machine: their folders are empty."""
    pointers: tuple[str, ...] = ()
    """Files that are Git LFS pointers: their content is elsewhere, and no filter was run to get it."""


class Git(Protocol):
    """Reads repositories. Every method raises ``Unavailable`` (code ``git-missing``) when git is not installed."""

    def repository(self, directory: str) -> Repository:
        """The repository around a directory. Raises ``NotFound`` (code ``no-repository``) when there is none."""
        ...

    def head(self, repository: Repository) -> Head:
        """What is checked out. Raises ``NotFound`` (code ``no-commit``) when there is no commit yet."""
        ...

    def changes(self, repository: Repository) -> tuple[str, ...]:
        """Paths in the project's directory that are not as in the commit: tracked ones, and new ones that are not ignored."""
        ...

    def branches(self, repository: Repository, *, remote: bool = False) -> tuple[Branch, ...]:
        """Local branches, or with ``remote`` those of other repositories as of the last fetch, by name."""
        ...

    def find(self, repository: Repository, name: str) -> Branch | None:
        """The branch of this name, local ones first, then ``origin``'s; ``None`` when there is none."""
        ...

    def commit(self, repository: Repository, name: str) -> str:
        """Commit of a branch, a tag, or a commit's own name or beginning. Raises ``NotFound`` (code ``no-branch``)."""
        ...

    def default_branch(self, repository: Repository) -> DefaultBranch:
        """What ``origin`` calls its main branch, else the configured name, ``main``, ``master``, else what is checked out.

        Raises ``NotFound`` (code ``no-commit``) when there is none of them.
        """
        ...

    def merged(self, repository: Repository, branches: Sequence[Branch], into: DefaultBranch) -> frozenset[str]:
        """Names of those that ``into`` has all changes of: merged, or merged as one commit or rebased.

        A branch without any change of its own counts only when it has been elsewhere before: one that was just begun
        does not. What was merged as one commit is seen until the same lines change again.
        """
        ...

    def checkout(self, repository: Repository, commit: str, folder: str) -> Checkout:
        """Write the files of a commit into ``folder``, which appears whole or not at all; one that is there is left alone.

        There is no ``.git`` in it. Submodules whose commit is on this machine are checked out too.
        Raises ``LocalenvError`` (code ``checkout``) when objects are missing or the disk is full.
        """
        ...

    def merge(self, repository: Repository, base: Branch, branches: Sequence[Branch]) -> str:
        """Merge branches one after the other into ``base``; return the commit, which the repository does not get to see.

        The same commits give the same commit. Raises ``MergeConflict``, and ``Unavailable`` (code ``git-too-old``)
        before git 2.38.
        """
        ...
