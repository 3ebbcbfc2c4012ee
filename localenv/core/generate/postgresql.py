"""Generated rows as one script for psql: a transaction of COPYs, then what has to be set right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from localenv.core.generate.request import TableRows
from localenv.core.generate.rows import row_blocks
from localenv.core.schema.model import Column, ForeignKey, Table, TableName

__all__ = ["highest_query", "quoted", "script", "stored_query"]

END: Final = b"\\.\n"
_COUNTED: Final = frozenset({"always", "by default", "serial"})


def quoted(name: str) -> str:
    """An identifier as it is written anywhere."""
    return '"' + name.replace('"', '""') + '"'


def _table(name: TableName) -> str:
    """A table with its schema."""
    return f"{quoted(name.schema)}.{quoted(name.name)}" if name.schema else quoted(name.name)


def script(tables: Sequence[TableRows], *, superuser: bool, report: Callable[[TableRows, int], None]) -> Iterator[bytes]:
    """The whole load; ``report`` is told how many rows of a table have been handed on.

    A superuser's session leaves triggers and foreign keys out: rows are right by construction, and a key that is not
    made by a reference is checked before the transaction ends.
    """
    yield b"begin;\nset local time zone 'UTC';\nset local datestyle = 'ISO, YMD';\nset local client_min_messages = warning;\n"
    yield b"set local session_replication_role = replica;\n" if superuser else b"set constraints all deferred;\n"
    for rows in tables:
        yield from _copy(rows, report)
    for rows in tables:
        yield from (f"{statement};\n".encode() for statement in _afterwards(rows, superuser=superuser))
    yield b"commit;\n"
    yield from (f"analyze {_table(rows.table.name)};\n".encode() for rows in tables)


def stored_query(table: Table, columns: Sequence[str], limit: int) -> str:
    """Combinations of values that are there already, as lines of a COPY."""
    listed = ", ".join(map(quoted, columns))
    there = " and ".join(f"{quoted(column)} is not null" for column in columns)
    name = _table(table.name)
    return f"copy (select distinct {listed} from {name} where {there} order by {listed} limit {limit}) to stdout"  # noqa: S608


def highest_query(table: Table, column: Column) -> str:
    """The largest number of a column."""
    return f"select coalesce(max({quoted(column.name)}), 0) from {_table(table.name)}"  # noqa: S608 - quoted names


def _copy(rows: TableRows, report: Callable[[TableRows, int], None]) -> Iterator[bytes]:
    listed = ", ".join(quoted(column.name) for column, _ in rows.columns)
    name = _table(rows.table.name)
    if not rows.columns:
        yield f"insert into {name} select from generate_series(1, {rows.count});\n".encode()
        return
    yield f"copy {name} ({listed}) from stdin;\n".encode()
    done = 0
    for block in row_blocks(rows):
        yield block
        done += block.count(b"\n")
        report(rows, done)
    yield END


def _afterwards(rows: TableRows, *, superuser: bool) -> Iterator[str]:
    name = _table(rows.table.name)
    for column, _ in rows.columns:
        if column.identity in _COUNTED:
            yield _set_sequence(name, column.name)
    if superuser:
        yield from (_check(rows.table, key) for key in rows.table.foreign_keys if key.name not in rows.referenced)


def _set_sequence(table: str, column: str) -> str:
    """Let the sequence of a column go on behind the largest number; a column may have lost its sequence."""
    literals = [text.replace("'", "''") for text in (table, column)]
    sequence = f"pg_get_serial_sequence('{literals[0]}', '{literals[1]}')"
    number = f"max({quoted(column)})"
    return f"select setval({sequence}, greatest({number}, 1)) from {table} having {number} is not null and {sequence} is not null"  # noqa: S608


def _check(table: Table, key: ForeignKey) -> str:
    """Fail, with words like the engine's own, where a row refers to nothing."""
    own = [f"c.{quoted(column)}" for column in key.columns]
    joined = " and ".join(f"p.{quoted(other)} = {each}" for each, other in zip(own, key.references, strict=True))
    given = " and ".join(f"{each} is not null" for each in own)
    name, target = _table(table.name), _table(key.table)
    message = f'"{table.name}" violates foreign key constraint "{key.name}": no such row in {key.table}'.replace("'", "''")
    missing = f"exists (select from {name} c where {given} and not exists (select from {target} p where {joined}))"  # noqa: S608
    return f"do $localenv$ begin if {missing} then raise exception '%', '{message}'; end if; end $localenv$"
