"""What a data profile says about tables: how many rows, and what is in their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from localenv.core.configuration.columns import column_faults
from localenv.core.configuration.problems import Problem
from localenv.core.documents import Document, Path, dotted

__all__ = ["InferRows", "RowsPerParent", "TableData", "table_problems"]

_Rows = Annotated[int, msgspec.Meta(ge=0, le=10_000_000_000)]
_Few = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class RowsPerParent(_Strict, frozen=True, kw_only=True):
    """Some rows for each row of another table (``rows: {per: customers, min: 1, max: 5}``)."""

    per: str
    """The other table, which a column of this one references."""
    min: _Few = 1
    """Rows at least."""
    max: _Few = 5
    """Rows at most."""


class InferRows(_Strict, frozen=True, kw_only=True):
    """Rows for tables that a profile does not mention, by what the schema says of them."""

    rows: _Rows
    """Rows of each table that is empty after the migrations."""


class TableData(_Strict, frozen=True, kw_only=True):
    """Rows that are generated for one table (``services.<service>.tables.<table>``)."""

    rows: _Rows | RowsPerParent
    """How many; ``--scale`` multiplies it."""
    columns: dict[str, Any] = msgspec.field(default_factory=dict)
    """Each column's generator (see docs/data-profiles.md); columns that are left out are filled by their types."""
    locale: str | None = None
    """Language and country of names and places; the profile's when it is left out."""
    key: str | None = None
    """Redis: each key, such as `session:{row}`."""
    type: Literal["string", "hash", "list", "set", "zset"] | None = None
    """Redis: the kind of value."""
    ttl: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Redis: seconds that each key lives."""


def table_problems(value: Any, document: Document) -> Iterator[Problem]:
    """What is wrong with the columns of a profile's tables, which msgspec does not look into."""
    for path, table in _tables(value):
        columns = table.get("columns")
        for name, each in columns.items() if isinstance(columns, Mapping) else ():
            for fault in column_faults("null" if each is None else each):
                at: Path = (*path, "columns", name, *fault.path)
                yield Problem(where=document.where(at), path=dotted(at), message=fault.message, hint=fault.hint)
        rows = table.get("rows")
        if (
            isinstance(rows, Mapping)
            and isinstance(low := rows.get("min", 1), int)
            and isinstance(high := rows.get("max", 5), int)
        ):
            at = (*path, "rows", "min")
            if low > high:
                yield Problem(where=document.where(at), path=dotted(at), message=f"{low} is above max, {high}")


def _tables(value: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    services = value.get("services") if isinstance(value, Mapping) else None
    for service, data in services.items() if isinstance(services, Mapping) else ():
        tables = data.get("tables") if isinstance(data, Mapping) else None
        for name, table in tables.items() if isinstance(tables, Mapping) else ():
            if isinstance(table, Mapping):
                yield ("services", service, "tables", name), table
