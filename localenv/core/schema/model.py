"""Tables of a PostgreSQL or MariaDB/MySQL database, as its catalogue describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from localenv.core.data.engines import DataEngine

__all__ = ["Check", "Column", "ForeignKey", "Schema", "Table", "TableName", "Trigger", "Unique"]

Kind = Literal[
    "integer",
    "decimal",
    "float",
    "boolean",
    "text",
    "bytes",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "json",
    "enum",
    "set",
    "array",
    "network",
    "range",
    "bits",
    "vector",
    "other",
]
"""Families of types that a generator tells apart; ``Column.type`` has the engine's own words."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TableName:
    """A table's name; ``schema`` is empty on MariaDB, where the database is the schema."""

    schema: str = ""
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema not in ("", "public") else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    name: str
    type: str
    """As the engine writes it: ``character varying(40)``, ``int(10) unsigned``."""
    kind: Kind
    nullable: bool = True
    default: str | None = None
    """Expression of the default, as the engine prints it."""
    generated: bool = False
    """Computed by the engine from other columns: no value may be given."""
    expression: str = ""
    """Of a generated column, as the engine prints it."""
    identity: Literal["always", "by default", "serial", "auto_increment"] | None = None
    """How the engine numbers it by itself."""
    length: int | None = None
    """Characters (text), bytes (bytes) or bits (bits) at most."""
    precision: int | None = None
    """Decimal digits in all (decimal); bits of an integer are in ``minimum`` and ``maximum``."""
    scale: int | None = None
    """Decimal digits after the point."""
    minimum: int | None = None
    maximum: int | None = None
    """Of an integer type."""
    values: tuple[str, ...] = ()
    """Of an enum or set."""
    element: Column | None = None
    """Of an array."""
    checks: tuple[str, ...] = ()
    """Expressions of a domain's checks, with ``VALUE`` for the value."""
    domain: str | None = None
    """The domain's name, where its type is one."""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A reference to another table or the same one; columns pair up by position."""

    name: str
    columns: tuple[str, ...]
    table: TableName
    """Referenced."""
    references: tuple[str, ...]
    deferrable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique:
    """A primary key, unique constraint or unique index."""

    name: str
    columns: tuple[str, ...]
    """Only plain columns; see ``expressions``."""
    primary: bool = False
    predicate: str | None = None
    """Of a partial index: only rows for which it holds must differ."""
    expressions: tuple[str, ...] = ()
    """Of an index on expressions such as ``lower(email)``; ``columns`` then has the columns that they mention."""
    nulls_equal: bool = False
    """``NULLS NOT DISTINCT``."""
    lengths: tuple[int | None, ...] = ()
    """MariaDB prefix lengths, by position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check constraint of a table (PostgreSQL exclusion constraints too, with ``exclusion``)."""

    name: str
    expression: str
    """Without the surrounding ``CHECK (...)``; of an exclusion constraint the whole definition."""
    exclusion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A trigger that runs when rows are inserted."""

    name: str
    timing: Literal["before", "after", "instead of"]
    definition: str = ""
    """Text of its function or body."""
    always: bool = False
    """Runs in a replicating session too (``ENABLE ALWAYS`` or ``ENABLE REPLICA``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table that rows can be put into."""

    name: TableName
    columns: tuple[Column, ...]
    uniques: tuple[Unique, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    partition_of: TableName | None = None
    """Rows of a partition are put in through its parent."""
    partition_key: str | None = None
    """Of a partitioned table: ``RANGE (created_at)``."""
    partitions: tuple[str, ...] = ()
    """Bounds of its partitions, as the engine prints them."""
    inherits: tuple[TableName, ...] = ()
    rows: int = 0
    """Estimated, or counted where the estimate is unknown."""
    comment: str = ""

    @property
    def primary(self) -> tuple[str, ...]:
        """Columns of the primary key; none when it has none."""
        return next((unique.columns for unique in self.uniques if unique.primary), ())

    def column(self, name: str) -> Column | None:
        """Its column of this name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """All tables of one database."""

    engine: DataEngine
    database: str
    tables: tuple[Table, ...] = field(default_factory=tuple)
    _by_text: Mapping[str, Table] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the tables by how a person writes them: ``orders``, ``public.orders``, ``sales.orders``."""
        index: dict[str, Table] = {}
        for table in self.tables:
            index.setdefault(str(table.name), table)
            index.setdefault(f"{table.name.schema}.{table.name.name}", table)
        object.__setattr__(self, "_by_text", index)

    def table(self, name: TableName) -> Table | None:
        """Its table of this name."""
        return self._by_text.get(f"{name.schema}.{name.name}")

    def find(self, text: str) -> Table | None:
        """The table that a person wrote as ``orders`` or ``sales.orders``."""
        return self._by_text.get(text)

    def find_column(self, text: str) -> tuple[Table, Column] | None:
        """The column that a person wrote as ``orders.id`` or ``sales.orders.id``; names may hold dots themselves."""
        place = text.find(".")
        while place >= 0:
            table = self.find(text[:place])
            column = table.column(text[place + 1 :]) if table else None
            if table and column:
                return table, column
            place = text.find(".", place + 1)
        return None
