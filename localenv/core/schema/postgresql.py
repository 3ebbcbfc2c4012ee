"""Reading what PostgreSQL's catalogue answered (``postgresql_query.CATALOGUE``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import msgspec

from localenv.core.schema.model import Check, Column, ForeignKey, Schema, Table, TableName, Trigger, Unique
from localenv.core.schema.postgresql_query import COUNTED_UP_TO
from localenv.core.schema.postgresql_types import Types

__all__ = ["Catalogue", "read_catalogue"]

_BEFORE: Final = 2
_INSTEAD: Final = 64
_IDENTITY: Final[Mapping[str, Literal["always", "by default"]]] = {"a": "always", "d": "by default"}


@dataclass(slots=True, kw_only=True)
class _Found:
    """What the catalogue says of one table, while its rows come in."""

    name: TableName
    partitioned: bool
    is_partition: bool
    estimate: int
    size: int
    partition_key: str | None
    bound: str | None
    comment: str
    columns: list[Column] = field(default_factory=list)
    uniques: list[Unique] = field(default_factory=list)
    foreign: list[tuple[str, int, bool, list[list[str]]]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)


class Catalogue:
    """Tables by number; rows of some of them are still to be counted."""

    def __init__(self) -> None:
        self._database = ""
        self._found: dict[int, _Found] = {}
        self._types = Types()
        self._rows: dict[int, int] = {}

    def uncounted(self) -> list[tuple[int, str, str]]:
        """Tables that hold anything at all: number, schema, name."""
        return [(number, found.name.schema, found.name.name) for number, found in self._found.items() if found.size]

    def add(self, lines: Iterable[str]) -> None:
        """Take rows of an answer. Raises ``ValueError`` for one that is no JSON array or of no known kind."""
        takers: Mapping[str, Callable[..., None]] = {
            "table": self._table,
            "inherits": self._inherits,
            "type": lambda number, *row: self._types.add_type(number, row),
            "enum": self._types.add_label,
            "domain": self._types.add_check,
            "column": self._column,
            "unique": self._unique,
            "foreign": self._foreign,
            "check": self._check,
            "trigger": self._trigger,
            "rows": self._rows.__setitem__,
            "database": self._named,
        }
        for line in lines:
            if line.strip():
                kind, *row = msgspec.json.decode(line, type=list[Any])
                takers[kind](*row)

    def schema(self) -> Schema:
        """Everything, as values; partitions are told by their parents."""
        children: dict[int, list[int]] = defaultdict(list)
        for number, found in self._found.items():
            for parent in found.parents:
                children[parent].append(number)
        tables = (self._finished(number, found, children) for number, found in self._found.items() if not found.is_partition)
        return Schema(engine="postgresql", database=self._database, tables=tuple(tables))

    def _named(self, database: str) -> None:
        self._database = database

    def _table(self, number: int, schema: str, name: str, *row: Any) -> None:
        kind, is_partition, estimate, size, key, bound, comment = row
        self._found[number] = _Found(
            name=TableName(schema=schema, name=name),
            partitioned=kind == "p",
            is_partition=is_partition,
            estimate=estimate,
            size=size,
            partition_key=key,
            bound=bound,
            comment=comment or "",
        )

    def _inherits(self, child: int, parent: int) -> None:
        if found := self._found.get(child):
            found.parents.append(parent)

    def _column(self, table: int, name: str, type_number: int, type_text: str, *row: Any) -> None:
        not_null, identity, generated, default, comment = row
        found = self._found.get(table)
        if found is None:
            return
        column = self._types.column(name, type_number, type_text)
        serial = bool(default) and default.startswith("nextval(")
        found.columns.append(
            replace(
                column,
                nullable=column.nullable and not not_null,
                default=None if generated else default,
                generated=bool(generated),
                expression=(default or "") if generated else "",
                identity=_IDENTITY.get(identity or "") or ("serial" if serial else None),
                comment=comment or "",
            )
        )

    def _unique(self, table: int, name: str, *row: Any) -> None:
        primary, predicate, nulls_equal, keys = row
        if found := self._found.get(table):
            expressions = tuple(text for column, text in keys if column is None)
            mentioned = [column.name for column in found.columns if any(_mentions(text, column.name) for text in expressions)]
            plain = [column for column, _ in keys if column is not None]
            found.uniques.append(
                Unique(
                    name=name,
                    columns=tuple(dict.fromkeys((*plain, *mentioned))),
                    primary=primary,
                    predicate=predicate,
                    expressions=expressions,
                    nulls_equal=nulls_equal,
                )
            )

    def _foreign(self, table: int, name: str, *row: Any) -> None:
        referenced, deferrable, pairs = row
        if found := self._found.get(table):
            found.foreign.append((name, referenced, deferrable, pairs))

    def _check(self, table: int, name: str, kind: str, expression: str) -> None:
        if found := self._found.get(table):
            found.checks.append(Check(name=name, expression=expression, exclusion=kind == "x"))

    def _trigger(self, table: int, name: str, kind: int, enabled: str, source: str) -> None:
        if found := self._found.get(table):
            timing: Literal["before", "after", "instead of"] = "before" if kind & _BEFORE else "after"
            timing = "instead of" if kind & _INSTEAD else timing
            found.triggers.append(Trigger(name=name, timing=timing, definition=source, always=enabled in {"A", "R"}))

    def _finished(self, number: int, found: _Found, children: Mapping[int, list[int]]) -> Table:
        bounds = [(child, self._found[child].bound) for child in children.get(number, ())]
        return Table(
            name=found.name,
            columns=tuple(found.columns),
            uniques=tuple(found.uniques),
            foreign_keys=tuple(self._foreign_keys(found)),
            checks=tuple(found.checks),
            triggers=tuple(found.triggers),
            partition_key=found.partition_key,
            partitions=tuple(bound for child, bound in bounds if bound and self._holds_rows(child, children)),
            inherits=tuple(self._found[parent].name for parent in found.parents if parent in self._found),
            rows=self._counted(number, children),
            comment=found.comment,
        )

    def _holds_rows(self, number: int, children: Mapping[int, list[int]]) -> bool:
        """A partition takes rows itself, or one of its own partitions does."""
        found = self._found[number]
        return not found.partitioned or any(self._holds_rows(child, children) for child in children.get(number, ()))

    def _foreign_keys(self, found: _Found) -> Iterator[ForeignKey]:
        for name, referenced, deferrable, pairs in found.foreign:
            if target := self._found.get(referenced):
                yield ForeignKey(
                    name=name,
                    columns=tuple(ours for ours, _ in pairs),
                    table=target.name,
                    references=tuple(theirs for _, theirs in pairs),
                    deferrable=deferrable,
                )

    def _counted(self, number: int, children: Mapping[int, list[int]]) -> int:
        found = self._found[number]
        counted = self._rows.get(number, 0)
        if counted >= COUNTED_UP_TO:
            counted = max(counted, found.estimate)
        parts = children.get(number, ()) if found.partitioned else ()
        return counted + sum(self._counted(child, children) for child in parts)


def read_catalogue(text: str) -> Catalogue:
    """Read the answer to ``CATALOGUE``. Raises ``ValueError`` when it is not one."""
    catalogue = Catalogue()
    catalogue.add(text.split("\n"))
    return catalogue


def _mentions(expression: str, name: str) -> bool:
    """Whether an expression of an index names a column: quoted, or as a whole word."""
    quoted = '"' + name.replace('"', '""') + '"'
    if quoted in expression:
        return True
    return any(word == name for word in _words(expression))


def _words(expression: str) -> Iterator[str]:
    yield from "".join(c if c.isalnum() or c in "_$" else " " for c in expression).split()
