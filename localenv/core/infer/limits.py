"""What all checks of a table leave of each column, where one way through each check is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Final

from localenv.core.infer.atoms import Atom, Branch, branches
from localenv.core.infer.expressions import NotUnderstood, parse
from localenv.core.schema.model import Column, Schema, Table

__all__ = ["Limits", "Order", "Solved", "Value", "allowed", "converted", "narrow", "solve"]

Value = str | Decimal | bool

_NUMERIC: Final = {"integer", "decimal", "float"}
_TIMES: Final = {"date", "timestamp", "timestamptz", "time", "interval"}
_TRUE: Final = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
_BUDGET: Final = 4000
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """``first`` comes before ``second`` (or is the same, or differs)."""

    first: str
    second: str
    kind: str
    """``before``, ``not after``, ``same`` or ``other``."""
    check: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The way that was found."""

    limits: Mapping[str, Limits] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    unknown: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Checks that were not understood, with the columns that they are about."""
    narrowed: tuple[str, ...] = ()
    """Checks of which only one of several ways is taken."""
    refused: tuple[str, ...] = ()
    """Checks that cannot be satisfied together with the others."""


@dataclass(frozen=True, slots=True)
class _State:
    limits: Mapping[str, Limits]
    orders: tuple[Order, ...]
    unknown: tuple[tuple[str, tuple[str, ...]], ...]
    narrowed: tuple[str, ...] = ()


def solve(table: Table, schema: Schema) -> Solved:
    """Take one way through every check of a table and of its columns' domains."""
    backslashes = schema.engine != "postgresql"
    choices: list[tuple[str, list[Branch]]] = []
    unread: list[tuple[str, tuple[str, ...]]] = []
    for name, expression in _checks(table):
        try:
            choices.append((name, branches(parse(expression, backslashes=backslashes))))
        except NotUnderstood:
            unread.append((name, tuple(column.name for column in table.columns if column.name in expression)))
    choices += [(f"type of {column.name}", _of_domain(column)) for column in table.columns if column.checks]
    choices.sort(key=lambda choice: len(choice[1]))
    columns = {column.name: column for column in table.columns}
    refused: list[str] = []
    search = _Search(columns, frozenset(name for key in table.foreign_keys for name in key.columns))
    state = search.find(choices)
    while state is None and choices:
        refused.append(choices.pop()[0])
        state = search.find(choices)
    state = state or _State({}, (), ())
    return Solved(
        limits=state.limits,
        orders=state.orders,
        unknown=(*unread, *((name, tuple(c for c in mentioned if c in columns)) for name, mentioned in state.unknown)),
        narrowed=tuple(dict.fromkeys(state.narrowed)),
        refused=tuple(refused),
    )


def _checks(table: Table) -> Iterator[tuple[str, str]]:
    yield from ((check.name, check.expression) for check in table.checks if not check.exclusion)


def _of_domain(column: Column) -> list[Branch]:
    found: list[Branch] = [()]
    for expression in column.checks:
        try:
            ways = branches(parse(expression))
        except NotUnderstood:
            ways = [(Atom(kind="unknown", columns=(column.name,)),)]
        found = [(*first, *(_renamed(atom, column.name) for atom in way)) for first in found for way in ways]
    return found


def _renamed(atom: Atom, name: str) -> Atom:
    return replace(
        atom,
        column=name if atom.column.upper() == "VALUE" else atom.column,
        columns=tuple(name if column.upper() == "VALUE" else column for column in atom.columns),
    )


class _Search:
    """Depth first, the cheapest way through each check first."""

    def __init__(self, columns: Mapping[str, Column], referring: frozenset[str]) -> None:
        self._columns = columns
        self._referring = referring
        self._left = _BUDGET

    def find(self, choices: list[tuple[str, list[Branch]]]) -> _State | None:
        self._left = _BUDGET
        ordered = [(name, sorted(ways, key=self._cost)) for name, ways in choices]
        return self._from(0, ordered, _State({}, (), ()))

    def _from(self, place: int, choices: list[tuple[str, list[Branch]]], state: _State) -> _State | None:
        if place == len(choices):
            return state
        name, ways = choices[place]
        for way in ways:
            self._left -= 1
            if self._left < 0:
                return None
            taken = self._take(name, way, state, narrows=len(ways) > 1)
            if taken is not None and (found := self._from(place + 1, choices, taken)) is not None:
                return found
        return None

    def _cost(self, way: Branch) -> float:
        """A key's value cannot be chosen, only whether it is there."""
        return sum(
            10.0
            if atom.column in self._referring and atom.kind not in {"null", "value"}
            else {"unknown": 50.0, "null": 3.0, "=": 1.5, "in": 0.5}.get(atom.kind, 1.0)
            for atom in way
        )

    def _take(self, name: str, way: Branch, state: _State, *, narrows: bool) -> _State | None:
        limits = dict(state.limits)
        orders, unknown = list(state.orders), list(state.unknown)
        for atom in way:
            column = self._columns.get(atom.column)
            if atom.kind in {"before", "not after", "same", "other"}:
                orders.append(Order(first=atom.column, second=str(atom.value), kind=atom.kind, check=name))
            elif atom.kind == "unknown" or column is None:
                unknown.append((name, atom.columns or (atom.column,)))
            else:
                narrowed = narrow(limits.get(atom.column, Limits()), atom, column)
                if narrowed is None:
                    return None
                limits[atom.column] = replace(narrowed, because=tuple(dict.fromkeys((*narrowed.because, name))))
        told = (name,) if narrows and any(atom.kind in {"null", "=", "in"} for atom in way) else ()
        return _State(limits, tuple(orders), tuple(unknown), (*state.narrowed, *told))


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
    return _less(limits.high, limits.low) or (limits.low == limits.high and (limits.low_open or limits.high_open))


def allowed(limits: Limits) -> tuple[Value, ...]:
    """Of listed values those that nothing else forbids."""
    return tuple(value for value in limits.values or () if value not in limits.excluded and _inside(value, limits))


def _inside(value: Value, limits: Limits) -> bool:
    if limits.low is not None and (_less(value, limits.low) or (limits.low_open and value == limits.low)):
        return False
    return not (limits.high is not None and (_less(limits.high, value) or (limits.high_open and value == limits.high)))
