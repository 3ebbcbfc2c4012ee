"""Numbers, truth values and choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from localenv.core.data.engines import DataEngine
from localenv.core.generate.distributions import DRAWS, ONE, positions, weighted
from localenv.core.generate.draws import Walk
from localenv.core.generate.place import Place
from localenv.core.generate.sources import Counter, Made, Pick, Source, Texts, Uuids, Whole, chosen, is_plain

__all__ = ["NUMBERS", "choices_of", "integers_of", "scalar_text", "whole_numbers"]

_INTEGERS: Final = (1, 1000)
_LARGEST: Final = (1 << 31) - 1
"""Of numbers that must differ, where neither type nor profile says."""
_GRID: Final = 1 << 40
"""Different floating-point numbers between the two ends."""


class Chosen(Source):
    """Texts of a list, each row's by a place that something else settled."""

    def __init__(self, texts: Sequence[str], index: Callable[[Sequence[int]], Sequence[int]]) -> None:
        self._texts = texts
        self._index = index
        self.plain = is_plain(texts)

    def at(self, rows: Sequence[int]) -> Texts:
        return [self._texts[place] for place in self._index(rows)]


class _Scaled(Source):
    """Whole numbers with a decimal point put in."""

    def __init__(self, numbers: Whole, scale: int) -> None:
        self._numbers = numbers
        self._scale = scale

    def at(self, rows: Sequence[int]) -> Texts:
        scale = self._scale
        return [point(number, scale) for number in self._numbers.numbers(rows)]


class _Floats(Source):
    """Different numbers between two ends."""

    def __init__(self, key: str, low: float, high: float) -> None:
        self._walk = Walk(key, _GRID)
        self._low = low
        self._step = (high - low) / _GRID

    def at(self, rows: Sequence[int]) -> Texts:
        low, step = self._low, self._step
        return [repr(low + step * number) for number in self._walk.at(rows)]


def whole_numbers(place: Place, low: int, span: int) -> Whole:
    """Numbers from ``low`` on. Raises ``InvalidInput`` where there are too few for the rows."""
    if place.unique and span < place.rows:
        raise place.wrong(
            f"{place.rows} rows must differ, and there are {span} values to take",
            "widen the range, or ask for fewer rows",
        )
    walk = Walk(place.key, span).at if place.unique else chosen(place.key, span, place.shape)
    return Whole(low, place.index or walk)


def choices_of(place: Place) -> Sequence[str] | None:
    """The texts of a column that takes one of a few; ``None`` for other columns."""
    if place.format.generator == "boolean":
        return [truth(value=value, engine=place.engine, kind=place.column.kind) for value in (True, False)]
    if place.format.generator != "choice":
        return None
    return [scalar_text(each, place.engine, place.column.kind) for each in place.format.value]


def integers_of(place: Place) -> int | None:
    """How many numbers an integer column takes; ``None`` for other columns and for those that nobody limits."""
    if place.format.generator != "integer" or "max" not in place.format.options:
        return None
    low, high = _range(place, *_INTEGERS)
    return high - low + 1


def truth(*, value: bool, engine: DataEngine, kind: str) -> str:
    """True or false as the engine reads it in a column of this kind."""
    words = kind == "json" or (engine == "postgresql" and kind in {"boolean", "text", "other"})
    return ("true" if value else "false") if words else str(int(value))


def scalar_text(value: Any, engine: DataEngine, kind: str) -> str:
    """A value of a profile as the engine reads it."""
    return truth(value=value, engine=engine, kind=kind) if isinstance(value, bool) else str(value)


def point(number: int, scale: int) -> str:
    """``1234`` with two digits behind the point: ``12.34``."""
    if not scale:
        return str(number)
    whole, rest = divmod(abs(number), 10**scale)
    return f"{'-' if number < 0 else ''}{whole}.{rest:0{scale}d}"


def _integer(place: Place) -> Source:
    low, high = _range(place, *_INTEGERS)
    least, most = place.column.minimum, place.column.maximum
    for end, name in ((low, "min"), (high, "max")):
        if (least is not None and end < least) or (most is not None and end > most):
            raise place.wrong(f"{name} is {end}, and {place.column.type} holds {least} to {most}", f"write {name} within that")
    span = high - low + 1
    if place.unique or place.index is not None or span > DRAWS:
        return whole_numbers(place, low, span)
    return Pick(place.key, [str(number) for number in range(low, high + 1)], place.shape)


def _range(place: Place, low: int, high: int) -> tuple[int, int]:
    options, least, most = place.format.options, place.column.minimum, place.column.maximum
    low = int(options.get("min", low if least is None else max(low, least)))
    usual = _LARGEST if place.unique else high
    return low, int(options.get("max", max(low, usual if most is None else min(usual, most))))


def _decimal(place: Place) -> Source:
    options = place.format.options
    scale = int(options.get("scale", place.column.scale if place.column.scale is not None else 2))
    digits = (place.column.precision or 6) - (place.column.scale or 0)
    most = Decimal(10) ** min(digits, 4) - Decimal(1).scaleb(-scale)
    low, high = (_units(options.get(end, other), scale) for end, other in (("min", 0), ("max", most)))
    if high < low:
        raise place.wrong("max is below min", "write max above min")
    span = high - low + 1
    if place.unique or place.index is not None:
        return _Scaled(whole_numbers(place, low, span), scale)
    places = positions(place.shape, span)
    return Pick(place.key, Made(DRAWS, lambda draw: point(low + (places[draw] * span >> 32), scale)))


def _units(value: object, scale: int) -> int:
    return int(Decimal(str(value)).scaleb(scale))


def _float(place: Place) -> Source:
    low, high = (float(place.format.options.get(end, other)) for end, other in (("min", 0.0), ("max", 1000.0)))
    if place.unique:
        return _Floats(place.key, low, high)
    places = positions(place.shape, DRAWS)
    return Pick(place.key, Made(DRAWS, lambda draw: repr(low + (high - low) * (places[draw] / ONE))))


def _boolean(place: Place) -> Source:
    rate = place.format.options.get("true_rate")
    texts = choices_of(place) or ()
    if place.index is not None or place.unique:
        return _choices(place, texts)
    if rate is not None:
        return Pick(place.key, weighted(texts, (rate, 1 - rate)))
    return Pick(place.key, texts, place.shape)


def _choice(place: Place) -> Source:
    texts, value = choices_of(place) or (), place.format.value
    if place.index is not None or place.unique:
        return _choices(place, texts)
    if isinstance(value, Mapping):
        return Pick(place.key, weighted(texts, list(value.values())))
    return Pick(place.key, texts, place.shape)


def _choices(place: Place, texts: Sequence[str]) -> Source:
    if place.index is not None:
        return Chosen(texts, place.index)
    if place.rows > len(texts):
        raise place.wrong(
            f"{place.rows} rows must differ, and there are {len(texts)} choices", "add choices, or ask for fewer rows"
        )
    return Chosen(texts, Walk(place.key, len(texts)).at)


def _sequence(place: Place) -> Source:
    options = place.format.options
    return Counter(int(options.get("start", 1)), int(options.get("step", 1)) or 1)


NUMBERS: Final[dict[str, Callable[[Place], Source]]] = {
    "sequence": _sequence,
    "uuid": lambda place: Uuids(place.key),
    "integer": _integer,
    "decimal": _decimal,
    "float": _float,
    "boolean": _boolean,
    "choice": _choice,
}
"""By the generator's name."""
