"""Where something of the resolved model stands in the files that it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from localenv.core.documents import Document, Path, Position, dotted
from localenv.core.interpolation import names_in
from localenv.values import dataclass

__all__ = ["Place", "Places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file and a place in it."""

    file: str
    position: Position | None

    @property
    def line(self) -> int | None:
        """One-based; ``None`` when only the file is known."""
        return self.position.line if self.position else None

    def __str__(self) -> str:
        """``file:line:column``, as errors print it."""
        return f"{self.file}:{self.position.line}:{self.position.column}" if self.position else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The files of one project in the order in which they merge, and what they extend."""

    documents: tuple[Document, ...] = ()
    extended: Mapping[str, tuple[tuple[Document, str], ...]] = field(default_factory=dict)
    """By service: files and their services that it takes over, nearest first."""

    def find(self, path: Path, *hints: str) -> Place | None:
        """The place of ``path``; merging appends lists, so that an item is found by texts it holds, ``hints``.

        The file that is merged last counts among those that have most of the path.
        """
        best: Place | None = None
        depth = 0
        for document, inner in self._candidates(path):
            found = _matched(document, inner, hints)
            if len(found) > depth:
                depth = len(found)
                best = Place(file=document.file, position=document.positions.get(found))
        return best

    def find_dotted(self, path: str) -> Place | None:
        """Like ``find`` for a path as text, whose names may hold dots themselves."""
        best: tuple[int, Place | None] = (0, None)
        for document in reversed(self.documents):
            for known, position in document.positions.items():
                text = dotted(known)
                if len(text) > best[0] and (path == text or path.startswith((f"{text}.", f"{text}["))):
                    best = (len(text), Place(file=document.file, position=position))
        return best[1]

    def find_variable(self, name: str) -> Place | None:
        """The first place where a variable is mentioned."""
        for document in self.documents:
            for path, position in document.positions.items():
                value = _at(document.value, path)
                if isinstance(value, str) and "$" in value and name in names_in(value):
                    return Place(file=document.file, position=position)
        return None

    def of_model(self, model: Mapping[str, Any]) -> dict[str, str]:
        """Places by dotted path: of every service and its keys, and of everything else that the model declares."""
        paths: list[Path] = []
        for section in ("services", "networks", "volumes", "secrets", "configs"):
            entries = model.get(section)
            for name, entry in entries.items() if isinstance(entries, dict) else ():
                paths.append((section, name))
                paths.extend((section, name, key) for key in (entry if isinstance(entry, dict) else ()))
        found = ((path, self.find(path)) for path in paths)
        return {dotted(path): str(place) for path, place in found if place is not None}

    def _candidates(self, path: Path) -> Iterator[tuple[Document, Path]]:
        for document in reversed(self.documents):
            yield document, path
        if len(path) > 1 and path[0] == "services":
            for document, service in self.extended.get(str(path[1]), ()):
                yield document, ("services", service, *path[2:])


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _matched(document: Document, path: Path, hints: tuple[str, ...]) -> Path:
    """The part of ``path`` that ``document`` has, with the indexes that it has there."""
    value: Any = document.value
    found: Path = ()
    for part in path:
        if isinstance(part, int):
            index = _item(value, hints)
            if index is None:
                return found
            found, value = (*found, index), value[index]
        elif isinstance(value, dict) and part in value:
            found, value = (*found, part), value[part]
        elif isinstance(value, list) and (index := _item(value, (part,))) is not None:
            return (*found, index)
        else:
            return found
    return found


def _item(value: Any, hints: tuple[str, ...]) -> int | None:
    for hint in hints:
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if hint and any(hint in text for text in _texts(item)):
                return index
    return None


def _texts(item: Any) -> Iterator[str]:
    if isinstance(item, dict):
        for inner in item.values():
            yield from _texts(inner)
    elif item is not None:
        yield str(item)
