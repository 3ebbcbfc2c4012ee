"""A project's files in memory: ``ports.files.ProjectFiles`` with links, special files and a count of what was read."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Mapping

from localenv.core.paths import PathFacts, PathKind, inside
from localenv.errors import InvalidInput, NotFound

__all__ = ["MemoryFiles"]


class MemoryFiles:
    """``content``: text by absolute path; ``links``: target by path; ``special``: kind by path."""

    def __init__(
        self,
        content: Mapping[str, str] | None = None,
        *,
        links: Mapping[str, str] | None = None,
        special: Mapping[str, PathKind] | None = None,
    ) -> None:
        self.content = dict(content or {})
        self.links = dict(links or {})
        self.special = dict(special or {})
        self.opened: list[str] = []

    def facts(self, path: str) -> PathFacts:
        real = self._real(path)
        if real in self.special:
            return PathFacts(kind=self.special[real], real=real)
        if real in self.content:
            return PathFacts(kind="file", real=real)
        below = any(inside(known, real) for known in (*self.content, *self.links, *self.special))
        return PathFacts(kind="directory" if below else "missing", real=real)

    def read(self, path: str, *, limit: int) -> bytes:
        facts = self.facts(path)
        if facts.kind == "missing":
            raise NotFound(f"{path} is not there", where=path)
        if facts.kind != "file":
            raise InvalidInput(f"{path} is not a regular file", where=path, code="not-a-file")
        self.opened.append(path)
        data = self.content[facts.real].encode()
        if len(data) > limit:
            raise InvalidInput(f"{path} has more than {limit} bytes", where=path, code="file-too-large")
        return data

    def entries(self, path: str, *, limit: int = 10_000) -> tuple[str, ...]:
        real = self._real(path)
        known = (*self.content, *self.links, *self.special)
        return tuple(sorted({item[len(real) :].split("/")[1] for item in known if inside(item, real) and item != real}))[:limit]

    def digest(self, path: str, *, ignore: Callable[[str], bool] | None = None) -> str:
        real = self._real(path)
        parts = [(name[len(real) :].strip("/"), text) for name, text in sorted(self.content.items()) if inside(name, real)]
        kept = [(name, text) for name, text in parts if ignore is None or not any(map(ignore, _with_folders(name)))]
        return hashlib.sha256(repr(kept).encode()).hexdigest()

    def _real(self, path: str) -> str:
        path = posixpath.normpath(path)
        for _ in range(20):
            link = next((link for link in sorted(self.links, key=len, reverse=True) if inside(path, link)), None)
            if link is None:
                break
            target = posixpath.join(posixpath.dirname(link), self.links[link])
            path = posixpath.normpath(target + path[len(link) :])
        return path


def _with_folders(name: str) -> list[str]:
    """``a/b/c`` with the folders that it lies in, outermost first."""
    parts = name.split("/")
    return ["/".join(parts[: length + 1]) for length in range(len(parts))]
