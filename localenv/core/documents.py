"""A parsed file that remembers where each value stood, and paths into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Document", "Path", "Position", "dotted"]

Path = tuple[str | int, ...]
"""Keys and indexes from the root of a document: ``("services", "web", "ports", 0)``."""


@dataclass(frozen=True, slots=True)
class Position:
    """One-based line and column."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML file as plain values; ``positions`` has the place of every key and item by its path."""

    file: str
    """As a person would write it: relative to the project when inside it."""
    value: Any
    positions: Mapping[Path, Position] = field(default_factory=dict)

    def position(self, path: Path) -> Position | None:
        """Place of ``path``, or of its nearest ancestor that has one."""
        for length in range(len(path), -1, -1):
            if (found := self.positions.get(path[:length])) is not None:
                return found
        return None

    def where(self, path: Path = ()) -> str:
        """``file:line:column`` of ``path``, as errors print it; the file alone when nothing is known."""
        found = self.position(path)
        return f"{self.file}:{found.line}:{found.column}" if found else self.file


def dotted(path: Path) -> str:
    """``services.web.ports[0]``: a path as people write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
