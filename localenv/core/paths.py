"""What is known of a path, and paths as plain text: POSIX, absolute, without touching a disk."""

from __future__ import annotations

import posixpath
from typing import Literal

from localenv.values import dataclass

__all__ = ["PathFacts", "PathKind", "absolute", "grantable", "inside", "shown"]

PathKind = Literal["file", "directory", "socket", "fifo", "device", "missing", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFacts:
    """What a path leads to once every symbolic link on the way is followed."""

    kind: PathKind
    real: str
    """Absolute, without symbolic links as far as it exists."""

    @property
    def exists(self) -> bool:
        """Whether anything is there, readable or not."""
        return self.kind != "missing"


def absolute(path: str, base: str, home: str = "") -> str:
    """``path`` as seen from ``base``, with ``.`` and ``..`` taken out as text and ``~`` for ``home``, when it is given."""
    if home and (path == "~" or path.startswith("~/")):
        path = home + path[1:]
    return posixpath.normpath(posixpath.join(base, path))


def inside(path: str, root: str) -> bool:
    """Whether ``path`` is ``root`` or below it. Both absolute and without symbolic links."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def shown(path: str, root: str) -> str:
    """``path`` as a person would write it from ``root``: relative when it is inside or near."""
    path = posixpath.normpath(path)
    if path == root:
        return "."
    if inside(path, root):
        return path[len(root.rstrip("/")) + 1 :]
    near = root
    for climb in ("..", "../.."):
        near = posixpath.dirname(near)
        if near == "/":
            break
        if inside(path, near):
            return posixpath.normpath(f"{climb}{path[len(near) :]}")
    return path


def grantable(path: str, directory: str) -> str:
    """``path`` as a grant in ``directory`` names it: the same on every machine where the two lie alike."""
    text = shown(path, directory)
    return text if text.startswith(("/", ".")) else f"./{text}"
