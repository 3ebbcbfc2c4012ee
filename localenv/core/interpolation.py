"""Variables in the values of a Compose file (Compose specification, Interpolation), without a shell and without surprises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["EnvValue", "Filled", "Lookup", "Reference", "fill", "names_in", "parse"]

Operator = Literal["", "-", ":-", "?", ":?", "+", ":+"]
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR: Final = re.compile(r":?[-?+]")
_DEPTH: Final = 30


@dataclass(frozen=True, slots=True)
class EnvValue:
    """A variable's value. ``opaque``: written in a way that Compose may read differently, so nothing may hang on it."""

    text: str
    opaque: bool = False


Lookup = Callable[[str], EnvValue | None]


@dataclass(frozen=True, slots=True)
class Reference:
    """``${name<operator>operand}``; plain ``$name`` has no operator."""

    name: str
    operator: Operator = ""
    operand: tuple[str | Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables filled in."""

    text: str
    unset: tuple[str, ...] = ()
    """Names that are set nowhere and have no default; they became nothing."""
    opaque: bool = False
    """Whether Compose might come to another text: an opaque value was used, or the template is malformed."""


def parse(text: str) -> tuple[tuple[str | Reference, ...], bool]:
    """Parts of ``text``, and whether all of it is well formed."""
    if "$" not in text:
        return ((text,) if text else ()), True
    parser = _Parser(text)
    parts = parser.parts(closing=False, depth=0)
    return parts, not parser.malformed


def names_in(text: str) -> Iterator[str]:
    """Every variable that ``text`` mentions, also within defaults."""
    waiting = list(parse(text)[0])
    while waiting:
        part = waiting.pop()
        if isinstance(part, Reference):
            yield part.name
            waiting.extend(part.operand)


def fill(text: str, lookup: Lookup, *, limit: int = 1 << 20) -> Filled:
    """Fill in variables as Compose does. Raises ``OverflowError`` when the result passes ``limit`` characters."""
    if "$" not in text:
        return Filled(text)
    parts, well_formed = parse(text)
    filler = _Filler(lookup, limit)
    filled = filler.text(parts)
    return Filled(filled, tuple(dict.fromkeys(filler.unset)), filler.opaque or not well_formed)


class _Parser:
    """One pass from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.malformed = False

    def parts(self, *, closing: bool, depth: int) -> tuple[str | Reference, ...]:
        """Parts up to the end, or up to the ``}`` that closes this reference."""
        found: list[str | Reference] = []
        plain: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if closing and character == "}":
                break
            if character != "$":
                plain.append(character)
                self._at += 1
                continue
            part = self._dollar(depth)
            if isinstance(part, str):
                plain.append(part)
                continue
            if plain:
                found.append("".join(plain))
                plain.clear()
            found.append(part)
        if plain:
            found.append("".join(plain))
        return tuple(found)

    def _dollar(self, depth: int) -> str | Reference:
        rest = self._at + 1
        if self._text.startswith("$", rest):
            self._at += 2
            return "$"
        if self._text.startswith("{", rest):
            return self._braced(depth)
        name = _NAME.match(self._text, rest)
        if name is None:
            self.malformed = True
            self._at += 1
            return "$"
        self._at = name.end()
        return Reference(name[0])

    def _braced(self, depth: int) -> str | Reference:
        name = _NAME.match(self._text, self._at + 2)
        if name is None or depth >= _DEPTH:
            self.malformed = True
            self._at += 1
            return "$"
        self._at = name.end()
        operator: Operator = ""
        operand: tuple[str | Reference, ...] = ()
        if (found := _OPERATOR.match(self._text, self._at)) is not None:
            operator = found[0]  # type: ignore[assignment] # the pattern has just these
            self._at = found.end()
            operand = self.parts(closing=True, depth=depth + 1)
        if not self._text.startswith("}", self._at):
            self.malformed = True
        else:
            self._at += 1
        return Reference(name[0], operator, operand)


class _Filler:
    def __init__(self, lookup: Lookup, limit: int) -> None:
        self._lookup = lookup
        self._left = limit
        self.unset: list[str] = []
        self.opaque = False

    def text(self, parts: tuple[str | Reference, ...]) -> str:
        return "".join(self._taken(part) if isinstance(part, str) else self._reference(part) for part in parts)

    def _taken(self, text: str) -> str:
        self._left -= len(text)
        if self._left < 0:
            raise OverflowError
        return text

    def _reference(self, part: Reference) -> str:
        value = self._lookup(part.name)
        counts = value is not None and not (part.operator.startswith(":") and not value.text)
        if value is not None and value.opaque:
            self.opaque = True
        if part.operator.endswith("+"):
            return self.text(part.operand) if counts else ""
        if counts and value is not None:
            return self._taken(value.text)
        if part.operator.endswith("-"):
            return self.text(part.operand)
        if value is None:
            self.unset.append(part.name)
        return ""
