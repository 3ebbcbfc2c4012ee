"""What a source is built for: one column of one table, with what is known about it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from localenv.core.configuration.columns import ColumnFormat, Distribution
from localenv.core.data.engines import DataEngine
from localenv.core.generate.distributions import UNIFORM
from localenv.core.generate.draws import Stream, key_of
from localenv.core.generate.sources import Index, Made, Pick, Source, Walked
from localenv.core.schema.model import Column
from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["SAMPLES", "Index", "Place", "Words", "folded", "sampled", "text_source"]

Words = Callable[[str, str], Sequence[str]]
"""Texts of a kind (``first_name``, ``city``...) in a locale: always the same, each once."""

SAMPLES: Final = 8192
"""Different texts of a kind that is not a list of words."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One column to be filled."""

    key: str
    """What its draws hang on: seed, table and column."""
    name: str
    """``orders.status``, for errors."""
    column: Column
    format: ColumnFormat
    engine: DataEngine
    rows: int
    locale: str
    words: Words
    sibling: Callable[[str], Source]
    """The source of another column of the same table. Raises ``InvalidInput``."""
    where: str
    """Where a person wrote it."""
    unique: bool = False
    index: Index | None = None
    """Which choice each row takes, where a constraint over several columns says so."""

    @property
    def shape(self) -> Distribution:
        """How often each choice is taken."""
        return self.format.distribution or UNIFORM

    def pool(self, kind: str) -> Sequence[str]:
        """Texts of a kind in the place's locale."""
        return self.words(kind, self.locale)

    def wrong(self, message: str, *hints: str) -> InvalidInput:
        """An error about this column."""
        return InvalidInput(f"{self.name}: {message}", where=self.where, hints=hints, code="data-profile")


def text_source(place: Place, *tables: Sequence[str], number_before: int | None = None) -> Source:
    """Texts put together from one entry of each table; different in each row where the place asks for it."""
    limit = place.column.length if place.column.kind == "text" else None
    if place.unique:
        return _unique_texts(place, tables, limit, number_before)
    whole = tables[0] if len(tables) == 1 else _joined(place, tables)
    return Pick(place.key, _clipped(whole, limit), place.shape)


def sampled(place: Place, make: Callable[[int], str], count: int = SAMPLES) -> Sequence[str]:
    """``count`` texts made from as many numbers of 64 bits, each when it is first asked for."""
    stream = Stream(key_of(place.key, "sample"), "Q")
    return Made(count, lambda at: make(stream.at([at])[0]))


def folded(texts: Sequence[str]) -> list[str]:
    """Lower case letters and digits of ASCII alone, each text once: what user names and addresses are made of."""
    found = dict.fromkeys(
        "".join(char for char in unicodedata.normalize("NFKD", text).lower() if char.isascii() and char.isalnum())
        for text in texts
    )
    return [text for text in found if text]


def _unique_texts(place: Place, tables: Sequence[Sequence[str]], limit: int | None, number_before: int | None) -> Source:
    """All combinations; where a collation takes letters of two cases for one, they are one combination too."""
    distinct = [
        list({unicodedata.normalize("NFKC", text).casefold(): text for text in reversed(table)}.values()) for table in tables
    ]
    walked = Walked(place.key, distinct, number_before)
    longest = sum(max(map(len, table)) for table in distinct)
    digits = len(str(place.rows // walked.combinations + 1)) if place.rows > walked.combinations else 0
    if limit is None or longest + digits <= limit:
        return walked
    return _tokens(place, limit)


def _tokens(place: Place, limit: int) -> Source:
    """Short texts where nothing longer fits."""
    length = min(limit, 12)
    if len(_DIGITS) ** length < place.rows:
        raise place.wrong(f"{place.rows} rows cannot have different texts of {limit} characters", "ask for fewer rows: rows: ...")
    return Walked(place.key, [_DIGITS] * length)


def _clipped(texts: Sequence[str], limit: int | None) -> Sequence[str]:
    if limit is None:
        return texts
    return Made(len(texts), lambda at: texts[at][:limit])


def _joined(place: Place, tables: Sequence[Sequence[str]]) -> Sequence[str]:
    def make(number: int) -> str:
        parts = []
        for table in tables:
            number, at = divmod(number, len(table))
            parts.append(table[at])
        return "".join(parts)

    return sampled(place, make)
