"""What partitions take: rows that fit into none are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from localenv.core.infer.expressions import Literal, NotUnderstood, parse
from localenv.core.infer.limits import Limits, Value, converted
from localenv.core.schema.model import Column, Table

__all__ = ["partition_limits"]

_KEY: Final = re.compile(r"(RANGE|LIST|HASH) \((.*)\)", re.DOTALL)
_RANGE: Final = re.compile(r"FOR VALUES FROM \((.*)\) TO \((.*)\)", re.DOTALL)
_LIST: Final = re.compile(r"FOR VALUES IN \((.*)\)", re.DOTALL)


def partition_limits(table: Table, limits: Mapping[str, Limits]) -> tuple[dict[str, Limits], str | None]:
    """Add what its partitions take, and say what could not be read of it."""
    found = dict(limits)
    key = _KEY.fullmatch(table.partition_key or "")
    if key is None or key[1] == "HASH" or "DEFAULT" in table.partitions:
        return found, None
    column = table.column(key[2].partition(",")[0].strip().strip('"'))
    if column is None:
        return found, f"its partitions follow {table.partition_key}"
    before = found.get(column.name, Limits())
    if key[1] == "LIST":
        values = [value for text in table.partitions if (inner := _LIST.fullmatch(text)) for value in _values(inner[1], column)]
        found[column.name] = replace(before, values=tuple(values), null=False, because=(*before.because, "its partitions"))
        return found, None
    bounds = _joined([pair for text in table.partitions if (inner := _RANGE.fullmatch(text)) and (pair := _pair(inner, column))])
    if bounds is None:
        return found, f"its partitions follow {table.partition_key}"
    low, high = bounds
    found[column.name] = replace(
        before, low=low, high=high, high_open=True, null=False, because=(*before.because, "its partitions")
    )
    return found, None


Pair = tuple[Value | None, Value | None]


def _pair(found: re.Match[str], column: Column) -> Pair | None:
    low, high = (_values(found[side], column) for side in (1, 2))
    return (low[0] if low else None, high[0] if high else None)


def _joined(pairs: list[Pair]) -> Pair | None:
    """The longest run of partitions that follow one another, as their bounds."""
    if not pairs:
        return None
    ordered = sorted(pairs, key=lambda pair: (pair[0] is not None, str(pair[0]).zfill(24)))
    runs: list[list[Pair]] = []
    for pair in ordered:
        if runs and runs[-1][-1][1] == pair[0]:
            runs[-1].append(pair)
        else:
            runs.append([pair])
    longest = max(runs, key=len)
    return longest[0][0], longest[-1][1]


def _values(text: str, column: Column) -> list[Value]:
    """Values of a bound; ``MINVALUE`` and ``MAXVALUE`` are none."""
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
