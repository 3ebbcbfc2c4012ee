"""Schemas and profiles for tests of generation, and the rows that come of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from localenv.actions.generate_rows import Guesses
from localenv.core.configuration.tables import TableData
from localenv.core.data.engines import DataEngine
from localenv.core.generate.plan import plan_rows
from localenv.core.generate.request import Generation, Inputs, TableRows
from localenv.core.generate.rows import row_blocks
from localenv.core.schema.model import Check, Column, ForeignKey, Schema, Table, TableName, Unique

__all__ = ["Check", "Column", "ForeignKey", "Unique", "column", "key", "planned", "rows", "schema", "table", "unique", "words"]

Stored = Mapping[tuple[str, tuple[str, ...]], Sequence[tuple[str | None, ...]]]


def words(kind: str, locale: str) -> Sequence[str]:
    """Two hundred texts of a kind."""
    return [f"{kind.replace('_', '')}{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(200)]


def column(name: str, kind: Any = "text", **more: Any) -> Column:
    return Column(**{"name": name, "kind": kind, "type": kind, "nullable": False} | more)


def key(column_name: str, target: str, other: str = "id") -> ForeignKey:
    return ForeignKey(name=f"fk_{column_name}", columns=(column_name,), table=_name(target), references=(other,))


def unique(*columns: str, primary: bool = False) -> Unique:
    return Unique(name=f"unique_{'_'.join(columns)}", columns=columns, primary=primary)


def table(name: str, *columns: Column, **more: Any) -> Table:
    """A table with a numbered primary key called id."""
    given = (column("id", "integer", identity="by default"), *columns)
    uniques = (unique("id", primary=True), *more.pop("uniques", ()))
    return Table(name=_name(name), columns=given, uniques=uniques, **more)


def schema(*tables: Table, engine: DataEngine = "postgresql") -> Schema:
    return Schema(engine=engine, database="shop", tables=tables)


def planned(made: Schema, tables: Mapping[str, Any], *, stored: Stored | None = None, **more: Any) -> tuple[TableRows, ...]:
    """The plan of a profile whose tables are written as in YAML."""
    there = stored or {}
    inputs = Inputs(
        schema=made,
        words=words,
        stored=lambda table, columns: there.get((str(table.name), columns), ()),
        highest=lambda table, _: table.rows,
        guess=Guesses(made),
    )
    asked = msgspec.convert(tables, dict[str, TableData])
    return plan_rows(Generation(tables=asked, **{"seed": 7} | more), inputs)


def rows(made: Schema, tables: Mapping[str, Any], **more: Any) -> dict[str, list[dict[str, str | None]]]:
    """Rows by table, as they are read back from what is loaded."""
    return {str(each.table.name): read(each) for each in planned(made, tables, **more)}


def read(table_rows: TableRows) -> list[dict[str, str | None]]:
    text = b"".join(row_blocks(table_rows)).decode()
    names = [column.name for column, _ in table_rows.columns]
    return [dict(zip(names, map(_field, line.split("\t")), strict=True)) for line in text.split("\n")[:-1]]


def _field(text: str) -> str | None:
    if text == "\\N":
        return None
    pieces = [piece.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r") for piece in text.split("\\\\")]
    return "\\".join(pieces)


def _name(name: str) -> TableName:
    scheme, _, last = name.rpartition(".")
    return TableName(schema=scheme or "public", name=last)
