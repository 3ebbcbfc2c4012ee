"""Numbers that a value is made from: a hash of seed, table, column and block of rows, cut into one draw for each row.

SHAKE-128 (FIPS 202) gives as many bytes as are asked for, so one call makes the draws of a whole block, and they are the
same with every version of Python and on every machine.
"""

from __future__ import annotations

import hashlib
import math
import sys
from array import array
from collections.abc import Sequence
from operator import itemgetter
from typing import Final, Literal

__all__ = ["BLOCK", "Stream", "Walk", "key_of", "number_of"]

BLOCK: Final = 4096
"""Rows that are made at once."""

Width = Literal["H", "I", "Q"]
"""Bits of a draw: 16, 32 or 64."""

_BYTES: Final[dict[str, int]] = {"H": 2, "I": 4, "Q": 8}


def key_of(*parts: object) -> str:
    """A key that no other parts make."""
    return "\0".join(str(part) for part in parts)


def number_of(key: str, bits: int = 64) -> int:
    """A number that hangs on ``key`` alone."""
    return int.from_bytes(hashlib.shake_128(key.encode()).digest(bits // 8), "little")


class Stream:
    """One draw for each row. Draws that are asked for out of order are kept: 2 to 8 bytes for each row."""

    __slots__ = ("_held", "_key", "_width")

    def __init__(self, key: str, width: Width = "H") -> None:
        self._key = key
        self._width = width
        self._held: array[int] | None = None

    def at(self, rows: Sequence[int]) -> Sequence[int]:
        """The draws of these rows; of rows that follow each other without keeping anything."""
        if not isinstance(rows, range) or not rows or rows.step != 1:
            return self._gathered(rows)
        first, last = rows[0] // BLOCK, rows[-1] // BLOCK
        drawn = self._block(first)
        for number in range(first + 1, last + 1):
            drawn.extend(self._block(number))
        begin = rows[0] - first * BLOCK
        return drawn if not begin and len(rows) == len(drawn) else drawn[begin : begin + len(rows)]

    def _gathered(self, rows: Sequence[int]) -> Sequence[int]:
        if not rows:
            return ()
        held = self._held if self._held is not None else array(self._width)
        self._held = held
        while len(held) <= max(rows):
            held.extend(self._block(len(held) // BLOCK))
        return itemgetter(*rows)(held) if len(rows) > 1 else (held[rows[0]],)

    def _block(self, number: int) -> array[int]:
        drawn: array[int] = array(self._width)
        drawn.frombytes(hashlib.shake_128(f"{self._key}\0{number}".encode()).digest(_BYTES[self._width] * BLOCK))
        if sys.byteorder == "big":
            drawn.byteswap()
        return drawn


class Walk:
    """Visits each number below ``size`` once, in an order of its own: row to number without memory and without repeats."""

    __slots__ = ("_begin", "_step", "size")

    def __init__(self, key: str, size: int) -> None:
        self.size = size
        bits = max(64, (size.bit_length() + 71) // 8 * 8)
        self._begin = number_of(key_of(key, "begin"), bits) % size
        step = number_of(key_of(key, "step"), bits) % size or 1
        while math.gcd(step, size) != 1:
            step = step % size + 1
        self._step = step

    def at(self, rows: Sequence[int]) -> list[int]:
        """The numbers of these rows; rows from ``size`` on come round again."""
        begin, step, size = self._begin, self._step, self.size
        return [(row * step + begin) % size for row in rows]
