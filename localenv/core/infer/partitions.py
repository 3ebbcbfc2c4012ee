"""What partitions take: rows that fit into none are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

from localenv.core.infer.expressions import NotUnderstood, parse
from localenv.core.infer.limits import Limits, Value, converted
from localenv.core.infer.tree import Literal
from localenv.core.schema.model import Column, Table

__all__ = ["partition_limits"]

_KEY: Final = re.compile(r"(RANGE|LIST|HASH|KEY|LINEAR HASH|LINEAR KEY) ?\((.*)\)", re.DOTALL)
_RANGE: Final = re.compile(r"FOR VALUES FROM \((.*)\) TO \((.*)\)", re.DOTALL)
_BELOW: Final = re.compile(r"FOR VALUES LESS THAN \((.*)\)", re.DOTALL)
_LIST: Final = re.compile(r"FOR VALUES IN \((.*)\)", re.DOTALL)
_CALL: Final = re.compile(r"(year|to_days|unix_timestamp)\((.+)\)", re.IGNORECASE)
_DAYS_BEFORE_YEAR_1: Final = 365
"""By which MariaDB's ``TO_DAYS`` is ahead of Python's ordinals."""
_DATES: Final[Mapping[str, Callable[[int], str]]] = {
    "year": lambda number: f"{number:04d}-01-01",
    "to_days": lambda number: date.fromordinal(number - _DAYS_BEFORE_YEAR_1).isoformat(),
    "unix_timestamp": lambda number: datetime.fromtimestamp(number, UTC).date().isoformat(),
}

Pair = tuple[Value | None, Value | None]


def partition_limits(table: Table, limits: Mapping[str, Limits]) -> tuple[dict[str, Limits], str | None]:
    """Add what its partitions take, and say what could not be read of it."""
    found = dict(limits)
    key = _KEY.fullmatch(table.partition_key or "")
    if key is None or key[1] not in {"RANGE", "LIST"} or "DEFAULT" in table.partitions:
        return found, None
    call = _CALL.fullmatch(key[2])
    column = table.column((call[2] if call else key[2].partition(",")[0]).strip().strip('"'))
    unread = f"the partitioning by {table.partition_key}"
    if column is None or (call and key[1] == "LIST"):
        return found, unread
    before = found.get(column.name, Limits())
    because = (*before.because, "its partitions")
    if key[1] == "LIST":
        values = [value for text in table.partitions if (inner := _LIST.fullmatch(text)) for value in _values(inner[1], column)]
        found[column.name] = replace(before, values=tuple(values), null=False, because=because)
        return found, None
    read = _DATES[call[1].lower()] if call else None
    bounds = _bounds(table, column, read)
    if bounds is None:
        return found, unread
    found[column.name] = replace(before, low=bounds[0], high=bounds[1], high_open=True, null=False, because=because)
    return found, None


def _bounds(table: Table, column: Column, read: Callable[[int], str] | None) -> Pair | None:
    below = [inner[1] for text in table.partitions if (inner := _BELOW.fullmatch(text))]
    if below:
        return None, _first(below[-1], column, read)
    return _joined(
        [
            (_first(inner[1], column, read), _first(inner[2], column, read))
            for text in table.partitions
            if (inner := _RANGE.fullmatch(text))
        ]
    )


def _joined(pairs: list[Pair]) -> Pair | None:
    """The longest run of partitions that follow one another, as their bounds."""
    if not pairs:
        return None
    ordered = sorted(pairs, key=lambda pair: (pair[0] is not None, _sortable(pair[0])))
    runs: list[list[Pair]] = [[ordered[0]]]
    for earlier, later in pairwise(ordered):
        if earlier[1] == later[0]:
            runs[-1].append(later)
        else:
            runs.append([later])
    longest = max(runs, key=len)
    return longest[0][0], longest[-1][1]


def _sortable(value: Value | None) -> tuple[Decimal, str]:
    return (value, "") if isinstance(value, Decimal) else (Decimal(0), str(value))


def _first(text: str, column: Column, read: Callable[[int], str] | None) -> Value | None:
    """The first value of a bound; ``None`` for one that is open."""
    if text.strip().upper().startswith(("MINVALUE", "MAXVALUE")):
        return None
    if read is not None:
        return read(int(text)) if text.strip().isdecimal() else None
    return next(iter(_values(text, column)), None)


def _values(text: str, column: Column) -> list[Value]:
    found: list[Value] = []
    for part in re.findall(r"'(?:[^']|'')*'|[^,\s][^,]*", text):
        try:
            read = parse(part)
        except NotUnderstood:
            continue
        value = converted(read.value, column) if isinstance(read, Literal) and read.value is not None else None
        if value is not None:
            found.append(value)
    return found
