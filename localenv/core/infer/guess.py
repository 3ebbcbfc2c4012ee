"""From tables to formats of their columns: what a data profile without a word about them would say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from localenv.core.infer.column import ColumnGuesser
from localenv.core.infer.guesses import ColumnGuess, Format, TableGuess
from localenv.core.infer.limits import Limits
from localenv.core.infer.lookup import widest_key
from localenv.core.infer.rows import Planned
from localenv.core.infer.table_facts import TableFacts
from localenv.core.schema.model import Column, Schema, Table, Trigger

__all__ = ["Guesser", "guess_column", "guess_table"]

DEFAULT_ROWS: Final = 100
_REFUSES: Final = re.compile(r"\braise\s+(exception|'|sqlstate)|\bsignal\s+sqlstate|\braise\s*;", re.IGNORECASE)


class Guesser:
    """Guesses for all tables of one schema; what several tables need is worked out once."""

    def __init__(self, schema: Schema, rows: int = DEFAULT_ROWS) -> None:
        self._schema = schema
        self._planned = Planned(schema, rows)

    @cached_property
    def tables(self) -> tuple[TableGuess, ...]:
        """Every table, those that get no rows included."""
        return tuple(self.table(table) for table in self._schema.tables)

    def table(self, table: Table) -> TableGuess:
        """One table."""
        reason = self._planned.left_out(table)
        if reason is not None:
            told = () if table.rows or reason.startswith("belongs") else (f"{table.name} {reason}",)
            return TableGuess(table=table, left_out=reason, warnings=told)
        facts = self._planned.facts(table)
        columns = tuple(self.column(table, column) for column in table.columns if not column.generated)
        rows = self._planned.rows(table)
        return TableGuess(
            table=table,
            rows=rows,
            columns=columns,
            notes=tuple(_notes(facts, rows, self._planned)),
            warnings=tuple(self._warnings(facts)),
        )

    def column(self, table: Table, column: Column) -> ColumnGuess:
        """One column."""
        return ColumnGuesser(self._planned, self._planned.facts(table)).guess(column)

    def _warnings(self, facts: TableFacts) -> list[str]:
        name = facts.table.name
        guesser = ColumnGuesser(self._planned, facts)
        unread = [(check, columns) for check, columns in facts.solved.unknown if not guesser.emptied(check)]
        found = [_not_understood(facts.table, unread)] if unread else []
        found += [
            f"{name}: the check {check} cannot hold beside the others; write values that satisfy it"
            for check in facts.solved.refused
        ]
        found += [
            f"{name}: {column} refers to another table and is limited by {', '.join(limits.because)}, which is not assured; "
            f"if rows are refused, write values for {column}"
            for column, limits in facts.solved.limits.items()
            if widest_key(facts.table, column) and _chooses(limits)
        ]
        found += [
            f"{name}: {unread} is not understood; if rows are refused, write values for its columns" for unread in facts.unread
        ]
        found += [
            f"{name}: the trigger {trigger.name} may refuse rows; write values that it accepts"
            for trigger in facts.table.triggers
            if _refuses(trigger, self._schema)
        ]
        return found


def guess_column(table: Table, column: Column, schema: Schema) -> Format:
    """Return the format of one column that a profile leaves out. For many columns make one ``Guesser``."""
    return Guesser(schema).column(table, column).format


def guess_table(table: Table, schema: Schema, rows: int) -> Mapping[str, Any]:
    """Return ``{"rows": n, "columns": {...}}`` for a table that a profile leaves out; no rows for one that is left alone.

    For many tables make one ``Guesser``.
    """
    guess = Guesser(schema, rows).table(table)
    return {"rows": guess.rows, "columns": {column.name: column.format for column in guess.columns}}


def _notes(facts: TableFacts, rows: int, planned: Planned) -> list[str]:
    found = [f"{unique.name} allows one row" for unique in facts.differing.once]
    if rows < planned.wanted and not found:
        found.append("no more rows than its keys allow")
    if facts.solved.narrowed:
        found.append(f"one of several ways to satisfy {', '.join(facts.solved.narrowed)}")
    if quiet := [trigger.name for trigger in facts.table.triggers if _REFUSES.search(trigger.definition) and not trigger.always]:
        found.append(f"triggers that can refuse rows: {', '.join(quiet)}")
    return found


def _not_understood(table: Table, unread: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    checks = [check for check, _ in unread]
    columns = dict.fromkeys(column for _, mentioned in unread for column in mentioned)
    what = f"check {checks[0]} is" if len(checks) == 1 else f"checks {', '.join(checks)} are"
    return f"{table.name}: the {what} not understood; if rows are refused, write values for {', '.join(columns) or 'its columns'}"


def _chooses(limits: Limits) -> bool:
    """Whether values are forbidden that a key can have."""
    low = limits.low if isinstance(limits.low, Decimal) else Decimal(0)
    return limits.null is not True and (bool(limits.excluded) or limits.high is not None or low > 1)


def _refuses(trigger: Trigger, schema: Schema) -> bool:
    """Whether it runs while rows are loaded: PostgreSQL loads as a replica, where only ``ENABLE ALWAYS`` does."""
    return bool(_REFUSES.search(trigger.definition)) and (trigger.always or schema.engine != "postgresql")
