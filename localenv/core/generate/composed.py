"""Values made of others: constants, templates, JSON, arrays, bytes, patterns, copies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from json.encoder import encode_basestring
from math import prod
from typing import Any, Final

from localenv.core.configuration.columns import parse_column
from localenv.core.generate.draws import Stream, Walk, key_of
from localenv.core.generate.numbers import scalar_text
from localenv.core.generate.place import SAMPLES, Place, sampled, text_source
from localenv.core.generate.sources import Composed, Constant, Pick, Source, Texts, Walked
from localenv.core.patterns import Pattern, parse_pattern
from localenv.core.row_templates import parse_row_template
from localenv.core.schema.model import Column

__all__ = ["composed_builders"]

Build = Callable[[Place], Source]
_BARE: Final = frozenset({"sequence", "integer", "decimal", "float", "boolean"})
"""Generators whose texts stand in JSON without quotes."""


class Jsons(Source):
    """Members of a JSON text, each from a source of its own; NULL of a member is JSON's null."""

    plain = False

    def __init__(self, members: Sequence[tuple[str, Source, bool]], ends: tuple[str, str]) -> None:
        """``members``: what stands before the value, its source, and whether it stands there without quotes."""
        self._members = members
        self._ends = ends

    def at(self, rows: Sequence[int]) -> Texts:
        columns = [_written(before, source.at(rows), bare=bare) for before, source, bare in self._members]
        begin, end = self._ends
        return [f"{begin}{', '.join(each)}{end}" for each in zip(*columns, strict=True)]


class Arrays(Source):
    """Some values of another source in each row."""

    plain = False

    def __init__(self, key: str, of: Source, low: int, high: int, ends: tuple[str, str], *, bare: bool) -> None:
        self._of = of
        self._low = low
        self._span = high - low + 1
        self._high = high
        self._stream = Stream(key_of(key, "length"), "I")
        self._ends = ends
        self._bare = bare

    def at(self, rows: Sequence[int]) -> Texts:
        high = self._high
        if isinstance(rows, range) and rows.step == 1:
            inner: Sequence[int] = range(rows.start * high, rows.stop * high)
        else:
            inner = [row * high + each for row in rows for each in range(high)]
        texts = _written("", self._of.at(inner), bare=self._bare) if inner else []
        begin, end = self._ends
        made: Texts = []
        for at, draw in enumerate(self._stream.at(rows)):
            count = self._low + (draw * self._span >> 32)
            made.append(f"{begin}{', '.join(texts[at * high : at * high + count])}{end}")
        return made


class Bytes(Source):
    """Bytes in the engine's hexadecimal form."""

    plain = False

    def __init__(self, key: str, length: int, before: str) -> None:
        self._key = key
        self._length = length
        self._before = before

    def at(self, rows: Sequence[int]) -> Texts:
        key, length, before = self._key, self._length, self._before
        return [before + hashlib.shake_128(f"{key}\0{row}".encode()).hexdigest(length) for row in rows]


class Patterns(Source):
    """Different texts that match a pattern."""

    plain = False

    def __init__(self, key: str, pattern: Pattern) -> None:
        self._walk = Walk(key, pattern.size)
        self._pattern = pattern

    def at(self, rows: Sequence[int]) -> Texts:
        return list(map(self._pattern.text, self._walk.at(rows)))


def composed_builders(build: Build) -> dict[str, Build]:
    """By the generator's name; ``build`` builds what is inside them."""
    return {
        "constant": lambda place: Constant(scalar_text(place.format.value, place.engine, place.column.kind)),
        "null": lambda _: Constant(None),
        "copy": lambda place: place.sibling(str(place.format.value)),
        "template": _template,
        "pattern": _pattern,
        "bytes": _bytes,
        "json": lambda place: _json(place, place.format.value, build),
        "array": lambda place: _array(place, build),
    }


def _template(place: Place) -> Source:
    template = parse_row_template(str(place.format.value))
    parts = [place.sibling(name) for name in template.fields]
    plain = not set(template.text) & set("\\\t\n\r")
    return Composed(parts, template.text.format, plain=plain, rows=True)


def _pattern(place: Place) -> Source:
    pattern = parse_pattern(str(place.format.value))
    sets = pattern.sets()
    if place.unique and (pattern.size if sets is None else _combinations(sets, place)) < place.rows:
        raise place.wrong(
            f"{place.rows} rows must differ, and {pattern.size} texts match the pattern",
            "widen the pattern, or ask for fewer rows",
        )
    if sets:
        return Walked(place.key, _grouped(_apart(sets, place))) if place.unique else text_source(place, *_grouped(sets))
    if place.unique:
        return Patterns(place.key, pattern)
    few = pattern.size <= SAMPLES
    texts = (
        list(map(pattern.text, range(pattern.size)))
        if few
        else sampled(place, lambda number: pattern.text(number % pattern.size))
    )
    return Pick(place.key, texts, place.shape)


def _apart(sets: Sequence[str], place: Place) -> list[str]:
    """Without letters that MariaDB and MySQL take for another one of the set."""
    if place.engine == "postgresql":
        return list(sets)
    return ["".join({char.casefold(): char for char in reversed(each)}.values()) for each in sets]


def _combinations(sets: Sequence[str], place: Place) -> int:
    return prod(len(each) for each in _apart(sets, place))


def _grouped(sets: Sequence[str]) -> list[list[str]]:
    """Neighbouring characters together, as long as their combinations are not too many for a table."""
    tables: list[list[str]] = [[""]]
    for each in sets:
        if len(tables[-1]) * len(each) > SAMPLES:
            tables.append([""])
        tables[-1] = [before + char for before in tables[-1] for char in each]
    return tables


def _bytes(place: Place) -> Source:
    most = place.column.length if place.column.kind == "bytes" else None
    length = int(place.format.options.get("length", min(16, most or 16)))
    return Bytes(place.key, length, "\\x" if place.engine == "postgresql" else "")


def _json(place: Place, value: Any, build: Build) -> Source:
    pairs = list(value.items()) if isinstance(value, Mapping) else list(enumerate(value))
    named = isinstance(value, Mapping)
    members = []
    for name, each in pairs:
        inner = _inner(place, str(name), each)
        source = build(inner)
        bare = inner.format.generator in _BARE | {"json", "array"} or _bare_constant(inner)
        members.append((f"{encode_basestring(str(name))}: " if named else "", source, bare))
    return Jsons(members, ("{", "}") if named else ("[", "]"))


def _bare_constant(place: Place) -> bool:
    value = place.format.value
    values = [value] if place.format.generator == "constant" else list(value) if place.format.generator == "choice" else [""]
    return not any(isinstance(each, str) for each in values)


def _array(place: Place, build: Build) -> Source:
    options = place.format.options
    inner = _inner(place, "of", options.get("of", "word"))
    low = int(options.get("min", 0))
    high = int(options.get("max", max(low, 3)))
    inner = replace(inner, column=place.column.element or inner.column)
    ends = ("{", "}") if place.engine == "postgresql" and place.column.kind != "json" else ("[", "]")
    return Arrays(place.key, build(inner), low, high, ends, bare=inner.format.generator in _BARE)


def _inner(place: Place, name: str, value: Any) -> Place:
    """A value inside a value: free of what holds for the whole."""
    return replace(
        place,
        key=key_of(place.key, name),
        name=f"{place.name}.{name}",
        column=Column(name=name, type="json", kind="json"),
        format=parse_column("null" if value is None else value, (*place.format.path, name)),
        unique=False,
        index=None,
    )


def _written(before: str, texts: Texts, *, bare: bool) -> list[str]:
    if bare:
        return [f"{before}{'null' if text is None else text}" for text in texts]
    return [f"{before}{'null' if text is None else encode_basestring(text)}" for text in texts]
