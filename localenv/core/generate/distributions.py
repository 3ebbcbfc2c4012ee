"""Distributions as tables of positions: a draw of 16 bits leads to a place between the first choice and the last.

All of it is decimal or whole-number arithmetic, which is the same on every machine; the floating-point logarithm is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeVar

from localenv.core.configuration.columns import Distribution

__all__ = ["DRAWS", "ONE", "UNIFORM", "positions", "spread", "weighted"]

DRAWS: Final = 1 << 16
"""Draws of 16 bits."""
ONE: Final = 1 << 32
"""Positions are fixed-point: from 0 to this, exclusive."""
UNIFORM: Final = Distribution()

_KNOTS: Final = 1024
_BETWEEN: Final = DRAWS // _KNOTS
_RATE: Final = Decimal(5)
"""Of ``exponential``: the last choice is e**-5 times as likely as the first."""
_DEVIATIONS: Final = Decimal(3)
"""Of ``normal``: first and last choice are this many standard deviations from the middle."""

Item = TypeVar("Item")


def positions(shape: Distribution, choices: int) -> Sequence[int]:
    """The position for each draw, ascending; ``choices`` matters to ``zipf`` alone."""
    return _positions(shape.shape, str(shape.exponent), choices if shape.shape == "zipf" else 1)


def spread(items: Sequence[Item], shape: Distribution = UNIFORM) -> list[Item]:
    """``items`` over all draws, as often as their place says."""
    count = len(items)
    return [items[place * count >> 32] for place in positions(shape, count)]


def weighted(items: Sequence[Item], weights: Sequence[float]) -> list[Item]:
    """``items`` over all draws, as often as their weights say; one with a weight above zero has one draw at least."""
    shares = [Decimal(str(weight)) for weight in weights]
    total = sum(shares)
    counts = [max(int(share * DRAWS / total), 1) if share > 0 else 0 for share in shares]
    largest = max(range(len(counts)), key=counts.__getitem__)
    counts[largest] += DRAWS - sum(counts)
    shared: list[Item] = []
    for item, count in zip(items, counts, strict=True):
        shared += [item] * count
    return shared


@lru_cache(maxsize=16)
def _positions(shape: str, exponent: str, choices: int) -> Sequence[int]:
    if shape == "uniform":
        return range(ONE // DRAWS // 2, ONE, ONE // DRAWS)
    with localcontext(Context(prec=18)):
        knots = _knots(shape, Decimal(exponent), choices)
    found: list[int] = []
    for low, high in pairwise(knots):
        found += [low + (high - low) * (2 * step + 1) // (2 * _BETWEEN) for step in range(_BETWEEN)]
    return found


def _knots(shape: str, exponent: Decimal, choices: int) -> list[int]:
    if shape == "normal":
        return _normal()
    if shape == "exponential":
        whole = 1 - (-_RATE).exp()
        return _fixed([-(1 - whole * knot / _KNOTS).ln() / _RATE for knot in range(_KNOTS + 1)])
    return _fixed(_zipf(exponent, choices))


def _zipf(exponent: Decimal, choices: int) -> list[Decimal]:
    """Inverse of the continuous power law on 1 to ``choices`` + 1."""
    top = Decimal(choices + 1).ln()
    if exponent == 1:
        return [((top * knot / _KNOTS).exp() - 1) / choices for knot in range(_KNOTS + 1)]
    bent = 1 - exponent
    reach = (top * bent).exp() - 1
    return [(((1 + reach * knot / _KNOTS).ln() / bent).exp() - 1) / choices for knot in range(_KNOTS + 1)]


def _normal() -> list[int]:
    """The bell's own sum, turned round."""
    steps = 2 * _KNOTS
    heights = [(-((_DEVIATIONS * (2 * step - steps) / steps) ** 2) / 2).exp() for step in range(steps + 1)]
    sums = [Decimal(0)]
    for one, other in pairwise(heights):
        sums.append(sums[-1] + (one + other) / 2)
    found, at = [], 0
    for knot in range(_KNOTS + 1):
        wanted = sums[-1] * knot / _KNOTS
        while at < steps - 1 and sums[at + 1] < wanted:
            at += 1
        found.append((at + (wanted - sums[at]) / (sums[at + 1] - sums[at])) / steps)
    return _fixed(found)


def _fixed(places: Sequence[Decimal]) -> list[int]:
    return [min(max(int(place * ONE), 0), ONE - 1) for place in places]
