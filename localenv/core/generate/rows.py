r"""Rows as a bulk load reads them: columns apart by tabs, one line for each row, ``\N`` for NULL.

This is the text format of PostgreSQL's COPY, and what LOAD DATA of MariaDB and MySQL reads when nothing else is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from localenv.core.generate.draws import BLOCK
from localenv.core.generate.request import TableRows
from localenv.core.generate.sources import Source, Texts

__all__ = ["NULL", "row_blocks", "shown_row"]

NULL: Final = "\\N"


def row_blocks(rows: TableRows) -> Iterator[bytes]:
    """All rows of a table, some thousands at a time."""
    sources = [source for _, source in rows.columns]
    for begin in range(0, rows.count, BLOCK):
        block = range(begin, min(begin + BLOCK, rows.count))
        columns = [_written(source, source.at(block)) for source in sources]
        yield _lines(columns, len(block)).encode()


def shown_row(rows: TableRows, number: int) -> str:
    """One row for a person: ``id=7, name=Ann``. ``number`` counts from 1."""
    values = ((column.name, source.at([number - 1])[0]) for column, source in rows.columns)
    return ", ".join(f"{name}={'NULL' if text is None else text[:60]}" for name, text in values)


def _lines(columns: Sequence[Sequence[str]], count: int) -> str:
    """Columns side by side: all pieces in one list, so that they are put together once."""
    width = 2 * len(columns)
    pieces = ["\t"] * (width * count)
    for number, column in enumerate(columns):
        pieces[2 * number :: width] = column
    pieces[width - 1 :: width] = ["\n"] * count
    return "".join(pieces)


def _written(source: Source, texts: Texts) -> Sequence[str]:
    if source.plain and not source.nullable:
        return texts  # type: ignore[return-value] # not nullable: no None in it
    if source.plain:
        return [NULL if text is None else text for text in texts]
    return [NULL if text is None else _escaped(text) for text in texts]


def _escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
