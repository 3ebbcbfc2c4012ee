"""What is asked for, what it is made from, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from localenv.core.configuration.tables import TableData
from localenv.core.documents import Path, dotted
from localenv.core.generate.place import Words
from localenv.core.generate.sources import Source
from localenv.core.schema.model import Column, Schema, Table
from localenv.values import dataclass

__all__ = ["Asked", "Generation", "Guess", "Inputs", "StoredRows", "TableRows"]

StoredRows = Callable[[Table, tuple[str, ...]], Sequence[tuple[str | None, ...]]]
"""Values of some columns in the rows that are there already, each combination once, in a fixed order."""


class Guess(Protocol):
    """What is made of tables and columns that a profile leaves out."""

    def column(self, table: Table, column: Column) -> object:
        """A column format."""
        ...

    def table(self, table: Table, rows: int) -> TableData | None:
        """Rows and columns of a table, at most ``rows``; ``None`` for one that gets none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """What a profile asks for in one data service."""

    tables: Mapping[str, TableData]
    seed: int = 0
    locale: str = "en_US"
    scale: float = 1.0
    """Multiplies the rows of each table."""
    infer_rows: int | None = None
    """Rows for tables that are empty and that the profile does not mention."""
    path: Path = ()
    """Of ``tables`` in the profile."""
    locate: Callable[[Path], str] = field(default=dotted)
    """Tells ``file:line:column`` of a path in the profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the rows are made from beside the profile."""

    schema: Schema
    words: Words
    stored: StoredRows
    """Asked for tables that are referenced and not generated."""
    highest: Callable[[Table, Column], int]
    """The largest number in a column of a table that has rows already."""
    guess: Guess


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRows:
    """Rows for one table."""

    table: Table
    count: int
    columns: tuple[tuple[Column, Source], ...]
    path: Path
    """Of the table in the profile."""
    referenced: frozenset[str] = frozenset()
    """Foreign keys that hold by construction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A table of the profile and what the profile says of it."""

    table: Table
    data: TableData
    path: Path
    scale: float = 1.0
    """Multiplies its rows."""
