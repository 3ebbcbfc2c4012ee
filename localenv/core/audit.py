"""The audit log's chain: each line has the hash of itself and of the line before, so that a changed one is seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

__all__ = ["chained", "first_break"]


def chained(before: str, number: int, words: Sequence[str]) -> str:
    """Hash (SHA-256, hexadecimal) of a line: of the hash of the line before, its number and what it says."""
    text = json.dumps([before, number, *words], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def first_break(lines: Iterable[tuple[int, Sequence[str], str]], *, last: int) -> int | None:
    """Number of the first of these lines, in their order, that is not as it was written; ``None`` when all are.

    Lines are numbered from 1 without a gap up to ``last``, so one that was taken out is missed at its number, also at
    the end. Who can change the file can also make a whole new chain: keep the last hash elsewhere to see that.
    """
    before, expected = "", 1
    for number, words, link in lines:
        if number != expected:
            return expected
        if chained(before, number, words) != link:
            return number
        before, expected = link, number + 1
    return expected if expected <= last else None
