"""What is left of a column's values as one statement after another is added."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final

from localenv.core.infer.atoms import Atom
from localenv.core.schema.model import Column

__all__ = ["Limits", "Value", "allowed", "converted", "first_number", "narrow", "span"]

Value = str | Decimal | bool

_NUMERIC: Final = {"integer", "decimal", "float"}
_TIMES: Final = {"date", "timestamp", "timestamptz", "time", "interval"}
_TRUE: Final = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
_FAR: Final = "2090-01-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a value must be; a field that says nothing is empty."""

    null: bool | None = None
    """Must be NULL, must not be, or may."""
    low: Value | None = None
    high: Value | None = None
    low_open: bool = False
    high_open: bool = False
    values: tuple[Value, ...] | None = None
    excluded: tuple[Value, ...] = ()
    shortest: int = 0
    longest: int | None = None
    fewest: int = 0
    """Elements of an array."""
    most: int | None = None
    patterns: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    case: str | None = None
    json: str | None = None
    because: tuple[str, ...] = ()
    """Names of the checks that say so."""


def narrow(limits: Limits, atom: Atom, column: Column) -> Limits | None:
    """Add one statement; ``None`` when nothing is left."""
    found = _narrowed(limits, atom, column)
    return None if found is None or _impossible(found, column) else found


def _narrowed(limits: Limits, atom: Atom, column: Column) -> Limits | None:
    kind = atom.kind
    if kind == "null":
        return replace(limits, null=True) if limits.null is not False and column.nullable else None
    if kind == "value":
        return replace(limits, null=False) if limits.null is not True else None
    if limits.null is True:
        return limits
    if kind.startswith(("length", "count")):
        return _measured(limits, kind, atom.value)
    if kind in {"like", "~", "~*", "lower", "upper", "json"}:
        return _shaped(limits, atom)
    if kind in {"future", "past"}:
        return replace(limits, low=_FAR) if kind == "future" else limits
    return _valued(limits, kind, atom, column)


def _shaped(limits: Limits, atom: Atom) -> Limits | None:
    text = str(atom.value)
    match atom.kind:
        case "like":
            return replace(limits, likes=(*limits.likes, text))
        case "json":
            clash = limits.json not in {None, "any", text} and text != "any"
            return None if clash else replace(limits, json=text if text != "any" else limits.json)
        case "lower" | "upper":
            return replace(limits, case=atom.kind)
        case _:
            return replace(limits, patterns=(*limits.patterns, text))


def _measured(limits: Limits, kind: str, value: object) -> Limits | None:
    assert isinstance(value, Decimal)  # noqa: S101 - atoms of this kind have numbers
    number = int(value)
    measure, operator = kind[:6].rstrip("<>="), kind.removeprefix("length").removeprefix("count")
    low = {"=": number, ">=": number, ">": number + 1}.get(operator, 0)
    high = {"=": number, "<=": number, "<": number - 1}.get(operator)
    if measure == "length":
        longest = high if limits.longest is None else limits.longest if high is None else min(high, limits.longest)
        return replace(limits, shortest=max(low, limits.shortest), longest=longest)
    most = high if limits.most is None else limits.most if high is None else min(high, limits.most)
    return replace(limits, fewest=max(low, limits.fewest), most=most)


def _valued(limits: Limits, kind: str, atom: Atom, column: Column) -> Limits | None:
    many = atom.value if isinstance(atom.value, tuple) else (atom.value,)
    read = [converted(value, column) for value in many if value is not None]
    values = tuple(value for value in read if value is not None)
    if not values:
        return limits
    if kind in {"=", "in"}:
        kept = values if limits.values is None else tuple(value for value in limits.values if value in values)
        return replace(limits, values=kept)
    if kind in {"<>", "not in"}:
        shortest = max(limits.shortest, 1) if "" in values and column.kind == "text" else limits.shortest
        return replace(limits, excluded=(*limits.excluded, *values), shortest=shortest)
    return _bounded(limits, kind, values[0])


def _bounded(limits: Limits, kind: str, value: Value) -> Limits | None:
    if kind in {">", ">="}:
        if limits.low is None or _less(limits.low, value) or (limits.low == value and kind == ">"):
            return replace(limits, low=value, low_open=kind == ">")
        return limits
    if limits.high is None or _less(value, limits.high) or (limits.high == value and kind == "<"):
        return replace(limits, high=value, high_open=kind == "<")
    return limits


def _less(first: Value, second: Value) -> bool:
    if isinstance(first, str) != isinstance(second, str):
        return False
    return first < second  # type: ignore[operator] # both text, or both numbers


def converted(value: Value, column: Column) -> Value | None:
    """A value as its column has it: MariaDB writes numbers as text, and both write booleans as they like."""
    if column.kind in _NUMERIC and isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            return None
    if column.kind == "boolean":
        return value if isinstance(value, bool) else _TRUE.get(str(value).lower())
    if column.kind in {"text", "enum"} and isinstance(value, Decimal):
        return str(value)
    return value


def _impossible(limits: Limits, column: Column) -> bool:
    if limits.null is True:
        return not column.nullable
    if limits.values is not None and not allowed(limits):
        return True
    if limits.longest is not None and limits.longest < limits.shortest:
        return True
    if limits.low is None or limits.high is None:
        return False
    if column.kind == "integer" and isinstance(limits.low, Decimal) and isinstance(limits.high, Decimal):
        return _no_whole_number(limits, limits.low, limits.high)
    return _less(limits.high, limits.low) or (limits.low == limits.high and (limits.low_open or limits.high_open))


def _no_whole_number(limits: Limits, low: Decimal, high: Decimal) -> bool:
    first = math.floor(low) + 1 if limits.low_open else math.ceil(low)
    last = math.ceil(high) - 1 if limits.high_open else math.floor(high)
    if last - first >= len(limits.excluded):
        return first > last
    return all(Decimal(number) in limits.excluded for number in range(first, last + 1))


def allowed(limits: Limits) -> tuple[Value, ...]:
    """Of listed values those that nothing else forbids."""
    return tuple(value for value in limits.values or () if value not in limits.excluded and _inside(value, limits))


def _inside(value: Value, limits: Limits) -> bool:
    if limits.low is not None and (_less(value, limits.low) or (limits.low_open and value == limits.low)):
        return False
    return not (limits.high is not None and (_less(limits.high, value) or (limits.high_open and value == limits.high)))


def first_number(column: Column, limits: Limits) -> int:
    """The number that counting begins with: 1, or the first one that is allowed."""
    low = int(limits.low) + limits.low_open if isinstance(limits.low, Decimal) else 1
    low = max(low, 1, column.minimum or 1)
    return max([low, *(int(value) + 1 for value in limits.excluded if isinstance(value, Decimal) and value >= low)])


def span(column: Column, limits: Limits) -> int:
    """How many whole numbers are allowed from there on."""
    high = int(limits.high) - limits.high_open if isinstance(limits.high, Decimal) else column.maximum
    top = column.maximum if high is None else high if column.maximum is None else min(high, column.maximum)
    return max(1, top - first_number(column, limits) + 1) if top is not None else 1 << 62
