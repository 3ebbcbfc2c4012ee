"""Which columns of a table must differ in every row, so that all of its unique constraints hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, Literal

from localenv.core.infer.words import words_of
from localenv.core.schema.model import Column, Table, Unique
from localenv.values import dataclass

__all__ = ["Differing", "Role", "differing"]

Role = Literal["free", "row", "row of several", "few", "empty"]
"""Where a column's values are from: made up without end, a row of another table or of one of several, a short list."""

_BEST: Final = ("integer", "uuid", "text", "bytes", "timestamp", "timestamptz", "decimal", "float", "network", "range", "other")
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


def differing(table: Table, role: Callable[[Column], Role]) -> Differing:
    """Choose for each constraint, those about fewest columns first."""
    chosen: set[str] = set()
    crossed: list[Unique] = []
    once: list[Unique] = []
    ordered = sorted(table.uniques, key=lambda unique: len(unique.columns))
    for unique in ordered:
        columns = _given(unique, table)
        if not columns:
            once.append(unique)
        elif len(columns) == 1:
            chosen.add(columns[0].name)
        elif not chosen & {column.name for column in columns} and not _is_void(unique, columns, role):
            made = sorted((column for column in columns if role(column) == "free"), key=_rank)
            several = [column for column in columns if role(column) == "row of several"]
            if made or several:
                chosen.add((made or several)[0].name)
            else:
                crossed.append(unique)
    crossed = [unique for unique in crossed if not chosen & set(unique.columns)]
    chosen |= _untangled(crossed, table, role)
    return Differing(
        columns=frozenset(chosen),
        crossed=tuple(unique for unique in crossed if not chosen & set(unique.columns)),
        once=tuple(once),
        prefixes={
            name: length
            for unique in ordered
            for name, length in zip(unique.columns, unique.lengths, strict=False)
            if length is not None and name in chosen
        },
    )


def _untangled(crossed: list[Unique], table: Table, role: Callable[[Column], Role]) -> set[str]:
    """Combinations serve one constraint at a time: of several that share columns a reference differs in every row."""
    chosen: set[str] = set()
    left = list(crossed)
    while True:
        shared = Counter(name for unique in left for name in unique.columns)
        tangled = [unique for unique in left if any(shared[name] > 1 for name in unique.columns)]
        rows = [
            column.name
            for column in table.columns
            if role(column) == "row" and any(column.name in unique.columns for unique in tangled)
        ]
        if len(tangled) < 2 or not rows:  # noqa: PLR2004 - one alone is not tangled
            return chosen
        chosen.add(max(rows, key=lambda name: shared[name]))
        left = [unique for unique in left if not chosen & set(unique.columns)]


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


def _is_void(unique: Unique, columns: list[Column], role: Callable[[Column], Role]) -> bool:
    """NULL differs from NULL, unless the constraint says otherwise."""
    return not unique.nulls_equal and any(role(column) == "empty" for column in columns)


def _is_counter(column: Column) -> bool:
    return column.kind == "integer" and column.identity is None and bool(_COUNTERS & set(words_of(column.name)))


def _rank(column: Column) -> tuple[bool, int]:
    return not _is_counter(column), _BEST.index(column.kind) if column.kind in _BEST else len(_BEST)
