"""What an engine says of a row that it does not take: which table, column, constraint and row, and what to write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from localenv.core.documents import Path
from localenv.core.generate.request import TableRows
from localenv.core.generate.rows import shown_row
from localenv.core.schema.model import Table
from localenv.values import dataclass

__all__ = ["RowFailure", "mysql_failure", "postgresql_failure", "row_failure"]

_ERROR: Final = re.compile(r"^(?:psql:<stdin>:\d+: )?(?:ERROR|FATAL): +(.*)$", re.MULTILINE)
_DETAIL: Final = re.compile(r"^DETAIL: +(.*)$", re.MULTILINE)
_ROW: Final = re.compile(r"COPY (.+?), line (\d+)(?:, column ([^:\n]+))?")
_CONSTRAINT: Final = re.compile(r'constraint "([^"]+)"')
_COLUMN: Final = re.compile(r'column "([^"]+)"')
_TABLE: Final = re.compile(r'(?:relation|table) "([^"]+)"')

_MYSQL_ERROR: Final = re.compile(r"^ERROR \d+ \([^)]*\)(?: at line \d+)?: (.*)$", re.MULTILINE)
_MYSQL_WARNING: Final = re.compile(r"^(?:Warning|Error)\t\d+\t(.*)$", re.MULTILINE)
_MYSQL_ROW: Final = re.compile(r"at row (\d+)")
_MYSQL_KEY: Final = re.compile(r"for key '([^']+)'|CONSTRAINT `([^`]+)`")
_MYSQL_COLUMN: Final = re.compile(r"column (?:`[^`]+`\.`[^`]+`\.)?[`']([^`']+)[`']", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFailure:
    """A row that was refused."""

    message: str
    """``orders row 12: new row ... violates check constraint``."""
    path: Path
    """Of what is to be changed in the profile."""
    details: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


def postgresql_failure(output: str, tables: Sequence[TableRows]) -> RowFailure | None:
    """Read what psql printed; ``None`` when it names no error of PostgreSQL's."""
    error = _ERROR.search(output)
    if error is None:
        return None
    row = _ROW.search(output)
    said = row[1] if row else (found[1] if (found := _TABLE.search(error[1])) else "")
    rows = _named(said, tables)
    detail = _DETAIL.search(output)
    constraint = found[1] if (found := _CONSTRAINT.search(error[1])) else ""
    column = row[3] if row and row[3] else found[1] if (found := _COLUMN.search(error[1])) else ""
    return row_failure(
        rows,
        message=error[1],
        number=int(row[2]) if row else None,
        column=column,
        constraint=constraint,
        details=(detail[1],) if detail else (),
    )


def mysql_failure(output: str, *tables: TableRows) -> RowFailure | None:
    """Read the first error or warning that MariaDB's or MySQL's client printed; ``None`` when there is none."""
    found = _MYSQL_ERROR.search(output) or _MYSQL_WARNING.search(output)
    if found is None:
        return None
    message = found[1]
    row = _MYSQL_ROW.search(message)
    key = _MYSQL_KEY.search(message)
    column = _MYSQL_COLUMN.search(message)
    rows = next((each for each in tables if len(tables) == 1 or f"`{each.table.name.name}`" in message), None)
    constraint = next((text for text in (key.groups() if key else ()) if text), "").rpartition(".")[2]
    return row_failure(
        rows,
        message=message,
        number=int(row[1]) if row else None,
        column=column[1] if column else "",
        constraint=constraint,
    )


def row_failure(
    rows: TableRows | None,
    *,
    message: str,
    number: int | None,
    column: str,
    constraint: str,
    details: tuple[str, ...] = (),
) -> RowFailure:
    """Put together what is told of a refused row."""
    if rows is None:
        return RowFailure(message=message, path=(), details=details)
    columns, hint = _advice(rows.table, column, constraint)
    place = f"{rows.table.name} row {number}" if number is not None else str(rows.table.name)
    shown = (f"row: {shown_row(rows, number)}",) if number is not None and 0 < number <= rows.count else ()
    name = next(iter(columns), None)
    return RowFailure(
        message=f"{place}: {message}",
        path=(*rows.path, "columns", name) if name else rows.path,
        details=(*details, *shown),
        hints=(hint,),
    )


def _named(said: str, tables: Sequence[TableRows]) -> TableRows | None:
    plain = said.replace('"', "")
    return next((rows for rows in tables if plain in {rows.table.name.name, str(rows.table.name)}), None)


def _advice(table: Table, column: str, constraint: str) -> tuple[tuple[str, ...], str]:
    """Columns that are concerned, and what to write."""
    for check in table.checks:
        if check.name == constraint:
            columns = tuple(each.name for each in table.columns if re.search(rf"\b{re.escape(each.name)}\b", check.expression))
            named = ", ".join(columns) or "the columns"
            return columns, f"{constraint} asks for {check.expression}: give {named} generators that keep to it"
    for unique in table.uniques:
        if unique.name == constraint:
            return unique.columns, f"write unique: true beside the generator of {unique.columns[-1]}, or ask for fewer rows"
    for key in table.foreign_keys:
        if key.name == constraint:
            return key.columns, f"write {key.columns[0]}: {{references: {key.table}.{key.references[0]}}}"
    found = table.column(column)
    if found is not None:
        return (column,), f"give {column} a generator that makes values of {found.type}"
    return (), "change the table's columns in the profile"
