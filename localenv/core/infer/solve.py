"""What all checks of a table leave of each column, where one way through each check is taken: the cheapest together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from localenv.core.infer.atoms import Atom, Branch, branches
from localenv.core.infer.expressions import NotUnderstood, parse
from localenv.core.infer.limits import Limits, narrow
from localenv.core.schema.model import Column, Schema, Table, TableName

__all__ = ["Order", "Solved", "solve"]

_BUDGET: Final = 3000
"""Steps of a search; what was found by then is taken."""
_COSTS: Final = {"unknown": 50.0, "null": 3.0, "=": 1.5, "in": 0.5}
_OF_A_KEY: Final = 10.0
"""A key's value cannot be chosen, only whether it is there."""
_COMPARED: Final = frozenset({"before", "not after", "same", "other"})
_MOST: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """``first`` comes before ``second`` (or is the same, or is another)."""

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


def solve(table: Table, schema: Schema) -> Solved:
    """Take one way through every check of a table and of its columns' domains."""
    columns = {column.name: column for column in table.columns}
    referring = {name: key.table for key in table.foreign_keys for name in key.columns}
    choices: list[tuple[str, list[Branch]]] = []
    unread: list[tuple[str, tuple[str, ...]]] = []
    for check in table.checks:
        if check.exclusion:
            continue
        try:
            ways = branches(parse(check.expression, backslashes=schema.engine != "postgresql"))
            choices.append((check.name, list(_relaxed(ways, columns, referring))))
        except NotUnderstood:
            unread.append((check.name, tuple(name for name in columns if name in check.expression)))
    choices += [(f"the type of {column.name}", _of_domain(column)) for column in table.columns if column.checks]
    choices.sort(key=lambda choice: len(choice[1]))
    search = _Search(columns, referring)
    state = search.find(choices)
    refused: list[str] = []
    if state is None:
        state, refused = _without_contradictions(search, choices)
    return Solved(
        limits=state.limits,
        orders=state.orders,
        unknown=(*unread, *((name, tuple(each for each in mentioned if each in columns)) for name, mentioned in state.unknown)),
        narrowed=tuple(dict.fromkeys(state.narrowed)),
        refused=tuple(refused),
    )


def _without_contradictions(search: _Search, choices: list[tuple[str, list[Branch]]]) -> tuple[_State, list[str]]:
    """Take the checks one after the other, those left out that contradict what was taken."""
    taken: list[tuple[str, list[Branch]]] = []
    state, refused = _State(), []
    for choice in choices:
        found = search.find([*taken, choice])
        if found is None:
            refused.append(choice[0])
        else:
            taken.append(choice)
            state = found
    return state, refused


def _relaxed(ways: Sequence[Branch], columns: Mapping[str, Column], referring: Mapping[str, TableName]) -> Iterator[Branch]:
    """A comparison with NULL does not fail a check, so a key that may be empty can be left empty instead."""
    for way in ways[:_MOST]:
        yield way
        keys = [atom for atom in way if _is_about_key(atom, referring)]
        if keys and all(columns[atom.column].nullable for atom in keys):
            yield tuple(Atom(kind="null", column=atom.column) if atom in keys else atom for atom in way)


def _is_about_key(atom: Atom, referring: Mapping[str, TableName]) -> bool:
    return atom.column in referring and atom.kind not in {"null", "value"} and atom.kind not in _COMPARED


def _of_domain(column: Column) -> list[Branch]:
    found: list[Branch] = [()]
    for expression in column.checks:
        try:
            ways = branches(parse(expression))
        except NotUnderstood:
            ways = [(Atom(kind="unknown", columns=(column.name,)),)]
        found = [(*first, *(_renamed(atom, column.name) for atom in way)) for first in found for way in ways][:_MOST]
    return found


def _renamed(atom: Atom, name: str) -> Atom:
    return replace(
        atom,
        column=name if atom.column.upper() == "VALUE" else atom.column,
        columns=tuple(name if column.upper() == "VALUE" else column for column in atom.columns),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    limits: Mapping[str, Limits] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    unknown: tuple[tuple[str, tuple[str, ...]], ...] = ()
    narrowed: tuple[str, ...] = ()


class _Search:
    """Depth first, the cheapest way through each check first, for the cheapest ways together."""

    def __init__(self, columns: Mapping[str, Column], referring: Mapping[str, TableName]) -> None:
        self._columns = columns
        self._referring = referring
        self._left = _BUDGET
        self._best: tuple[float, _State | None] = (math.inf, None)

    def find(self, choices: Sequence[tuple[str, list[Branch]]]) -> _State | None:
        """``None`` when the checks contradict one another."""
        self._left = _BUDGET
        self._best = (math.inf, None)
        ordered = [(name, sorted(((self._cost(way), way) for way in ways), key=lambda each: each[0])) for name, ways in choices]
        self._from(ordered, _State(), 0.0)
        return self._best[1]

    def _from(self, choices: Sequence[tuple[str, list[tuple[float, Branch]]]], state: _State, spent: float) -> None:
        if not choices:
            self._best = (spent, state)
            return
        name, ways = choices[0]
        least = sum(each[0][0] for _, each in choices[1:] if each)
        for cost, way in ways:
            self._left -= 1
            if self._left < 0 or spent + cost + least >= self._best[0]:
                return
            taken = self._take(name, way, state, narrows=len(ways) > 1)
            if taken is not None:
                self._from(choices[1:], taken, spent + cost)

    def _cost(self, way: Branch) -> float:
        return sum(self._atom_cost(atom) for atom in way)

    def _atom_cost(self, atom: Atom) -> float:
        if atom.kind in _COMPARED:
            first, second = (self._referring.get(name) for name in (atom.column, str(atom.value)))
            return 1.0 if first == second and (first is None or atom.kind == "other") else _OF_A_KEY
        held = atom.column in self._referring and atom.kind not in {"null", "value"}
        return _OF_A_KEY if held else _COSTS.get(atom.kind, 1.0)

    def _take(self, name: str, way: Branch, state: _State, *, narrows: bool) -> _State | None:
        limits = dict(state.limits)
        orders, unknown = list(state.orders), list(state.unknown)
        for atom in way:
            column = self._columns.get(atom.column)
            if atom.kind in _COMPARED:
                orders.append(Order(first=atom.column, second=str(atom.value), kind=atom.kind, check=name))
            elif atom.kind == "unknown" or column is None:
                unknown.append((name, atom.columns or (atom.column,)))
            else:
                narrowed = narrow(limits.get(atom.column, Limits()), atom, column)
                if narrowed is None:
                    return None
                limits[atom.column] = replace(narrowed, because=tuple(dict.fromkeys((*narrowed.because, name))))
        told = (name,) if narrows and any(atom.kind in {"null", "=", "in"} for atom in way) else ()
        return _State(limits=limits, orders=tuple(orders), unknown=tuple(unknown), narrowed=(*state.narrowed, *told))
