"""Reading what the catalogue of MariaDB or MySQL answered (``mysql_query.CATALOGUE``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Final, Literal

import msgspec

from localenv.core.data.engines import DataEngine
from localenv.core.schema.model import Check, Column, ForeignKey, Schema, Table, TableName, Trigger, Unique
from localenv.core.schema.mysql_query import COUNTED_UP_TO
from localenv.core.schema.mysql_types import typed

__all__ = ["Catalogue"]

_JSON: Final = re.compile(r"json_valid\(`((?:[^`]|``)+)`\)")
_NAME_IN_EXPRESSION: Final = re.compile(r"`((?:[^`]|``)+)`")
_TIMINGS: Final[Mapping[str, Literal["before", "after"]]] = {"BEFORE": "before", "AFTER": "after"}


@dataclass(slots=True)
class _Found:
    """What the catalogue says of one table, while its rows come in."""

    estimate: int
    comment: str
    columns: list[Column] = field(default_factory=list)
    uniques: list[tuple[str, str | None, int | None, str | None]] = field(default_factory=list)
    foreign: list[tuple[str, str, str, str]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    partitions: list[tuple[str, str, str]] = field(default_factory=list)


class Catalogue:
    """Tables by name; rows of them are still to be counted."""

    def __init__(self, engine: DataEngine) -> None:
        self._engine: DataEngine = engine
        self._database: str | None = None
        self._found: dict[str, _Found] = {}
        self._rows: dict[str, int] = {}

    @property
    def database(self) -> str | None:
        """Whose tables these are; ``None`` when the client was in no database."""
        return self._database

    def uncounted(self) -> list[str]:
        """Every table: an estimate of none may mean some."""
        return list(self._found)

    def add(self, lines: Iterable[str]) -> None:
        """Take rows of an answer. Raises ``ValueError`` for one that is no JSON array or of no known kind."""
        takers: Mapping[str, Callable[..., None]] = {
            "database": self._named,
            "table": self._table,
            "column": self._column,
            "unique": self._unique,
            "foreign": self._foreign,
            "check": self._check,
            "trigger": self._trigger,
            "partition": self._partition,
            "rows": self._rows.__setitem__,
        }
        for line in lines:
            if line.strip():
                kind, *row = msgspec.json.decode(line, type=list[Any])
                takers[kind](*row)

    def schema(self) -> Schema:
        """Everything, as values."""
        tables = tuple(self._finished(name, found) for name, found in self._found.items())
        return Schema(engine=self._engine, database=self._database or "", tables=tables)

    def _named(self, database: str | None) -> None:
        self._database = database

    def _table(self, name: str, estimate: int | None, comment: str | None) -> None:
        self._found[name] = _Found(estimate or 0, comment or "")

    def _column(self, table: str, name: str, data_type: str, text: str, *row: Any) -> None:
        nullable, default, extra, length, precision, scale, generation, comment = row
        found = self._found.get(table)
        if found is None:
            return
        column = typed(name, data_type, text, (length, precision, scale))
        generated = bool(generation) or "GENERATED" in extra.replace("DEFAULT_GENERATED", "")
        missing = default is None or (default == "NULL" and self._engine == "mariadb")
        found.columns.append(
            replace(
                column,
                nullable=nullable == "YES",
                default=None if missing or generated else str(default),
                generated=generated,
                expression=generation or "",
                identity="auto_increment" if "auto_increment" in extra else None,
                comment=comment or "",
            )
        )

    def _unique(self, table: str, name: str, column: str | None, *row: Any) -> None:
        if found := self._found.get(table):
            prefix, expression = row[0], row[1] if len(row) > 1 else None
            found.uniques.append((name, column, prefix, expression))

    def _foreign(self, table: str, name: str, *row: str) -> None:
        if found := self._found.get(table):
            column, referenced, key = row
            found.foreign.append((name, column, referenced, key))

    def _check(self, table: str, name: str, clause: str) -> None:
        found = self._found.get(table)
        if found is None:
            return
        text = clause.replace("\\'", "'") if self._engine == "mysql" else clause
        valid = _JSON.fullmatch(text)
        if valid is None:
            found.checks.append(Check(name=name, expression=text))
            return
        name = valid[1].replace("``", "`")
        found.columns = [replace(each, kind="json", length=None) if each.name == name else each for each in found.columns]

    def _trigger(self, table: str, name: str, timing: str, statement: str) -> None:
        if found := self._found.get(table):
            found.triggers.append(Trigger(name=name, timing=_TIMINGS[timing], definition=statement, always=True))

    def _partition(self, table: str, method: str, expression: str | None, description: str | None) -> None:
        if found := self._found.get(table):
            found.partitions.append((method, expression or "", description or ""))

    def _finished(self, name: str, found: _Found) -> Table:
        counted = self._rows.get(name, 0)
        return Table(
            name=TableName(name=name),
            columns=tuple(found.columns),
            uniques=tuple(_uniques(found)),
            foreign_keys=tuple(_foreign_keys(found)),
            checks=tuple(found.checks),
            triggers=tuple(found.triggers),
            partition_key=_partition_key(found),
            partitions=tuple(_bound(method, description) for method, _, description in found.partitions),
            rows=max(counted, found.estimate) if counted >= COUNTED_UP_TO else counted,
            comment=found.comment,
        )


def _uniques(found: _Found) -> Iterator[Unique]:
    for name, members in groupby(found.uniques, key=lambda each: each[0]):
        listed = list(members)
        expressions = tuple(expression for _, _, _, expression in listed if expression)
        columns = [(column, prefix) for _, column, prefix, _ in listed if column is not None]
        columns += [(each, None) for text in expressions for each in _NAME_IN_EXPRESSION.findall(text)]
        yield Unique(
            name=name,
            columns=tuple(column for column, _ in columns),
            primary=name == "PRIMARY",
            expressions=expressions,
            lengths=tuple(prefix for _, prefix in columns),
        )


def _foreign_keys(found: _Found) -> Iterator[ForeignKey]:
    for name, members in groupby(found.foreign, key=lambda each: each[0]):
        listed = list(members)
        yield ForeignKey(
            name=name,
            columns=tuple(column for _, column, _, _ in listed),
            table=TableName(name=listed[0][2]),
            references=tuple(key for _, _, _, key in listed),
        )


def _partition_key(found: _Found) -> str | None:
    if not found.partitions:
        return None
    method, expression, _ = found.partitions[0]
    plain = expression.replace("`", "")
    return f"{method.removesuffix(' COLUMNS')} ({plain})"


def _bound(method: str, description: str) -> str:
    """A partition's bound as PostgreSQL would print it, so that one reader does for both."""
    if method.startswith("LIST"):
        return "DEFAULT" if description == "DEFAULT" else f"FOR VALUES IN ({description})"
    if method.startswith("RANGE"):
        return f"FOR VALUES LESS THAN ({description})"
    return "FOR VALUES WITH (HASH)"
