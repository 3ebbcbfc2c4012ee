"""How many rows a table can get: unique constraints on parents and short lists bound it, and so do empty parents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final

from localenv.core.infer.limits import Limits, allowed, span
from localenv.core.infer.lookup import Lookup, widest_key
from localenv.core.infer.special_types import other_format
from localenv.core.infer.table_facts import TableFacts, not_assured, table_facts
from localenv.core.infer.texts import longest_of
from localenv.core.infer.tools import migration_tool
from localenv.core.schema.model import Column, ForeignKey, Schema, Table

__all__ = ["Planned"]

_INSERTS: Final = re.compile(r"\binsert\s+(?:ignore\s+)?into\s+`?([\w$]+)", re.IGNORECASE)
_ENOUGH: Final = 1 << 40
_SPECIAL: Final = frozenset({"other", "range", "bits", "vector"})
_LETTERS: Final = 26
_LONG: Final = 8
_DAYS: Final = 540


class Planned:
    """Facts and rows of every table of one schema, each worked out once."""

    def __init__(self, schema: Schema, rows: int) -> None:
        self.schema = schema
        self.wanted = rows
        self._facts: dict[str, TableFacts] = {}
        self._rows: dict[str, int] = {}
        self._reasons: dict[str, str | None] = {}

    @cached_property
    def lookup(self) -> Lookup:
        """Tables by what columns call them."""
        return Lookup(self.schema)

    @cached_property
    def _filling(self) -> dict[str, str]:
        """Tables that triggers of other tables insert into, with the trigger."""
        return {
            name.lower(): f"{trigger.name} of {table.name}"
            for table in self.schema.tables
            for trigger in table.triggers
            for name in _INSERTS.findall(trigger.definition)
            if name.lower() != table.name.name.lower()
        }

    def facts(self, table: Table) -> TableFacts:
        """What the guesses for a table stand on."""
        name = str(table.name)
        if name not in self._facts:
            self._facts[name] = table_facts(table, self.schema, self.lookup)
        return self._facts[name]

    def left_out(self, table: Table) -> str | None:
        """Why a table gets no rows; ``None`` when it gets some."""
        name = str(table.name)
        if name not in self._reasons:
            self._reasons[name] = None
            self._reasons[name] = self._own_reason(table) or self._parents_reason(table)
        return self._reasons[name]

    def there(self, table: Table) -> int:
        """Rows that a table has once it is filled: those it has already, or those it gets."""
        if table.rows:
            return table.rows
        return 0 if self.left_out(table) else self.rows(table)

    def rows(self, table: Table) -> int:
        """Rows that a table gets at most, of those wanted. In a cycle the table asked for first counts as full."""
        name = str(table.name)
        if name not in self._rows:
            self._rows[name] = self.wanted
            facts = self.facts(table)
            found = facts.differing
            bounds = [self.capacity([column], facts) for column in found.columns]
            bounds += [self.capacity(unique.columns, facts) for unique in found.crossed]
            bounds += [1 for _ in found.once]
            self._rows[name] = max(1, min([self.wanted, *bounds]))
        return self._rows[name]

    def capacity(self, columns: Iterable[str], facts: TableFacts) -> int:
        """Different combinations that some columns of a table can have."""
        product, keys = 1, set()
        for name in columns:
            column = facts.table.column(name)
            if column is None:
                continue
            key = widest_key(facts.table, name)
            if key is not None and key.name in keys:
                continue
            keys.add(key.name if key else name)
            product = min(product * max(1, self._values(column, facts, key)), _ENOUGH)
        return product

    def _own_reason(self, table: Table) -> str | None:
        if table.rows:
            counted = "1 row" if table.rows == 1 else f"{table.rows} rows"
            return f"has {counted} already: they stay and are referenced"
        if (trigger := self._filling.get(table.name.name.lower())) is not None and self.schema.engine != "postgresql":
            return f"is filled by the trigger {trigger}, which runs while rows are loaded"
        if tool := migration_tool(table.name):
            return f"belongs to {tool}"
        if table.partition_key and not table.partitions:
            return "is partitioned and has no partition: create one in a migration, then infer again"
        for column in table.columns:
            if (
                _needs_a_value(column)
                and column.kind in _SPECIAL
                and other_format(column, self.schema.engine, apart=False) is None
            ):
                return f"cannot be filled by itself: write {column.name}: {{constant: ...}}, a value of the type {column.type}"
        for order in not_assured(self.facts(table)):
            return (
                f"has the check {order.check} about {order.first} and {order.second}, which no generator assures: "
                "write its rows into a file, or its columns into the profile"
            )
        return None

    def _parents_reason(self, table: Table) -> str | None:
        for key in table.foreign_keys:
            columns = [column for name in key.columns if (column := table.column(name))]
            if any(column.nullable for column in columns) or key.table == table.name:
                continue
            parent = self.schema.table(key.table)
            if parent is not None and not parent.rows and self.left_out(parent):
                return f"needs rows of {parent.name}, which gets none"
        return None

    def _values(self, column: Column, facts: TableFacts, key: ForeignKey | None) -> int:
        if key is not None:
            parent = self.schema.table(key.table)
            if parent is None or parent.name == facts.table.name:
                return _ENOUGH
            return self.there(parent) - (column.name in facts.differs)
        if column.name in facts.implied:
            parent = facts.implied[column.name][0]
            return _ENOUGH if parent.name == facts.table.name else self.there(parent)
        if (pair := next((each for each in facts.polymorphic if column.name == each.type), None)) is not None:
            return len(pair.targets)
        if (pair := next((each for each in facts.polymorphic if column.name == each.key), None)) is not None:
            return min((self.there(target) for target, _ in pair.targets.values()), default=1)
        return _different(column, facts.solved.limits.get(column.name, Limits()))


def _needs_a_value(column: Column) -> bool:
    return not column.nullable and column.default is None and not column.generated and column.identity is None


def _different(column: Column, limits: Limits) -> int:
    """Values that a column of its own can have."""
    if limits.values is not None:
        return max(1, len(allowed(limits)))
    simple: dict[str, Callable[[], int]] = {
        "boolean": lambda: 2,
        "enum": lambda: len(column.values),
        "set": lambda: len(column.values),
        "integer": lambda: span(column, limits),
        "text": lambda: _texts(longest_of(column, limits)),
        "date": lambda: _DAYS,
        "json": lambda: 1,
    }
    return simple.get(column.kind, lambda: _ENOUGH)()


def _texts(longest: int) -> int:
    return int(_LETTERS ** min(longest, _LONG))
