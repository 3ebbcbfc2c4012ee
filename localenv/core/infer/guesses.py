"""What is guessed: a column's format in a data profile, and why where that is not plain."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from localenv.core.schema.model import Table
from localenv.values import dataclass

__all__ = ["ColumnGuess", "Format", "TableGuess", "with_modifiers"]

Format = str | dict[str, Any]
"""A value under ``columns`` of a data profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """One column."""

    name: str
    format: Format
    why: str = ""
    """Said beside it: what the guess rests on, where a person may know better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGuess:
    """One table: how it is filled, or why it is not."""

    table: Table
    rows: int = 0
    columns: tuple[ColumnGuess, ...] = ()
    notes: tuple[str, ...] = ()
    """Said above the table in the profile."""
    left_out: str | None = None
    """Why it gets no rows."""
    warnings: tuple[str, ...] = field(default=())
    """What may refuse rows, and what to write against it."""


def with_modifiers(found: Format, *, null_rate: float = 0.0, unique: bool = False, differs: str | None = None) -> Format:
    """The same with modifiers beside it."""
    if not null_rate and not unique and differs is None:
        return found
    value: dict[str, Any] = {found: None} if isinstance(found, str) else dict(found)
    if unique:
        value["unique"] = True
    if differs is not None:
        value["differs"] = differs
    if null_rate:
        value["null_rate"] = null_rate
    return value
