"""Formats by a column's type: numbers, times, and plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Final

from localenv.core.infer.guesses import Format
from localenv.core.infer.limits import Limits
from localenv.core.infer.words import words_of
from localenv.core.schema.model import Column

__all__ = ["FROM", "TO", "value_format"]

FROM: Final = "2024-01-01"
TO: Final = "2025-06-30"
_EPOCH: Final = (1704067200, 1751241600)
"""The same, in seconds since 1970."""
_PLAIN: Final[Mapping[str, Format]] = {"time": "time", "interval": {"interval": {"from": "1h", "to": "30d"}}, "uuid": "uuid"}
_MOST: Final = 1000
_NUMBERS: Final[tuple[tuple[str, int, int], ...]] = (
    (r"(birth ?)?year", 1980, 2025),
    (r"month", 1, 12),
    (r"(week ?)?day|dow", 1, 7),
    (r"hour", 0, 23),
    (r"minute|second", 0, 59),
    (r"age", 18, 90),
    (r"percent(age)?|progress|pct|rate", 0, 100),
    (r"rating|stars|priority|level|severity|weight|rank", 1, 5),
    (r"quantity|qty|units?|copies", 1, 10),
    (r"port", 1024, 65535),
    (r"width|height", 100, 2000),
    (r"(file ?)?size|bytes|length", 100, 1000000),
    (r"(price|amount|total|cost|cents|balance|salary|fee|tax|subtotal)", 100, 100000),
    (r"(http )?status code|response code", 200, 200),
    (
        r"position|sort|order|ordering|index|sequence|seq|count|number|num|views?|likes?|hits|votes|score|points|attempts|retries",
        0,
        100,
    ),
)
_DECIMALS: Final[tuple[tuple[str, float, float], ...]] = (
    (r"lat(itude)?", -60, 70),
    (r"(lng|lon|long|longitude)", -170, 170),
    (r"percent(age)?|rate|ratio|discount|tax rate", 0, 0.9),
    (r"rating|stars|score", 1, 5),
)


def value_format(column: Column, limits: Limits) -> tuple[Format, str] | None:
    """A format for a number, truth value, time or plain value; ``None`` for text, bytes, arrays and what has no rule."""
    if column.kind in _PLAIN:
        return _PLAIN[column.kind], ""
    makers: Mapping[str, Callable[[Column, Limits], tuple[Format, str]]] = {
        "integer": _integer,
        **dict.fromkeys(("decimal", "float"), _decimal),
        **dict.fromkeys(("date", "timestamp", "timestamptz"), _moment),
        "boolean": lambda column, _: ({"boolean": {"true_rate": _true_rate(column)}}, ""),
        "json": lambda column, limits: ({"constant": _json(column, limits)}, "its keys are the application's own"),
        "network": lambda column, _: (_network(column), ""),
    }
    make = makers.get(column.kind)
    return make(column, limits) if make else None


def _integer(column: Column, limits: Limits) -> tuple[Format, str]:
    low, high = _named_range(column)
    low, high = _within(low, high, column.minimum, column.maximum)
    given_low, given_high = _whole(limits.low, ROUND_CEILING), _whole(limits.high, ROUND_FLOOR)
    if given_low is not None and limits.low_open and given_low == limits.low:
        given_low += 1
    if given_high is not None and limits.high_open and given_high == limits.high:
        given_high -= 1
    low, high = _within(low, high, given_low, given_high)
    while low <= high and low in limits.excluded:
        low += 1
    if column.minimum is not None and low == high:
        return {"constant": low}, ""
    if any(isinstance(each, Decimal) and low <= each <= high for each in limits.excluded):
        low, high = _around(low, high, limits)
    return {"integer": {"min": low, "max": high}}, _enumeration(column)


def _around(low: int, high: int, limits: Limits) -> tuple[int, int]:
    """The longer part beside values that are forbidden."""
    cuts = sorted(int(each) for each in limits.excluded if isinstance(each, Decimal) and low <= each <= high)
    edges = [low - 1, *cuts, high + 1]
    first, second = max(pairwise(edges), key=lambda pair: pair[1] - pair[0])
    return first + 1, second - 1


def _enumeration(column: Column) -> str:
    return (
        "numbers of an enumeration in the application?"
        if words_of(column.name)[-1:] in (["type"], ["kind"], ["status"], ["state"])
        else ""
    )


def _named_range(column: Column) -> tuple[int, int]:
    words = words_of(column.name)
    if words and (words[-1] in {"at", "time", "clock", "timestamp", "date"} or words[0] in {"time", "clock"}):
        return (_EPOCH[0], _EPOCH[1]) if (column.maximum or 0) > _EPOCH[1] else (0, _MOST)
    if words and words[-1] in {"type", "kind", "status", "state", "mode", "visibility", "action"}:
        return 0, 1
    for start in range(len(words)):
        phrase = " ".join(words[start:])
        for pattern, low, high in _NUMBERS:
            if re.fullmatch(pattern, phrase):
                return low, high
    return 0, _MOST


def _within(low: int, high: int, least: int | None, most: int | None) -> tuple[int, int]:
    """Move a range of the same width, or a narrower one, into what is allowed."""
    width = high - low
    if least is not None and low < least:
        low, high = least, max(high, least + min(width, _MOST))
    if most is not None and high > most:
        high = most
        low = min(low, most) if low <= most else most - width
    if least is not None:
        low = max(low, least)
    return low, max(low, high)


def _whole(value: object, rounding: str) -> int | None:
    return int(value.to_integral_value(rounding)) if isinstance(value, Decimal) else None


def _decimal(column: Column, limits: Limits) -> tuple[Format, str]:
    scale = 2 if column.scale is None else max(column.scale, 0)
    scale = min(scale, 6)
    words = " ".join(words_of(column.name)[-1:])
    low, high = next(((low, high) for pattern, low, high in _DECIMALS if re.fullmatch(pattern, words)), (0.0, float(_MOST)))
    if column.precision is not None:
        digits = column.precision - (column.scale or 0)
        most = float(10**digits) - (10.0**-scale if scale else 1) if digits > 0 else 1 - 10.0**-scale
        low, high = max(low, -most), min(high, most)
    step = 10.0**-scale
    if isinstance(limits.low, Decimal):
        low = float(limits.low) + (step if limits.low_open else 0)
        high = max(high, low + (float(_MOST) if limits.high is None and column.precision is None else 0))
    if isinstance(limits.high, Decimal):
        high = float(limits.high) - (step if limits.high_open else 0)
        low = min(low, high) if isinstance(limits.low, Decimal) else min(low, high - step)
    bounds = {"min": _short(low, scale), "max": _short(max(low, high), scale)}
    if column.kind == "float":
        return {"float": bounds}, ""
    return {"decimal": {**bounds, "scale": scale}}, ""


def _short(value: float, scale: int) -> float | int:
    rounded = round(value, scale)
    return int(rounded) if rounded == int(rounded) else rounded


def _true_rate(column: Column) -> float:
    default = (column.default or "").lower().strip("b'()")
    return 0.9 if default in {"true", "1"} else 0.1 if default in {"false", "0"} else 0.5


def _moment(column: Column, limits: Limits) -> tuple[Format, str]:
    words = words_of(column.name)
    generator = "date" if column.kind == "date" else "timestamp"
    start, end = FROM, TO
    if {"birth", "birthday", "birthdate", "dob", "born"} & set(words):
        start, end = "1950-01-01", "2006-12-31"
    elif {"expires", "expiry", "expiration", "expired", "until", "due", "deadline"} & set(words):
        start, end = "2026-01-01", "2029-12-31"
    low, high = _date(limits.low), _date(limits.high)
    if low is not None and low > start:
        start = low
        end = max(end, _year_later(low))
    if high is not None and high <= end:
        end = _before(high) if limits.high_open else high
        start = start if start < end and low is not None else min(start, _year_earlier(end)) if low is None else low
    return {generator: {"from": start, "to": end}}, ""


def _date(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    found = re.match(r"(\d{4}-\d{2}-\d{2})", value)
    return found[1] if found else None


def _year_later(text: str) -> str:
    return f"{min(int(text[:4]) + 1, 9999):04d}-{text[5:7]}-{min(int(text[8:10]), 28):02d}"


def _year_earlier(text: str) -> str:
    return f"{max(int(text[:4]) - 1, 1):04d}-{text[5:7]}-{min(int(text[8:10]), 28):02d}"


def _before(text: str) -> str:
    """The day before."""
    from datetime import date, timedelta

    return (date.fromisoformat(text) - timedelta(days=1)).isoformat()


def _json(column: Column, limits: Limits) -> str:
    if limits.json == "array":
        return "[]"
    plain = re.fullmatch(r"'(\{\}|\[\])'(::.*)?", column.default or "")
    if limits.json is None and plain:
        return plain[1]
    return "{}"


def _network(column: Column) -> Format:
    name = column.type.rpartition(".")[2].lower()
    match name:
        case "cidr":
            return {"pattern": "10\\.[1-9][0-9]\\.[1-9][0-9]\\.0/24"}
        case "macaddr":
            return "mac"
        case "macaddr8":
            return {"pattern": "02:00:00:ff:fe:[0-9]{2}:[0-9]{2}:[0-9]{2}"}
        case "inet6":
            return "ipv6"
        case _:
            return "ipv4"
