"""Unique constraints, met by construction: no value is drawn twice and thrown away.

A constraint over one column makes that column different in each row. Over several, one that can be different in each row
is made so; otherwise each row is given another combination of what the columns can take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from math import prod
from typing import Final, Protocol

from localenv.core.configuration.tables import RowsPerParent
from localenv.core.generate.draws import Walk
from localenv.core.generate.formats import Formats, Link
from localenv.core.generate.keys import PerParent
from localenv.core.generate.moments import days_of
from localenv.core.generate.numbers import choices_of, integers_of
from localenv.core.generate.place import Place
from localenv.core.generate.sources import Index
from localenv.core.schema.model import Table, Unique
from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["Settled", "settle"]

_DIFFERENT: Final = frozenset({"uuid"})
"""Different in each row whatever is asked."""
_MIX: Final = 0x9E3779B97F4A7C15


class Tables(Protocol):
    """What is asked about the tables that are filled."""

    @property
    def formats(self) -> Formats: ...
    def place(self, table: Table, name: str) -> Place: ...
    def rows(self, table: Table) -> int: ...
    def per_rows(self, table: Table) -> RowsPerParent | int: ...
    def per_parent(self, table: Table) -> PerParent: ...
    def parent_rows(self, link: Link) -> int: ...
    def key(self, table: Table, *names: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a table's unique constraints ask of its columns."""

    unique: frozenset[str] = frozenset()
    """Columns that are different in each row."""
    indexes: dict[str, Index] = field(default_factory=dict)
    """Which choice each row takes, by column."""
    rounds: dict[str, int] = field(default_factory=dict)
    """Columns that count the rows of each choice of another column, which are taken in turn: how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """Columns that are chosen together: one of a few choices, or a row of another table."""

    columns: tuple[str, ...]
    size: int


def settle(tables: Tables, table: Table) -> Settled:
    """Settle every unique constraint. Raises ``InvalidInput`` where there are too few combinations for the rows."""
    unique: set[str] = set()
    indexes, rounds = _taken_in_turn(tables, table)
    for constraint in sorted(table.uniques, key=lambda each: (len(each.columns), not each.primary, each.name)):
        columns = [name for name in constraint.columns if tables.formats.filled(table, tables.formats.column(table, name))]
        if (
            len(columns) < len(constraint.columns)
            or (not constraint.nulls_equal and any(tables.formats.format(table, name).generator == "null" for name in columns))
            or not columns
            or any(_is_different(tables, table, name, unique) for name in columns)
        ):
            continue
        groups = _groups(tables, table, columns)
        if len(groups) == 1:
            unique.update(columns)
        elif (free := _widest(tables, table, groups)) is not None:
            unique.add(free)
        elif not indexes.keys() & set(columns):
            indexes.update(_combined(tables, table, constraint, groups))
    return Settled(unique=frozenset(unique), indexes=indexes, rounds=rounds)


def _taken_in_turn(tables: Tables, table: Table) -> tuple[dict[str, Index], dict[str, int]]:
    """What ``sequence: {per: other}`` asks of the other column, where the rows are not given for each parent."""
    indexes: dict[str, Index] = {}
    rounds: dict[str, int] = {}
    by_parent = tables.formats.per_link(table) if isinstance(tables.per_rows(table), RowsPerParent) else None
    for column in table.columns:
        if column.generated or (per := tables.formats.format(table, column.name).options.get("per")) is None:
            continue
        link = tables.formats.link(table, str(per))
        size = None if table.column(str(per)) is None or (link and link == by_parent) else _size(tables, table, str(per))
        columns = tuple(link.pairs) if link is not None else (str(per),)
        if size and not indexes.keys() & set(columns):
            indexes.update(dict.fromkeys(columns, _in_turn(Walk(tables.key(table, str(per), "turn"), size))))
            rounds[column.name] = size
    return indexes, rounds


def _in_turn(walk: Walk) -> Index:
    return lambda rows: walk.at([row % walk.size for row in rows])


def _is_different(tables: Tables, table: Table, name: str, unique: set[str]) -> bool:
    format_ = tables.formats.format(table, name)
    counted = format_.generator == "sequence"
    return name in unique or format_.unique or counted or format_.generator in _DIFFERENT


def _groups(tables: Tables, table: Table, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Columns of one reference together, each other one by itself."""
    found: dict[object, list[str]] = {}
    for name in columns:
        link = tables.formats.link(table, name)
        found.setdefault(link.name if link is not None else (name,), []).append(name)
    return [tuple(group) for group in found.values()]


def _widest(tables: Tables, table: Table, groups: Sequence[tuple[str, ...]]) -> str | None:
    """A column with as many values as there are rows."""
    for name, *_ in groups:
        format_ = tables.formats.format(table, name)
        if (
            format_.generator not in {"references", "parent", "copy", "constant", "null", "card_number"}
            and _size(tables, table, name) is None
        ):
            return name
    return None


def _size(tables: Tables, table: Table, name: str) -> int | None:
    """How many values a column takes; ``None`` where they do not run out."""
    place = tables.place(table, name)
    link = tables.formats.link(table, name)
    if link is not None:
        return max(tables.parent_rows(link) - (place.format.differs is not None), 1)
    choices = choices_of(place)
    if choices is not None:
        return len(choices)
    if place.format.generator in {"constant", "null", "card_number"}:
        return 1
    return integers_of(place) or days_of(place)


def _combined(tables: Tables, table: Table, constraint: Unique, groups: Sequence[tuple[str, ...]]) -> dict[str, Index]:
    per = tables.formats.per_link(table) if isinstance(tables.per_rows(table), RowsPerParent) else None
    units = []
    by_parent = False
    for group in groups:
        if per is not None and tables.formats.link(table, group[0]) == per:
            by_parent = True
        else:
            units.append(_Unit(columns=group, size=_size(tables, table, group[0]) or 1))
    together = prod(unit.size for unit in units)
    rows = tables.per_parent(table) if by_parent else None
    needed = tables.per_rows(table).max if rows is not None else tables.rows(table)  # type: ignore[union-attr] # by_parent says so
    if together < needed:
        raise InvalidInput(
            f"{table.name}: {needed} rows {'for each parent ' if rows else ''}must differ in ({', '.join(constraint.columns)}), "
            f"and there are {together} combinations ({constraint.name})",
            where=tables.formats.where(table),
            hints=("ask for fewer rows, or for more rows of what they refer to",),
            code="data-profile",
        )
    walk = Walk(tables.key(table, constraint.name), together)
    found: dict[str, Index] = {}
    below = 1
    for unit in units:
        index = _digit(walk, below, unit.size, rows)
        found.update(dict.fromkeys(unit.columns, index))
        below *= unit.size
    return found


def _digit(walk: Walk, below: int, size: int, per: PerParent | None) -> Index:
    if per is None:
        return lambda rows: [number // below % size for number in walk.at(rows)]
    parents = per

    def numbers(rows: Sequence[int]) -> list[int]:
        starts = [parent * _MIX + place for parent, place in zip(parents.at(rows), parents.positions(rows), strict=True)]
        return [number // below % size for number in walk.at([start % walk.size for start in starts])]

    return numbers
