"""Where releases are kept: a manifest and the captured files of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from localenv.core.releases.model import CapturedFile, Release
from localenv.values import dataclass

__all__ = ["ReleaseStore", "Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file or folder of the project whose content goes into a release."""

    path: str
    """Absolute."""
    exclude: tuple[str, ...] = ()
    """Paths below it that stay out, with all below them."""


class ReleaseStore(Protocol):
    """Manifests and files on disk. A release that is listed is whole."""

    def projects(self) -> Sequence[str]:
        """Those that have a release."""
        ...

    def releases(self, project: str) -> Sequence[Release]:
        """Newest first, without those of ``damaged``. Raises ``LocalenvError`` (code ``newer-state``) for a newer one."""
        ...

    def damaged(self, project: str) -> Mapping[str, str]:
        """Why, by name, of those whose manifest cannot be used."""
        ...

    def release(self, project: str, name: str) -> Release | None:
        """``None`` where there is none of that name. Raises ``InvalidInput`` for a damaged manifest."""
        ...

    def has_any(self, project: str) -> bool:
        """Whether the project has a release; quick."""
        ...

    def tree(self, project: str, name: str) -> str:
        """Absolute path of the folder that has a release's files where the project had them."""
        ...

    def create(
        self,
        project: str,
        root: str,
        sources: Sequence[Source],
        make: Callable[[str, tuple[CapturedFile, ...]], Release | None],
    ) -> Release | None:
        """Copy files of the project in ``root`` and put a release where all can see it, at once.

        ``make`` is told the next name and what was captured; where it returns ``None``, nothing is added. Equal content
        is kept once. Raises ``LocalenvError`` (code ``capture``) for what cannot be read or kept.
        """
        ...

    def changed_file(self, release: Release) -> str | None:
        """Path of a captured file that is not as it was; ``None`` when all are."""
        ...

    def remove(self, release: Release) -> None: ...

    def forget(self, project: str) -> None:
        """Remove all that is kept of a project, also which names were given."""
        ...
