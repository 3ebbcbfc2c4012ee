"""Where a column's values come from: each source gives the texts of any rows, in any order, from the rows' numbers alone.

``None`` is the database's NULL. Texts are plain, not yet written for a bulk load (``rows.py``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import add, itemgetter
from typing import Final, overload

from localenv.core.configuration.columns import Distribution
from localenv.core.generate.distributions import ONE, UNIFORM, positions, spread
from localenv.core.generate.draws import Stream, Walk, key_of, number_of

__all__ = [
    "Composed",
    "Constant",
    "Counter",
    "Index",
    "Joined",
    "Made",
    "Nulls",
    "Pick",
    "Source",
    "Texts",
    "Uuids",
    "Walked",
    "Whole",
    "chosen",
    "is_plain",
]

Texts = list[str | None]
Index = Callable[[Sequence[int]], Sequence[int]]
"""From rows to places in a list of choices."""

_WORTH_A_TABLE: Final = 2048
"""Rows."""
_NEEDS_ESCAPE: Final = ("\\", "\t", "\n", "\r")


class Source(ABC):
    """Values of one column."""

    plain: bool = True
    """No text of it has a character that a bulk load must write differently."""
    nullable: bool = False
    """Some texts may be ``None``."""

    @abstractmethod
    def at(self, rows: Sequence[int]) -> Texts:
        """Texts of these rows, counted from 0."""


class Constant(Source):
    """The same everywhere."""

    def __init__(self, text: str | None) -> None:
        self._text = text
        self.plain = text is None or is_plain((text,))
        self.nullable = text is None

    def at(self, rows: Sequence[int]) -> Texts:
        return [self._text] * len(rows)


class Counter(Source):
    """``start``, ``start + step``..."""

    def __init__(self, start: int = 1, step: int = 1) -> None:
        self.start = start
        self.step = step

    def at(self, rows: Sequence[int]) -> Texts:
        start, step = self.start, self.step
        if isinstance(rows, range) and rows.step == 1:
            return list(map(str, range(start + rows.start * step, start + rows.stop * step, step)))
        return [str(start + row * step) for row in rows]


class Uuids(Source):
    """Version 4 by its looks (RFC 9562), different in each row by construction."""

    _ODD: Final = 0x9E3779B97F4A7C15F39CC0605CEDC835
    _MASK: Final = (1 << 122) - 1
    _LOW: Final = (1 << 120) - 1

    def __init__(self, key: str) -> None:
        self._begin = number_of(key, 128)

    def at(self, rows: Sequence[int]) -> Texts:
        begin, odd, mask, low = self._begin, self._ODD, self._MASK, self._LOW
        made: Texts = []
        for row in rows:
            number = (row * odd + begin) & mask
            number = ((number ^ (number >> 61)) * odd) & mask
            text = f"{number & low:030x}"
            made.append(f"{text[:8]}-{text[8:12]}-4{text[12:15]}-{'89ab'[number >> 120]}{text[15:18]}-{text[18:]}")
        return made


class Made(Sequence[str]):
    """Texts that are made when they are first asked for."""

    def __init__(self, count: int, make: Callable[[int], str]) -> None:
        self._count = count
        self._make = make
        self._texts: dict[int, str] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """The text of a place; of a slice, the texts themselves."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        if place not in self._texts:
            if not 0 <= place < self._count:
                raise IndexError(place)
            self._texts[place] = self._make(place)
        return self._texts[place]


class Pick(Source):
    """One of some texts, by a draw of 16 bits; for many rows each draw's text is looked up once and kept."""

    plain = False

    def __init__(self, key: str, texts: Sequence[str], shape: Distribution = UNIFORM) -> None:
        self._texts = texts
        self._shape = shape
        self._stream = Stream(key)
        self._table: Sequence[str] | None = None
        self._rows = 0

    def at(self, rows: Sequence[int]) -> Texts:
        draws = self._stream.at(rows)
        self._rows += len(draws)
        if self._table is None and self._rows >= _WORTH_A_TABLE:
            self._table = spread(self._texts, self._shape)
            self.plain = is_plain(self._table)
        if self._table is None or len(draws) == 1:
            texts, count = self._texts, len(self._texts)
            places = positions(self._shape, count)
            return [texts[places[draw] * count >> 32] for draw in draws]
        return list(itemgetter(*draws)(self._table)) if draws else []


class Joined(Source):
    """Texts of several sources, put together."""

    def __init__(self, parts: Sequence[Source]) -> None:
        self._parts = parts

    @property
    def plain(self) -> bool:  # type: ignore[override] # as its parts are by now
        return all(part.plain for part in self._parts)

    def at(self, rows: Sequence[int]) -> Texts:
        columns = [part.at(rows) for part in self._parts]
        if len(columns) == 2:  # noqa: PLR2004 - the usual case, and faster
            return list(map(add, columns[0], columns[1]))
        return list(map("".join, zip(*columns, strict=True)))


class Walked(Source):
    """A different text in each row: all combinations of some tables, and after the last one again with a number."""

    def __init__(self, key: str, tables: Sequence[Sequence[str]], number_before: int | None = None) -> None:
        """``number_before``: the table in front of which the number goes, from the second round on."""
        size = 1
        for table in tables:
            size *= len(table)
        self.combinations = size
        self._walk = Walk(key, size)
        self._tables = tables
        self._before = len(tables) if number_before is None else number_before
        self.plain = all(is_plain(table) for table in tables)

    def at(self, rows: Sequence[int]) -> Texts:
        left = self._walk.at(rows)
        parts: list[list[str]] = []
        for table in self._tables:
            size = len(table)
            parts.append([table[number % size] for number in left])
            left = [number // size for number in left]
        if rows and max(rows) >= self.combinations:
            parts.insert(self._before, [str(row // self.combinations + 1) if row >= self.combinations else "" for row in rows])
        return list(map("".join, zip(*parts, strict=True)))


class Whole(Source):
    """Whole numbers from ``low`` on."""

    def __init__(self, low: int, numbers: Index) -> None:
        self._low = low
        self._numbers = numbers

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """The numbers themselves."""
        low = self._low
        return [low + number for number in self._numbers(rows)]

    def at(self, rows: Sequence[int]) -> Texts:
        return list(map(str, self.numbers(rows)))


class Composed(Source):
    """Texts made from other sources' texts of the same row; NULL where one of them is."""

    def __init__(self, parts: Sequence[Source], make: Callable[..., str], *, plain: bool, rows: bool = False) -> None:
        """``plain``: of what ``make`` adds; ``rows``: the row's number, from 1, is the first thing that ``make`` gets."""
        self._parts = parts
        self._make = make
        self._rows = rows
        self._plain = plain
        self.nullable = any(part.nullable for part in parts)

    @property
    def plain(self) -> bool:  # type: ignore[override] # as its parts are by now
        return self._plain and all(part.plain for part in self._parts)

    def at(self, rows: Sequence[int]) -> Texts:
        columns: list[Sequence[object]] = [[row + 1 for row in rows]] if self._rows else []
        columns += [part.at(rows) for part in self._parts]
        make = self._make
        if not self.nullable:
            return [make(*each) for each in zip(*columns, strict=True)]
        return [None if None in each else make(*each) for each in zip(*columns, strict=True)]


class Nulls(Source):
    """Another source with NULL in some rows."""

    nullable = True

    def __init__(self, key: str, source: Source, rate: float) -> None:
        self._source = source
        self._stream = Stream(key_of(key, "null"))
        self._below = round(rate * (ONE >> 16))

    @property
    def plain(self) -> bool:  # type: ignore[override] # as its source is by now
        return self._source.plain

    def at(self, rows: Sequence[int]) -> Texts:
        below = self._below
        draws = self._stream.at(rows)
        return [None if draw < below else text for text, draw in zip(self._source.at(rows), draws, strict=True)]


def is_plain(texts: Sequence[str | None]) -> bool:
    """Whether none of the texts has a character that a bulk load must write differently."""
    whole = "".join(text for text in dict.fromkeys(texts) if text is not None)
    return not any(character in whole for character in _NEEDS_ESCAPE)


def chosen(key: str, span: int, shape: Distribution | None) -> Index:
    """A function from rows to numbers below ``span``, drawn by ``shape``."""
    if shape is not None and shape.shape != "uniform":
        return _shaped(key, span, shape)
    if span <= ONE >> 8:
        narrow = Stream(key, "I")
        return lambda rows: [draw * span >> 32 for draw in narrow.at(rows)]
    wide = Stream(key, "Q")
    return lambda rows: [draw * span >> 64 for draw in wide.at(rows)]


def _shaped(key: str, span: int, shape: Distribution) -> Index:
    """Draws of 32 bits: the upper half finds two neighbouring positions, the lower half goes between them."""
    stream = Stream(key, "I")
    places = [*positions(shape, span), ONE]
    lows = [place * span >> 16 for place in places]
    widths = [high - low for low, high in pairwise(lows)]

    def numbers(rows: Sequence[int]) -> Sequence[int]:
        return [(lows[draw >> 16] + (widths[draw >> 16] * (draw & 0xFFFF) >> 16)) >> 16 for draw in stream.at(rows)]

    return numbers
