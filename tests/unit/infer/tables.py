"""Small tables for the tests of guesses."""

from __future__ import annotations

from typing import Any

from localenv.core.schema.model import Check, Column, ForeignKey, Schema, Table, TableName, Unique

__all__ = ["column", "foreign", "integer", "primary", "schema", "table", "text", "unique"]


def column(name: str, kind: Any, **more: Any) -> Column:
    return Column(name=name, **({"type": kind, "kind": kind, "nullable": False} | more))


def integer(name: str, **more: Any) -> Column:
    return column(name, "integer", **({"minimum": -(2**31), "maximum": 2**31 - 1} | more))


def text(name: str, **more: Any) -> Column:
    return column(name, "text", **more)


def primary(*columns: str) -> Unique:
    return Unique(name="pkey", columns=columns, primary=True)


def unique(*columns: str, **more: Any) -> Unique:
    return Unique(name=f"{'_'.join(columns)}_key", columns=columns, **more)


def foreign(ours: str, parent: str, theirs: str) -> ForeignKey:
    name = TableName(schema="public", name=parent)
    return ForeignKey(name=f"{ours}_fkey", columns=tuple(ours.split()), table=name, references=tuple(theirs.split()))


def table(name: str, *columns: Column, checks: tuple[str, ...] = (), **more: Any) -> Table:
    found = tuple(Check(name=f"check{number}", expression=text) for number, text in enumerate(checks))
    return Table(name=TableName(schema="public", name=name), columns=columns, checks=found, **more)


def schema(*tables: Table) -> Schema:
    return Schema(engine="postgresql", database="shop", tables=tables)
