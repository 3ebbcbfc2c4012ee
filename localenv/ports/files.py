"""The project's own files: read within bounds, looked at without being opened, hashed with a memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from localenv.core.paths import PathFacts

__all__ = ["ProjectFiles"]


class ProjectFiles(Protocol):
    """Reads a project's directory. All paths are absolute."""

    def facts(self, path: str) -> PathFacts:
        """What ``path`` leads to; nothing is opened, so that a fifo or a device does no harm."""
        ...

    def read(self, path: str, *, limit: int) -> bytes:
        """Content of a regular file.

        Raises ``NotFound``, and ``InvalidInput`` with code ``not-a-file`` for anything but a regular file, with
        code ``file-too-large`` past ``limit`` bytes, with code ``file-unreadable`` when it may not be read.
        """
        ...

    def entries(self, path: str, *, limit: int = 10_000) -> tuple[str, ...]:
        """Names in a directory, sorted; empty when there is none. Raises ``InvalidInput`` past ``limit``."""
        ...

    def digest(self, path: str, *, ignore: Callable[[str], bool] | None = None) -> str:
        """Hash of a file's or a directory's content, names, kinds and executable bits; not of times or owners.

        ``ignore`` gets the path of each entry relative to ``path`` and leaves it out, with all below it, when true.
        A file is read again only when its inode, size or times differ. What is missing has the digest of nothing.
        Raises ``InvalidInput`` with code ``tree-too-large`` past the bounds.
        """
        ...
