"""The format of one column: what decides it, in this order: checks, references, uniqueness, type, name."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from localenv.core.infer.guesses import ColumnGuess, Format, with_modifiers
from localenv.core.infer.limits import Limits, allowed, first_number
from localenv.core.infer.lookup import widest_key
from localenv.core.infer.orders import TIMES, earlier_by_name, ordered_format
from localenv.core.infer.rows import Planned
from localenv.core.infer.special_types import other_format
from localenv.core.infer.table_facts import TableFacts
from localenv.core.infer.texts import bytes_format, text_format
from localenv.core.infer.values import value_format
from localenv.core.infer.words import words_of
from localenv.core.schema.model import Column, ForeignKey, Table

__all__ = ["ColumnGuesser"]

_GONE: Final = frozenset(
    {"deleted", "archived", "banned", "suspended", "canceled", "cancelled", "disabled", "locked", "revoked", "blocked", "removed",
     "trashed", "hidden", "error", "discarded", "closed", "failed", "unsubscribed"}
)  # fmt: skip
_RARE: Final = 0.95
_OFTEN_EMPTY: Final = frozenset({"date", "timestamp", "timestamptz", "time", "integer", "decimal", "float", "interval"})
_EMPTY_RATE: Final = 0.1
_ROOTS: Final = 0.5
_NOT_STRICT: Final = re.compile(r"\bis\b|coalesce|num_n|case", re.IGNORECASE)
_FUNCTION: Final = re.compile(r"[\w.\"]+\(.*\)$", re.DOTALL)


class ColumnGuesser:
    """Guesses for the columns of one table."""

    def __init__(self, planned: Planned, facts: TableFacts) -> None:
        self._planned = planned
        self._facts = facts
        self._table = facts.table

    def guess(self, column: Column) -> ColumnGuess:
        """One column."""
        found, why = self._decided(column)
        return ColumnGuess(name=column.name, format=found, why=why)

    def emptied(self, check: str) -> str | None:
        """The column that is left NULL, because a check that is not understood cannot be violated then."""
        columns = next((columns for name, columns in self._facts.solved.unknown if name == check), ())
        text = next((each.expression for each in self._table.checks if each.name == check), "")
        if _NOT_STRICT.search(text):
            return None
        needed = {name for unique in self._table.uniques if unique.primary for name in unique.columns}
        for name in columns:
            column = self._table.column(name)
            if column and column.nullable and name not in needed and self._limits(column).null is not False:
                return name
        return None

    def _limits(self, column: Column) -> Limits:
        return self._facts.solved.limits.get(column.name, Limits())

    def _decided(self, column: Column) -> tuple[Format, str]:
        limits = self._limits(column)
        if column.generated:
            return "default", ""
        if limits.null is True:
            return "null", f"empty, for {', '.join(limits.because)}"
        if (
            check := next((name for name, _ in self._facts.solved.unknown if self.emptied(name) == column.name), None)
        ) is not None:
            return "null", f"left empty, because {check} is not understood"
        named = any(column.name == pair.type for pair in self._facts.polymorphic)
        if limits.values is not None and not (named and self._referring(column)):
            return _chosen(allowed(limits), unique=self._unique(column)), ""
        return self._referring(column) or self._numbered(column) or self._own(column, limits)

    def _unique(self, column: Column) -> bool:
        return column.name in self._facts.differing.columns

    def _referring(self, column: Column) -> tuple[Format, str] | None:
        for pair in self._facts.polymorphic:
            why = "" if pair.listed else "no foreign key; which rows it may mean is a guess"
            filled = {value: target for value, target in pair.targets.items() if self._planned.there(target[0])}
            if filled and column.name == pair.type:
                return _chosen(tuple(filled), unique=False), why
            if filled and column.name == pair.key:
                targets = {value: f"{table.name}.{key.name}" for value, (table, key) in filled.items()}
                found: Format = {"references": {"by": pair.type, "map": targets}}
                return with_modifiers(found, unique=self._unique(column)), ""
        if (key := widest_key(self._table, column.name)) is not None:
            return self._foreign(column, key)
        if column.name in self._facts.implied:
            table, other = self._facts.implied[column.name]
            if not self._planned.there(table):
                return None
            return self._reference(column, table, other.name, rate=None), "no foreign key; by its name"
        return None

    def _foreign(self, column: Column, key: ForeignKey) -> tuple[Format, str] | None:
        parent = self._planned.schema.table(key.table)
        if parent is None:
            return None
        if not self._planned.there(parent) and column.nullable and self._limits(column).null is not False:
            return "null", f"{parent.name} has no rows"
        other = key.references[key.columns.index(column.name)]
        return self._reference(column, parent, other, rate=0.0 if len(key.columns) > 1 else None), ""

    def _reference(self, column: Column, parent: Table, other: str, *, rate: float | None) -> Format:
        usual = _ROOTS if parent.name == self._table.name else _EMPTY_RATE
        rate = (usual if self._may_be_empty(column) else 0.0) if rate is None else rate
        return with_modifiers(
            {"references": f"{parent.name}.{other}"},
            null_rate=rate,
            unique=self._unique(column),
            differs=self._facts.differs.get(column.name),
        )

    def _numbered(self, column: Column) -> tuple[Format, str] | None:
        if (found := ordered_format(column, self._table, self._facts.solved)) is not None:
            return found
        if column.kind == "integer" and (column.identity or self._unique(column)):
            return self._sequence(column)
        return None

    def _sequence(self, column: Column) -> tuple[Format, str]:
        low = first_number(column, self._limits(column))
        return ("sequence" if low == 1 else {"sequence": {"start": low}}), ""

    def _own(self, column: Column, limits: Limits) -> tuple[Format, str]:
        found = self._by_type(column, limits)
        if found is None:
            return ("null" if column.nullable and limits.null is not False else "default"), f"nothing generates {column.type}"
        made, why = found
        if made in ("null", "default"):
            return made, why
        return with_modifiers(made, null_rate=self._null_rate(column), unique=self._modified(column, made)), why

    def _modified(self, column: Column, made: Format) -> bool:
        """Whether ``unique: true`` stands beside it: not where its values differ by themselves."""
        return self._unique(column) and not (isinstance(made, dict) and {"template", "constant"} & set(made)) and made != "uuid"

    def _by_type(self, column: Column, limits: Limits) -> tuple[Format, str] | None:
        if column.kind in TIMES and (earlier := self._earlier(column, limits)) is not None:
            return {"date" if column.kind == "date" else "timestamp": {"after": earlier, "within": "30d"}}, ""
        match column.kind:
            case "enum" | "set":
                values = tuple(value for value in column.values if value not in limits.excluded)
                return _chosen(values or column.values, unique=False), ""
            case "text":
                return self._text(column, limits)
            case "bytes":
                return bytes_format(column, limits)
            case "array":
                return self._array(column, limits)
            case "other" | "range" | "bits" | "vector":
                return other_format(
                    column, self._planned.schema.engine, apart=self._unique(column) or column.name in self._facts.overlapping
                )
            case _:
                return value_format(column, limits)

    def _text(self, column: Column, limits: Limits) -> tuple[Format, str]:
        unique = self._unique(column)
        if column.name == "type" and column.nullable and limits.null is None and not unique:
            return "null", "often the name of a class of the application: write its own"
        if not unique and column.default and _FUNCTION.search(column.default) and not limits.patterns:
            return "default", f"as {column.default} makes it"
        return text_format(column, self._table, limits, unique=unique, prefix=self._facts.differing.prefixes.get(column.name))

    def _array(self, column: Column, limits: Limits) -> tuple[Format, str] | None:
        element = replace(column.element, nullable=False) if column.element else None
        found = self._by_type(element, Limits()) if element else None
        if found is None or found[0] in ("null", "default"):
            return None
        most = max(limits.fewest, 3 if limits.most is None else min(3, limits.most))
        return {"array": {"of": found[0], "min": limits.fewest, "max": most}}, ""

    def _earlier(self, column: Column, limits: Limits) -> str | None:
        in_key = any(column.name in unique.columns for unique in self._table.uniques)
        if limits.low is not None or limits.high is not None or in_key:
            return None
        earlier = earlier_by_name(column, self._table)
        other = self._table.column(earlier) if earlier else None
        if other is None or self._limits(other).null is True or earlier_by_name(other, self._table) == column.name:
            return None
        return earlier

    def _may_be_empty(self, column: Column) -> bool:
        needed = {name for unique in self._table.uniques if unique.primary for name in unique.columns}
        compared = {name for order in self._facts.solved.orders for name in (order.first, order.second)}
        return column.nullable and self._limits(column).null is None and column.name not in needed | compared

    def _null_rate(self, column: Column) -> float:
        if not self._may_be_empty(column):
            return 0.0
        if _GONE & set(words_of(column.name)) and column.kind in TIMES | {"text"}:
            return _RARE
        is_first = any(earlier_by_name(other, self._table) == column.name for other in self._table.columns)
        return _EMPTY_RATE if column.kind in _OFTEN_EMPTY and column.default is None and not is_first else 0.0


def _chosen(values: tuple[Any, ...], *, unique: bool) -> Format:
    listed = [_plain(value) for value in values]
    if not listed:
        return "default"
    if len(listed) == 1:
        return {"constant": listed[0]}
    return with_modifiers({"choice": listed}, unique=unique)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
