"""Types of PostgreSQL as families that a generator tells apart: domains looked through, enums and arrays opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from localenv.core.schema.model import Column, Kind
from localenv.values import dataclass

__all__ = ["Types"]

_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), "integer"),
    **dict.fromkeys(("numeric", "money"), "decimal"),
    **dict.fromkeys(("float4", "float8"), "float"),
    "bool": "boolean",
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "citext", "char"), "text"),
    "bytea": "bytes",
    "date": "date",
    **dict.fromkeys(("time", "timetz"), "time"),
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "interval": "interval",
    "uuid": "uuid",
    **dict.fromkeys(("json", "jsonb"), "json"),
    **dict.fromkeys(("inet", "cidr", "macaddr", "macaddr8"), "network"),
    **dict.fromkeys(("bit", "varbit"), "bits"),
    **dict.fromkeys(("vector", "halfvec"), "vector"),
}
_INTEGERS: Final = {"int2": 15, "int4": 31, "int8": 63}
_OID_MAXIMUM: Final = 2**32 - 1
_MODIFIER: Final = re.compile(r"\((-?\d+)(?:,(-?\d+))?\)")
_IDENTIFIER_LENGTH: Final = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class _Type:
    name: str
    family: str
    """``b`` base, ``d`` domain, ``e`` enum, ``r`` range, ``m`` multirange."""
    category: str
    element: int
    base: int
    base_text: str
    not_null: bool


class Types:
    """Every type of one database, by its number."""

    def __init__(self) -> None:
        self._types: dict[int, _Type] = {}
        self._labels: dict[int, list[str]] = {}
        self._checks: dict[int, list[str]] = {}

    def add_type(self, number: int, row: tuple[Any, ...]) -> None:
        """Take name, family, category, element, base, the base with its modifier, and whether NULL is refused."""
        name, family, category, element, base, base_text, not_null = row
        self._types[number] = _Type(
            name=name,
            family=family,
            category=category,
            element=element,
            base=base,
            base_text=base_text or "",
            not_null=bool(not_null),
        )

    def add_label(self, number: int, label: str) -> None:
        """Take one value of an enum, in their order."""
        self._labels.setdefault(number, []).append(label)

    def add_check(self, number: int, expression: str) -> None:
        """Take one check of a domain."""
        self._checks.setdefault(number, []).append(expression)

    def column(self, name: str, number: int, text: str) -> Column:
        """Describe a column of this type; ``text`` is the type with its modifier, as the engine prints it."""
        known = self._types.get(number)
        if known is None:
            return Column(name=name, type=text, kind="other")
        if known.family == "d":
            return self._domain(name, number, text, known)
        if known.family == "e":
            return Column(name=name, type=text, kind="enum", values=tuple(self._labels.get(number, ())))
        if known.family in {"r", "m"}:
            return Column(name=name, type=text, kind="range")
        if known.category == "A" and known.element:
            element = self.column(name, known.element, text.removesuffix("[]"))
            return Column(name=name, type=text, kind="array", element=element)
        return _base(name, text, known.name)

    def _domain(self, name: str, number: int, text: str, known: _Type) -> Column:
        base = self.column(name, known.base, known.base_text)
        return replace(
            base,
            type=base.type if base.kind != "other" else text,
            domain=text,
            nullable=base.nullable and not known.not_null,
            checks=(*base.checks, *self._checks.get(number, ())),
        )


def _base(name: str, text: str, type_name: str) -> Column:
    kind = _KINDS.get(type_name, "other")
    column = Column(name=name, type=text, kind=kind)
    found = _MODIFIER.search(text)
    first, second = (int(found[1]), int(found[2] or 0)) if found else (None, None)
    if kind == "integer":
        bits = _INTEGERS.get(type_name)
        low, high = (-(1 << bits), (1 << bits) - 1) if bits else (0, _OID_MAXIMUM)
        return replace(column, minimum=low, maximum=high)
    if type_name == "money":
        return replace(column, precision=10, scale=2)
    if kind == "decimal":
        return replace(column, precision=first, scale=second)
    if kind == "text":
        fixed = {"name": _IDENTIFIER_LENGTH, "char": 1}
        return replace(column, length=fixed.get(type_name, first))
    if kind in {"bits", "vector"}:
        return replace(column, length=first or (1 if type_name == "bit" else None))
    return column
