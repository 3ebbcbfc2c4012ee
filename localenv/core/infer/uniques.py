"""Which columns of a table must differ in every row, so that all of its unique constraints hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from localenv.core.infer.words import words_of
from localenv.core.schema.model import Column, Table, Unique

__all__ = ["Differing", "differing"]

_BEST: Final = (
    "integer",
    "uuid",
    "text",
    "bytes",
    "timestamp",
    "timestamptz",
    "decimal",
    "float",
    "date",
    "network",
    "range",
    "other",
)
_COUNTERS: Final = {
    "iid",
    "number",
    "num",
    "no",
    "seq",
    "sequence",
    "position",
    "line",
    "index",
    "order",
    "sort",
    "ordinal",
    "step",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """What each column does for uniqueness."""

    columns: frozenset[str]
    """Must differ in every row."""
    crossed: tuple[Unique, ...]
    """Left to combinations of few values: join tables."""
    once: tuple[Unique, ...]
    """Allow one row at all."""
    prefixes: dict[str, int]
    """An index reads only so many characters of the column."""


def differing(
    table: Table, uniques: Iterable[Unique], free: Callable[[Column], bool], last: Callable[[Column], bool]
) -> Differing:
    """Choose. ``free`` says whether a column's values are made up, not taken from a parent or a short list.

    ``last`` names columns that may differ where none is free.
    """
    chosen: set[str] = set()
    crossed: list[Unique] = []
    once: list[Unique] = []
    ordered = sorted(uniques, key=lambda unique: len(unique.columns))
    for unique in ordered:
        columns = _given(unique, table)
        if not columns:
            once.append(unique)
        elif chosen & {column.name for column in columns}:
            continue
        elif len(columns) == 1:
            chosen.add(columns[0].name)
        elif (free_one := min(filter(free, columns), key=_rank, default=None)) is not None:
            chosen.add(free_one.name)
        elif (last_one := next(filter(last, columns), None)) is not None:
            chosen.add(last_one.name)
        else:
            crossed.append(unique)
    prefixes = {
        name: length
        for unique in ordered
        for name, length in zip(unique.columns, unique.lengths, strict=False)
        if length is not None and name in chosen
    }
    return Differing(columns=frozenset(chosen), crossed=tuple(crossed), once=tuple(once), prefixes=prefixes)


def _given(unique: Unique, table: Table) -> list[Column]:
    """The columns that a constraint is about; of one that the engine computes those that it is computed from."""
    found: dict[str, Column] = {}
    for name in unique.columns:
        column = table.column(name)
        if column is None:
            continue
        inner = [each for each in table.columns if column.generated and each.name in column.expression and not each.generated]
        found |= {each.name: each for each in (inner or [column])}
    return list(found.values())


def _is_counter(column: Column) -> bool:
    return column.kind == "integer" and column.identity is None and bool(_COUNTERS & set(words_of(column.name)))


def _rank(column: Column) -> tuple[bool, int]:
    return not _is_counter(column), _BEST.index(column.kind) if column.kind in _BEST else len(_BEST)
