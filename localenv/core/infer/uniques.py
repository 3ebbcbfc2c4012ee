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
    counted: dict[str, str]
    """Counts up for each value of the other column: ``number`` within ``order_id``."""
    crossed: tuple[Unique, ...]
    """Left to combinations of few values: join tables."""
    once: tuple[Unique, ...]
    """Allow one row at all."""
    prefixes: dict[str, int]
    """An index reads only so many characters of the column."""


def differing(table: Table, uniques: Iterable[Unique], free: Callable[[Column], bool]) -> Differing:
    """Choose. ``free`` says whether a column's values are made up, not taken from a parent or a short list."""
    chosen: set[str] = set()
    counted: dict[str, str] = {}
    crossed: list[Unique] = []
    once: list[Unique] = []
    ordered = sorted(uniques, key=lambda unique: len(unique.columns))
    for unique in ordered:
        columns = [column for name in unique.columns if (column := table.column(name))]
        if not unique.columns:
            once.append(unique)
        elif any(column.generated for column in columns) or chosen & set(unique.columns):
            continue
        elif len(columns) == 1 and (len(unique.columns) == 1):
            chosen.add(columns[0].name)
        else:
            _choose(unique, columns, free, (chosen, counted, crossed))
    for name in chosen & set(counted):
        del counted[name]
    prefixes = {
        name: length
        for unique in ordered
        for name, length in zip(unique.columns, unique.lengths, strict=False)
        if length is not None and name in chosen
    }
    return Differing(columns=frozenset(chosen), counted=counted, crossed=tuple(crossed), once=tuple(once), prefixes=prefixes)


def _choose(
    unique: Unique,
    columns: list[Column],
    free: Callable[[Column], bool],
    found: tuple[set[str], dict[str, str], list[Unique]],
) -> None:
    chosen, counted, crossed = found
    candidates = sorted((column for column in columns if free(column)), key=_rank)
    taken = [column for column in columns if not free(column)]
    if not candidates:
        crossed.append(unique)
    elif _is_counter(candidates[0]) and len(taken) == 1 and len(columns) == 2 and candidates[0].name not in counted:  # noqa: PLR2004 - a number within a parent
        counted[candidates[0].name] = taken[0].name
    else:
        chosen.add(candidates[0].name)


def _is_counter(column: Column) -> bool:
    return column.kind == "integer" and column.identity is None and bool(_COUNTERS & set(words_of(column.name)))


def _rank(column: Column) -> tuple[bool, int]:
    return not _is_counter(column), _BEST.index(column.kind) if column.kind in _BEST else len(_BEST)
