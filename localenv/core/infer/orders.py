"""Columns that checks or their names put in an order: ``starts_at`` before ``ends_at``, ``low`` below ``high``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from localenv.core.infer.guesses import Format
from localenv.core.infer.limits import Limits
from localenv.core.infer.solve import Order, Solved
from localenv.core.schema.model import Column, Table

__all__ = ["TIMES", "earlier_by_name", "is_ordered", "ordered_format"]

TIMES: Final = frozenset({"date", "timestamp", "timestamptz"})
_NUMBERS: Final = frozenset({"integer", "decimal", "float"})
_BAND: Final = 1000
_LATER: Final[tuple[tuple[str, str], ...]] = (
    ("updated", "created"), ("modified", "created"), ("changed", "created"), ("deleted", "created"), ("ends", "starts"),
    ("end", "start"), ("ended", "started"), ("finished", "started"), ("completed", "started"), ("finish", "start"),
    ("until", "from"), ("to", "from"), ("closed", "opened"), ("valid_to", "valid_from"), ("last", "first"), ("stop", "start"),
)  # fmt: skip


def earlier_by_name(column: Column, table: Table) -> str | None:
    """The column whose time comes before this one's, by their names alone."""
    for later, earlier in _LATER:
        if later not in column.name:
            continue
        other = table.column(column.name.replace(later, earlier))
        if other is None and earlier == "created":
            other = table.column("created_at") or table.column("created_on") or table.column("created")
        if other is not None and other.name != column.name and other.kind == column.kind and not other.generated:
            return other.name
    return None


def is_ordered(first: Column, second: Column) -> bool:
    """Whether columns of these types can be given values in an order."""
    return (first.kind in TIMES and second.kind in TIMES) or (first.kind in _NUMBERS and second.kind in _NUMBERS)


def ordered_format(column: Column, table: Table, solved: Solved) -> tuple[Format, str] | None:
    """A format for a column that a check compares with others; ``None`` when none does or it cannot be helped."""
    for order in solved.orders:
        if order.kind == "same" and order.second == column.name:
            return {"copy": order.first}, f"the same, says {order.check}"
        if order.kind in {"before", "not after"} and order.second == column.name and column.kind in TIMES:
            first = table.column(order.first)
            if first is not None and first.kind in TIMES and solved.limits.get(first.name, Limits()).null is not True:
                generator = "date" if column.kind == "date" else "timestamp"
                return {generator: {"after": order.first, "within": "30d"}}, f"after {order.first}, says {order.check}"
    if column.kind in _NUMBERS:
        return _band(column, table, solved)
    return None


def _band(column: Column, table: Table, solved: Solved) -> tuple[Format, str] | None:
    """Numbers in an order get ranges of their own, one above the other."""
    ranks = _ranks(table, solved.orders)
    if column.name not in ranks:
        return None
    members = list(ranks)
    low = max((_bound(solved.limits, name, "low", 0) for name in members), default=0)
    parts = max(ranks.values()) + 1
    high = min(_bound(solved.limits, name, "high", low + _BAND * parts) for name in members)
    smallest = min((each.maximum for name in members if (each := table.column(name)) and each.maximum is not None), default=None)
    high = min(high, smallest) if smallest is not None else high
    width = (high - low) // parts
    start = low + ranks[column.name] * width
    checks = ", ".join(dict.fromkeys(order.check for order in solved.orders if column.name in {order.first, order.second}))
    why = f"a range of its own, for {checks}"
    if column.kind == "integer":
        return {"integer": {"min": start, "max": max(start, start + width - 1)}}, why
    if column.kind == "decimal":
        return {"decimal": {"min": start, "max": max(start, start + width - 1), "scale": min(column.scale or 2, 6)}}, why
    return {"float": {"min": start, "max": max(start, start + width - 1)}}, why


def _bound(limits: Mapping[str, Limits], name: str, side: str, otherwise: int) -> int:
    found = limits.get(name, Limits())
    value = found.low if side == "low" else found.high
    if not isinstance(value, Decimal):
        return otherwise
    return int(value) + (1 if side == "low" and found.low_open else 0)


def _ranks(table: Table, orders: tuple[Order, ...]) -> dict[str, int]:
    """How many others come before each number, at most."""
    numbers = {column.name for column in table.columns if column.kind in _NUMBERS}
    pairs = [
        (order.first, order.second)
        for order in orders
        if order.kind in {"before", "not after", "other"} and order.first in numbers and order.second in numbers
    ]
    ranks = {name: 0 for pair in pairs for name in pair}
    for _ in ranks:
        for first, second in pairs:
            ranks[second] = max(ranks[second], min(ranks[first] + 1, len(ranks)))
    return ranks
