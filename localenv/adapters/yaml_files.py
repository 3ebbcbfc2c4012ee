"""Reads YAML with the place of every key, within bounds, and writes it: the only module that imports ``yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from localenv.core.documents import Document, Path, Position
from localenv.core.scalars import Scalar, plain_scalar
from localenv.errors import InvalidInput

__all__ = ["SIZE_LIMIT", "dump", "load_document", "load_documents"]

SIZE_LIMIT: Final = 1024 * 1024
"""Bytes of one file. The largest Compose file known to us has 90 kB."""
_VALUE_LIMIT: Final = 100_000
"""Values of one file with every alias and merge written out."""
_DEPTH_LIMIT: Final = 60
_DOCUMENT_LIMIT: Final = 50

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = "<<"


def load_document(data: bytes, file: str, *, size_limit: int = SIZE_LIMIT) -> Document:
    """Parse a file that holds one document; an empty one has the value ``None``.

    ``file`` is the name that errors print. Raises ``InvalidInput`` with its line and column for what is no YAML,
    for a key that stands twice, and for what is larger, deeper or expands to more than any real file.
    """
    documents = load_documents(data, file, size_limit=size_limit)
    if len(documents) > 1:
        raise InvalidInput(f"{file} holds {len(documents)} YAML documents; one is expected", where=file)
    return documents[0] if documents else Document(file=file, value=None)


def load_documents(data: bytes, file: str, *, size_limit: int = SIZE_LIMIT) -> tuple[Document, ...]:
    """Parse every document of a file, as Compose does, which merges them. Raises like ``load_document``."""
    if len(data) > size_limit:
        raise InvalidInput(f"{file} has {len(data):,} bytes; at most {size_limit:,} are read", where=file, code="file-too-large")
    composer = _Composer(file)
    try:
        roots = list(composer.roots(yaml.parse(data, Loader=_Loader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InvalidInput(
            f"{file} is not valid YAML: {error.problem or error.context}",
            where=f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file,
        ) from None
    except (yaml.YAMLError, UnicodeError) as error:
        place = getattr(error, "position", None)
        raise InvalidInput(
            f"{file} is not valid YAML: it holds a character that may not stand there"
            + (f" (at byte {place})" if isinstance(place, int) else ""),
            where=file,
        ) from None
    return tuple(_document(root, file) for root in roots)


def dump(value: Any) -> str:
    """``value`` as YAML in block style, in the order it has, so that Compose reads back exactly the same.

    Raises ``TypeError`` for anything but plain values: a secret's type is refused, not written.
    """
    try:
        text: str = yaml.dump(  # noqa: TID251 - with the safe dumper below
            value, Dumper=_PlainDumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=1000
        )
    except yaml.representer.RepresenterError as error:
        raise TypeError(f"{type(error.args[1]).__name__} cannot be written as YAML") from None
    return text


class _PlainDumper(_Dumper):  # type: ignore[misc]
    """Writes no anchors, and quotes every text that a reader could take for something else."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    if style is None and not isinstance(plain_scalar(text), str):
        style = "'"
    return dumper.represent_scalar(f"{_TAG}str", text, style=style)


_PlainDumper.add_representer(str, _represent_text)


@dataclass(slots=True)
class _Node:
    """A value as it stands in the file; an alias is the same node a second time."""

    place: Position
    kind: str
    """``scalar``, ``list`` or ``map``."""
    scalar: Scalar = None
    items: list[_Node] = field(default_factory=list)
    entries: dict[str, tuple[Position, _Node]] = field(default_factory=dict)
    merges: list[_Node] = field(default_factory=list)
    size: int = 1
    """Values in it, aliases and merges written out."""
    open: bool = True


class _Composer:
    """Makes nodes of the parser's events. No step of it grows faster than the file itself."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._anchors: dict[str, _Node] = {}

    def roots(self, events: Iterator[Any]) -> Iterator[_Node]:
        count = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                count += 1
                if count > _DOCUMENT_LIMIT:
                    raise self._wrong("holds more than 50 documents", event)
                self._anchors.clear()
                yield self._node(next(events), events, 0)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > _DEPTH_LIMIT:
            raise self._wrong(f"is nested more than {_DEPTH_LIMIT} levels deep", event)
        place = Position(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            node = _Node(place, "scalar", scalar=self._scalar(event), open=False)
            self._remember(event, node)
            return node
        node = _Node(place, "list" if isinstance(event, yaml.SequenceStartEvent) else "map")
        self._check_tag(event, "seq" if node.kind == "list" else "map")
        self._remember(event, node)
        if node.kind == "list":
            self._fill_list(node, events, depth)
        else:
            self._fill_map(node, events, depth)
        node.open = False
        return node

    def _fill_list(self, node: _Node, events: Iterator[Any], depth: int) -> None:
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            item = self._node(event, events, depth + 1)
            node.items.append(item)
            self._grow(node, item, event)

    def _fill_map(self, node: _Node, events: Iterator[Any], depth: int) -> None:
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self._key(event)
            value_event = next(events)
            value = self._node(value_event, events, depth + 1)
            if key == _MERGE and not getattr(event, "style", None):
                self._merge(node, value, value_event)
            elif key in node.entries:
                first = node.entries[key][0]
                raise self._wrong(f"has the key {key!r} twice: it stands in line {first.line} already", event)
            else:
                node.entries[key] = (Position(event.start_mark.line + 1, event.start_mark.column + 1), value)
            self._grow(node, value, event)

    def _key(self, event: Any) -> str:
        if isinstance(event, yaml.AliasEvent):
            node = self._alias(event)
            if node.kind == "scalar" and node.scalar is not None:
                return str(node.scalar)
        elif isinstance(event, yaml.ScalarEvent):
            self._check_tag(event, "str")
            self._remember(event, _Node(Position(0, 0), "scalar", scalar=event.value, open=False))
            return str(event.value)
        raise self._wrong("has a key that is not a text", event)

    def _merge(self, node: _Node, value: _Node, event: Any) -> None:
        sources = value.items if value.kind == "list" else [value]
        if any(source.kind != "map" for source in sources):
            raise self._wrong("merges (<<) something that is not a mapping", event)
        node.merges.extend(sources)

    def _alias(self, event: Any) -> _Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise self._wrong(f"uses the alias *{event.anchor}, which is not defined above", event)
        if node.open:
            raise self._wrong(f"uses the alias *{event.anchor} inside of itself", event)
        return node

    def _remember(self, event: Any, node: _Node) -> None:
        if event.anchor is not None:
            self._anchors[event.anchor] = node

    def _grow(self, node: _Node, part: _Node, event: Any) -> None:
        node.size += part.size
        if node.size > _VALUE_LIMIT:
            raise self._wrong(f"expands to more than {_VALUE_LIMIT:,} values through its aliases", event, code="file-too-large")

    def _scalar(self, event: Any) -> Scalar:
        tag = event.tag
        text: str = event.value
        if tag is None or not tag.startswith(_TAG):
            self._check_tag(event, "")
            return text if event.style else plain_scalar(text)
        self._check_tag(event, tag.removeprefix(_TAG) if tag[len(_TAG) :] in _SCALAR_TAGS else "")
        value = plain_scalar(text)
        if tag == f"{_TAG}float" and isinstance(value, int):
            return float(value)
        return text if tag in {f"{_TAG}str", f"{_TAG}timestamp"} else value

    def _check_tag(self, event: Any, expected: str) -> None:
        """Tags of the application (``!reset``, ``!override``) change how files merge, not what is written here."""
        tag = event.tag
        if tag is None or (tag.startswith("!") and not tag.startswith("!!")) or tag == f"{_TAG}{expected}":
            return
        raise self._wrong(f"has a tag that is not used in such files: {tag.removeprefix(_TAG)[:60]!r}", event)

    def _wrong(self, what: str, event: Any, code: str | None = None) -> InvalidInput:
        mark = event.start_mark
        return InvalidInput(f"{self._file} {what}", where=f"{self._file}:{mark.line + 1}:{mark.column + 1}", code=code)


_SCALAR_TAGS: Final = frozenset({"str", "int", "float", "bool", "null", "timestamp"})
"""Not ``binary``: it would hide a text from those who look for it."""


def _document(root: _Node, file: str) -> Document:
    positions: dict[Path, Position] = {(): root.place}
    return Document(file=file, value=_value(root, (), positions), positions=positions)


def _value(node: _Node, path: Path, positions: dict[Path, Position]) -> Any:
    if node.kind == "scalar":
        return node.scalar
    if node.kind == "list":
        for index, item in enumerate(node.items):
            positions[(*path, index)] = item.place
        return [_value(item, (*path, index), positions) for index, item in enumerate(node.items)]
    result: dict[str, Any] = {}
    for key, (place, value) in _entries(node).items():
        inner = (*path, key)
        positions[inner] = place
        result[key] = _value(value, inner, positions)
    return result


def _entries(node: _Node) -> dict[str, tuple[Position, _Node]]:
    """A mapping's own entries before those of what it merges; of several sources the first wins (YAML merge key)."""
    if not node.merges:
        return node.entries
    entries = dict(node.entries)
    for source in node.merges:
        for key, entry in _entries(source).items():
            entries.setdefault(key, entry)
    return entries
