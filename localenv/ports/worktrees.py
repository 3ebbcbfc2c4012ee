"""Where localenv keeps the files of commits that environments run from."""

from __future__ import annotations

from typing import Protocol

from localenv.core.names import EnvironmentId

__all__ = ["WorktreeFolders"]


class WorktreeFolders(Protocol):
    """A folder for each commit of each environment, so that what runs keeps its files while the next ones come."""

    def path(self, environment: EnvironmentId, commit: str) -> str:
        """Absolute path of the folder for a commit, whether or not it is there."""
        ...

    def exists(self, path: str) -> bool:
        """Whether a folder is there: one that is, is whole."""
        ...

    def has_any(self, environment: EnvironmentId) -> bool:
        """Whether the environment has a folder for any commit."""
        ...

    def owner(self, directory: str) -> EnvironmentId | None:
        """The environment whose folder a directory is or is in; ``None`` for any other directory."""
        ...

    def lend(self, source: str, target: str) -> bool:
        """Copy a file where nothing is; whether it did. A link is followed in the person's own checkout, not in a branch."""
        ...

    def remove(self, environment: EnvironmentId, *, but: str | None = None) -> None:
        """Remove the environment's folders, but for the one of the commit ``but``, whoever owns the files in them."""
        ...
