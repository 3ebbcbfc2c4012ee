"""Generated rows for MariaDB and MySQL: a LOAD DATA for each table, or INSERTs where the server takes no LOAD DATA."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from localenv.core.generate.draws import BLOCK
from localenv.core.generate.request import TableRows
from localenv.core.generate.rows import row_blocks
from localenv.core.schema.model import Column, ForeignKey, Table, TableName

__all__ = ["check_keys", "highest_query", "insert_script", "load_statement", "quoted", "row_stream", "stored_query"]

SESSION: Final = "set session foreign_key_checks = 0, unique_checks = 0, time_zone = '+00:00'"
_SHAPES: Final = re.compile(r"(geometry|geometrycollection|(multi)?(point|linestring|polygon))\b")
_AT_ONCE: Final = 512
"""Rows of one INSERT."""

Report = Callable[[TableRows, int], None]
"""Told how many rows of a table have been handed on."""


def quoted(name: str) -> str:
    """An identifier as it is written anywhere."""
    return "`" + name.replace("`", "``") + "`"


def load_statement(rows: TableRows) -> str:
    """Statements that read a table's rows from standard input and then print what was wrong with them.

    With LOCAL the server turns errors into warnings, so that these have to be asked for.
    """
    places, made = [], []
    for number, (column, _) in enumerate(rows.columns):
        function = _function(column)
        places.append(quoted(column.name) if function is None else f"@v{number}")
        if function is not None:
            made.append(f"{quoted(column.name)} = {function.format(f'@v{number}')}")
    assigned = f" set {', '.join(made)}" if made else ""
    return (
        f"{SESSION}; load data local infile '/dev/stdin' into table {_table(rows.table.name)} character set utf8mb4 "
        f"({', '.join(places)}){assigned}; show warnings limit 20"
    )


def row_stream(rows: TableRows, report: Report) -> Iterator[bytes]:
    """What ``load_statement`` reads."""
    done = 0
    for block in row_blocks(rows):
        yield block
        done += block.count(b"\n")
        report(rows, done)


def insert_script(tables: Sequence[TableRows], report: Report) -> Iterator[bytes]:
    """All rows as INSERTs in one transaction."""
    yield f"{SESSION};\nstart transaction;\n".encode()
    for rows in tables:
        yield from _inserts(rows, report)
    yield b"commit;\n"


def check_keys(rows: TableRows) -> Iterator[tuple[ForeignKey, str]]:
    """A query for each foreign key that is not made by a reference; it prints 1 where a row refers to nothing."""
    for key in rows.table.foreign_keys:
        if key.name not in rows.referenced:
            own = [f"c.{quoted(column)}" for column in key.columns]
            joined = " and ".join(f"p.{quoted(other)} = {each}" for each, other in zip(own, key.references, strict=True))
            given = " and ".join(f"{each} is not null" for each in own)
            child, parent = _table(rows.table.name), _table(key.table)
            missing = f"select 1 from {child} c where {given} and not exists (select 1 from {parent} p where {joined})"  # noqa: S608 - quoted names
            yield key, f"select exists ({missing} limit 1)"


def stored_query(table: Table, columns: Sequence[str], limit: int) -> str:
    """Combinations of values that are there already."""
    listed = ", ".join(map(quoted, columns))
    there = " and ".join(f"{quoted(column)} is not null" for column in columns)
    return f"select distinct {listed} from {_table(table.name)} where {there} order by {listed} limit {limit}"  # noqa: S608 - quoted names


def highest_query(table: Table, column: Column) -> str:
    """The largest number of a column."""
    return f"select coalesce(max({quoted(column.name)}), 0) from {_table(table.name)}"  # noqa: S608 - quoted names


def _table(name: TableName) -> str:
    return f"{quoted(name.schema)}.{quoted(name.name)}" if name.schema else quoted(name.name)


def _function(column: Column) -> str | None:
    """What makes a column's value of its text."""
    if column.kind == "bytes":
        return "unhex({})"
    if column.kind == "bits":
        return "conv({}, 2, 10) + 0"
    return "st_geomfromtext({})" if _SHAPES.match(column.type.lower()) else None


def _inserts(rows: TableRows, report: Report) -> Iterator[bytes]:
    listed = ", ".join(quoted(column.name) for column, _ in rows.columns)
    head = f"insert into {_table(rows.table.name)} ({listed}) values\n"
    for begin in range(0, rows.count, BLOCK):
        block = range(begin, min(begin + BLOCK, rows.count))
        columns = [_literals(column, source.at(block)) for column, source in rows.columns]
        values = [f"({', '.join(each)})" for each in zip(*columns, strict=True)] or ["()"] * len(block)
        for first in range(0, len(values), _AT_ONCE):
            yield (head + ",\n".join(values[first : first + _AT_ONCE]) + ";\n").encode()
        report(rows, block.stop)


def _literals(column: Column, texts: Sequence[str | None]) -> list[str]:
    function = _function(column) or "{}"
    return ["null" if text is None else function.format(_literal(text)) for text in texts]


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
