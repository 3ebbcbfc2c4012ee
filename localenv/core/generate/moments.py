"""Dates, times and spans. With nothing said they lie in 2024 and 2025, so that they do not hang on today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from localenv.core.configuration.durations import parse_duration
from localenv.core.generate.draws import key_of
from localenv.core.generate.numbers import whole_numbers
from localenv.core.generate.place import Place
from localenv.core.generate.sources import Joined, Pick, Source, Texts, Whole, chosen

__all__ = ["MOMENTS", "days_of"]

_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)
_FROM: Final = "2024-01-01"
_TO: Final = "2025-12-31"
_CLOCK_LENGTH: Final = 8


class _Shown(Source):
    """Numbers as texts."""

    def __init__(self, numbers: Whole, show: Callable[[int], str]) -> None:
        self._numbers = numbers
        self._show = show

    def at(self, rows: Sequence[int]) -> Texts:
        return list(map(self._show, self._numbers.numbers(rows)))


class _After(Source):
    """A moment behind that of another column; NULL where that one is."""

    def __init__(self, base: Source, key: str, seconds: int, show: Callable[[int], str], unit: int) -> None:
        self._base = base
        self._numbers = chosen(key, max(seconds // unit, 1), None)
        self._show = show
        self._unit = unit
        self.nullable = base.nullable

    def at(self, rows: Sequence[int]) -> Texts:
        show, unit = self._show, self._unit
        return [
            None if text is None else show(_seconds_of(text) + (number + 1) * unit)
            for text, number in zip(self._base.at(rows), self._numbers(rows), strict=True)
        ]


def days_of(place: Place) -> int | None:
    """How many days a date column takes; ``None`` for other columns."""
    if place.format.generator != "date" or "after" in place.format.options:
        return None
    low, high = _bounds(place)
    return (high - low) // _DAY + 1


def _date(place: Place) -> Source:
    if "after" in place.format.options:
        return _after(place, _shown_date, _DAY)
    low, high = _bounds(place)
    days = (high - low) // _DAY + 1
    if place.unique or place.index is not None:
        return _distinct(place, low // _DAY, days, _day)
    return Pick(place.key, [_day(low // _DAY + each) for each in range(days)], place.shape)


def _timestamp(place: Place) -> Source:
    if "after" in place.format.options:
        return _after(place, _shown_timestamp, 1)
    low, high = _bounds(place)
    if place.unique or low % _DAY or high % _DAY:
        return _distinct(place, low, high - low + 1, _shown_timestamp)
    days = [f"{_day(each)} " for each in range(low // _DAY, high // _DAY + 1)]
    return Joined([Pick(key_of(place.key, "day"), days, place.shape), Pick(key_of(place.key, "time"), _clock())])


def _time(place: Place) -> Source:
    low, high = (
        _clock_seconds(str(place.format.options.get(end, other))) for end, other in (("from", "00:00"), ("to", "23:59:59"))
    )
    clock = _clock()
    if place.unique:
        return _distinct(place, low, high - low + 1, clock.__getitem__)
    return Pick(place.key, clock[low : high + 1], place.shape)


def _interval(place: Place) -> Source:
    low, high = (
        int(parse_duration(str(place.format.options.get(end, other))).total_seconds())
        for end, other in (("from", "1m"), ("to", "30d"))
    )
    if place.engine == "postgresql":
        return _distinct(place, low, high - low + 1, lambda seconds: f"{seconds} seconds")
    high = min(high, 838 * 3600)
    return _distinct(place, low, high - low + 1, lambda all_: f"{all_ // 3600:02d}:{all_ // 60 % 60:02d}:{all_ % 60:02d}")


def _distinct(place: Place, low: int, span: int, show: Callable[[int], str]) -> Source:
    return _Shown(whole_numbers(place, low, span), show)


def _after(place: Place, show: Callable[[int], str], unit: int) -> Source:
    if place.unique:
        raise place.wrong("a moment after another cannot be unique as well", "leave unique or after out")
    seconds = int(parse_duration(str(place.format.options.get("within", "30d"))).total_seconds())
    return _After(place.sibling(str(place.format.options["after"])), place.key, seconds, show, unit)


def _bounds(place: Place) -> tuple[int, int]:
    options = place.format.options
    low = _parsed(str(options.get("from", _FROM)))
    high = _parsed(str(options["to"] if "to" in options else max(_TO, str(options.get("from", _FROM)))))
    if low > high:
        raise place.wrong("from is after to", "write the earlier one first")
    return low, high


def _parsed(text: str) -> int:
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def _seconds_of(text: str) -> int:
    """Seconds since 1970 of a text that starts like 2024-01-31 12:00:00; the time may be missing."""
    clock = text[11 : 11 + _CLOCK_LENGTH]
    return _midnight(text[:10]) + (_clock_seconds(clock) if len(clock) == _CLOCK_LENGTH else 0)


@lru_cache(maxsize=100_000)
def _midnight(text: str) -> int:
    return (date.fromisoformat(text) - _EPOCH).days * _DAY


def _clock_seconds(text: str) -> int:
    hours, minutes, seconds = (*text.split(":"), "0")[:3]
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


@lru_cache(maxsize=100_000)
def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()


@lru_cache(maxsize=1)
def _clock() -> list[str]:
    """Each second of a day."""
    return [f"{minute // 60:02d}:{minute % 60:02d}:{second:02d}" for minute in range(1440) for second in range(60)]


def _shown_timestamp(seconds: int) -> str:
    days, rest = divmod(seconds, _DAY)
    return f"{_day(days)} {_clock()[rest]}"


def _shown_date(seconds: int) -> str:
    return _day(seconds // _DAY)


MOMENTS: Final[dict[str, Callable[[Place], Source]]] = {
    "date": _date,
    "timestamp": _timestamp,
    "time": _time,
    "interval": _interval,
}
"""By the generator's name."""
