"""Keys of other tables' rows: which parent a row has, and what is in that parent's columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from localenv.core.configuration.columns import Distribution
from localenv.core.generate.draws import BLOCK, Stream, Walk
from localenv.core.generate.sources import Index, Source, Texts, chosen, is_plain

__all__ = [
    "OtherParents",
    "Parents",
    "PerParent",
    "Position",
    "Reference",
    "ReferenceByKind",
    "Rounds",
    "SelfParents",
    "Stored",
    "parents_by",
]

NONE: Final = -1
"""No parent."""


class Parents(ABC):
    """Which row of another table belongs to each row of this one."""

    nullable: bool = False
    """Some rows have none (``NONE``)."""

    @abstractmethod
    def at(self, rows: Sequence[int]) -> Sequence[int]:
        """The parents' rows."""


class _Drawn(Parents):
    """Parents by any index. The last answer is kept: columns of one key ask for the same rows one after the other."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._last: tuple[Sequence[int], Sequence[int]] | None = None

    def at(self, rows: Sequence[int]) -> Sequence[int]:
        if self._last is None or self._last[0] != rows:
            self._last = (rows, self._index(rows))
        return self._last[1]


class OtherParents(Parents):
    """Another row than a first reference to the same table has: so many rows further, round and round."""

    def __init__(self, first: Parents, further: Index, count: int) -> None:
        """``further``: from 0 to ``count`` - 2."""
        self._first = first
        self._further = further
        self._count = count
        self.nullable = first.nullable

    def at(self, rows: Sequence[int]) -> Sequence[int]:
        count = self._count
        return [
            NONE if first == NONE else (first + 1 + further) % count
            for first, further in zip(self._first.at(rows), self._further(rows), strict=True)
        ]


class SelfParents(Parents):
    """An earlier row of the same table, so that the rows make a tree. The first has none, or is its own parent."""

    def __init__(self, key: str, *, nullable: bool) -> None:
        self._stream = Stream(key, "I")
        self._first = NONE if nullable else 0
        self.nullable = nullable

    def at(self, rows: Sequence[int]) -> Sequence[int]:
        first = self._first
        return [draw * row >> 32 if row else first for row, draw in zip(rows, self._stream.at(rows), strict=True)]


class PerParent(Parents):
    """A few rows for each parent, one parent after the other; 4 bytes are kept for each parent."""

    def __init__(self, key: str, parents: int, low: int, high: int) -> None:
        self._ends: array[int] = array("Q")
        span, total = high - low + 1, 0
        stream = Stream(key, "I")
        for begin in range(0, parents, BLOCK):
            for draw in stream.at(range(begin, min(begin + BLOCK, parents))):
                total += low + (draw * span >> 32)
                self._ends.append(total)
        self.rows = total
        """All of them."""

    def at(self, rows: Sequence[int]) -> Sequence[int]:
        ends = self._ends
        if not isinstance(rows, range) or not rows:
            return [bisect_right(ends, row) for row in rows]
        found: list[int] = []
        parent, row = bisect_right(ends, rows[0]), rows[0]
        while row <= rows[-1]:
            until = min(ends[parent], rows[-1] + 1)
            found += [parent] * (until - row)
            row = max(row, until)
            parent += 1
        return found

    def positions(self, rows: Sequence[int]) -> list[int]:
        """Each row's place among those of its parent, from 0."""
        ends = self._ends
        return [row - (ends[parent - 1] if parent else 0) for row, parent in zip(rows, self.at(rows), strict=True)]


class Position(Source):
    """A row's place among those of its parent."""

    def __init__(self, parents: PerParent, start: int, step: int) -> None:
        self._parents = parents
        self._start = start
        self._step = step

    def at(self, rows: Sequence[int]) -> Texts:
        return [str(self._start + self._step * place) for place in self._parents.positions(rows)]


class Rounds(Source):
    """How often all of ``size`` choices have been taken in turn before a row."""

    def __init__(self, size: int, start: int, step: int) -> None:
        self._size = size
        self._start = start
        self._step = step

    def at(self, rows: Sequence[int]) -> Texts:
        size, start, step = self._size, self._start, self._step
        return [str(start + step * (row // size)) for row in rows]


class Stored(Source):
    """Values of rows that are there already."""

    def __init__(self, texts: Sequence[str | None]) -> None:
        self._texts = texts
        self.plain = is_plain(texts)
        self.nullable = None in texts

    def at(self, rows: Sequence[int]) -> Texts:
        return [self._texts[row] for row in rows]


class Reference(Source):
    """A column of the parent's row."""

    def __init__(self, parents: Parents, column: Source) -> None:
        self._parents = parents
        self._column = column
        self.nullable = parents.nullable or column.nullable

    @property
    def plain(self) -> bool:  # type: ignore[override] # as the column is by now
        return self._column.plain

    def at(self, rows: Sequence[int]) -> Texts:
        parents = self._parents.at(rows)
        if not self._parents.nullable:
            return self._column.at(parents)
        texts = iter(self._column.at([parent for parent in parents if parent != NONE]))
        return [None if parent == NONE else next(texts) for parent in parents]


class ReferenceByKind(Source):
    """A reference to one of several tables: another column of the row says which."""

    def __init__(self, kind: Source, references: dict[str, Source]) -> None:
        self._kind = kind
        self._references = references
        self.nullable = True

    @property
    def plain(self) -> bool:  # type: ignore[override] # as the columns are by now
        return all(source.plain for source in self._references.values())

    def at(self, rows: Sequence[int]) -> Texts:
        kinds = self._kind.at(rows)
        found: Texts = [None] * len(rows)
        for kind, source in self._references.items():
            places = [place for place, each in enumerate(kinds) if each == kind]
            texts = source.at([rows[place] for place in places])
            for place, text in zip(places, texts, strict=True):
                found[place] = text
        return found


def parents_by(key: str, count: int, shape: Distribution | None, *, unique: bool = False, index: Index | None = None) -> Parents:
    """Parents among ``count`` rows: as ``index`` says, each at most once (``unique``), or drawn by ``shape``."""
    if index is not None:
        return _Drawn(index)
    return _Drawn(Walk(key, count).at if unique else chosen(key, count, shape))
