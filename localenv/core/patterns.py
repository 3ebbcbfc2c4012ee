"""Regular expressions used backwards: a restricted pattern as the texts that match it, each with a number."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from localenv.errors import InvalidInput

__all__ = ["Pattern", "parse_pattern"]

_OPEN_ENDED: Final = 8
"""Repetitions at most where a pattern names no limit: ``+`` and ``*``."""
_LONGEST: Final = 1000
_CLASSES: Final = {
    "d": string.digits,
    "w": string.ascii_letters + string.digits + "_",
    "s": " ",
}
_PRINTABLE: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Pattern:
    """Texts that match, numbered from 0 to ``size`` - 1: a choice among sequences of parts."""

    options: tuple[tuple[Part, ...], ...]

    @property
    def size(self) -> int:
        """How many texts there are."""
        return sum(_product(option) for option in self.options)

    @property
    def longest(self) -> int:
        """Characters of the longest text."""
        return max(sum(part.longest for part in option) for option in self.options)

    def sets(self) -> tuple[str, ...] | None:
        """One set for each character, where every text is as long and chooses each character by itself."""
        if len(self.options) > 1 or any(part.low != part.high or not isinstance(part.of, str) for part in self.options[0]):
            return None
        return tuple(part.of for part in self.options[0] for _ in range(part.low) if isinstance(part.of, str))

    def text(self, number: int) -> str:
        """The text of this number."""
        for option in self.options:
            size = _product(option)
            if number < size:
                return _written(option, number)
            number -= size
        raise IndexError(number)


@dataclass(frozen=True, slots=True)
class Part:
    """A character of a set or a group, some times over."""

    of: str | Pattern
    low: int
    high: int

    @property
    def longest(self) -> int:
        return self.high * (1 if isinstance(self.of, str) else self.of.longest)

    @property
    def one(self) -> int:
        return len(self.of) if isinstance(self.of, str) else self.of.size

    @property
    def size(self) -> int:
        return sum(self.one**count for count in range(self.low, self.high + 1))

    def text(self, number: int) -> str:
        count = self.low
        while number >= self.one**count:
            number -= self.one**count
            count += 1
        made = []
        for _ in range(count):
            number, digit = divmod(number, self.one)
            made.append(self.of[digit] if isinstance(self.of, str) else self.of.text(digit))
        return "".join(made)


def parse_pattern(text: str) -> Pattern:
    r"""Read characters, ``.``, ``\d \w \s``, ``[classes]``, ``(a|b)``, ``? * + {n} {n,m}``, ``^`` and ``$`` at the ends.

    Raises ``InvalidInput`` for anything else.
    """
    reader = _Reader(text.removeprefix("^").removesuffix("$") if not text.endswith("\\$") else text.removeprefix("^"))
    found = reader.options()
    if not reader.at_end:
        raise InvalidInput(f"unexpected {reader.here!a}")
    if found.longest > _LONGEST:
        raise InvalidInput(f"a text of more than {_LONGEST} characters")
    return found


def _product(parts: Sequence[Part]) -> int:
    product = 1
    for part in parts:
        product *= part.size
    return product


def _written(parts: Sequence[Part], number: int) -> str:
    made = []
    for part in parts:
        number, digit = divmod(number, part.size)
        made.append(part.text(digit))
    return "".join(made)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text)

    @property
    def here(self) -> str:
        return self._text[self._at : self._at + 1]

    def options(self) -> Pattern:
        found = [self._sequence()]
        while self.here == "|":
            self._at += 1
            found.append(self._sequence())
        return Pattern(tuple(found))

    def _sequence(self) -> tuple[Part, ...]:
        parts = []
        while not self.at_end and self.here not in "|)":
            of = self._one()
            low, high = self._times()
            parts.append(Part(of, low, high))
        return tuple(parts)

    def _one(self) -> str | Pattern:
        char = self._next()
        match char:
            case "[":
                return self._set()
            case "(":
                return self._group()
            case ".":
                return _PRINTABLE
            case "\\":
                return self._escaped()
            case "?" | "*" | "+" | "{" | "^" | "$":
                raise InvalidInput(f"{char!a} at this place")
            case _:
                return char

    def _group(self) -> Pattern:
        if self._text.startswith("?:", self._at):
            self._at += 2
        elif self.here == "?":
            raise InvalidInput("no look-around and no named groups")
        inner = self.options()
        if self._next() != ")":
            raise InvalidInput("a group without its end")
        return inner

    def _escaped(self) -> str:
        char = self._next()
        if char in _CLASSES:
            return _CLASSES[char]
        if char.isalnum():
            raise InvalidInput(f"no \\{char}")
        return char

    def _set(self) -> str:
        negated = self.here == "^"
        self._at += negated
        chars: list[str] = []
        while (char := self._next()) != "]":
            given = self._escaped() if char == "\\" else char
            if len(given) == 1 and self.here == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                end = self._next()
                last = self._escaped() if end == "\\" else end
                given = "".join(map(chr, range(ord(given), ord(last[0]) + 1)))
            chars.extend(given)
        found = "".join(dict.fromkeys(c for c in _PRINTABLE if c not in chars)) if negated else "".join(dict.fromkeys(chars))
        if not found:
            raise InvalidInput("a set of no characters")
        return found

    def _times(self) -> tuple[int, int]:
        match self.here:
            case "?" | "*" | "+" as sign:
                self._at += 1
                return (1 if sign == "+" else 0), (1 if sign == "?" else _OPEN_ENDED)
            case "{":
                end = self._text.find("}", self._at)
                low, comma, high = self._text[self._at + 1 : end].partition(",")
                self._at = end + 1
                if end < 0 or not low.isdecimal() or not (high.isdecimal() or not high):
                    raise InvalidInput("a repetition that is no {n} or {n,m}")
                most = int(high) if high else int(low) + (_OPEN_ENDED if comma else 0)
                if not int(low) <= most <= _LONGEST:
                    raise InvalidInput(f"a repetition of {low} to {most}")
                return int(low), most
        return 1, 1

    def _next(self) -> str:
        if self.at_end:
            raise InvalidInput("an end too early")
        self._at += 1
        return self._text[self._at - 1]
