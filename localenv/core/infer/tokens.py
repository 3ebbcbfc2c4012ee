"""Tokens of a check's expression, as PostgreSQL, MariaDB and MySQL print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["NotUnderstood", "Token", "tokens"]

_REST: Final = r"""
    | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<operator>::|:=|->>|->|<=>|<>|!=|<=|>=|[-+*/=]|[<>~!@\#%^&|?]+|[(),.\[\]:])
    )"""
_ESCAPED: Final = r"'(?:[^'\\]|''|\\.)*'"
_WITH_BACKSLASHES: Final = re.compile(rf"\s*(?:(?P<string>(?:_[a-z0-9]+\s*)?{_ESCAPED}){_REST}", re.VERBOSE | re.DOTALL)
_WITHOUT: Final = re.compile(rf"\s*(?:(?P<string>[eE]{_ESCAPED}|'(?:[^']|'')*'){_REST}", re.VERBOSE | re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}


class NotUnderstood(Exception):
    """An expression has something in it that this reader does not know."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, name, value or operator."""

    kind: Literal["string", "quoted", "number", "word", "operator", "end"]
    text: str
    """Of a string or quoted name what is between the quotes."""


def tokens(text: str, *, backslashes: bool) -> Iterator[Token]:
    """Cut an expression up. With ``backslashes`` every string has them as escapes (MariaDB, MySQL).

    Raises ``NotUnderstood`` for a character that begins nothing known.
    """
    pattern = _WITH_BACKSLASHES if backslashes else _WITHOUT
    place, end = 0, len(text.rstrip())
    while place < end:
        found = pattern.match(text, place)
        if found is None:
            raise NotUnderstood(text[place : place + 20])
        place = found.end()
        yield _token(found, backslashes=backslashes)
    yield Token("end", "")


def _token(found: re.Match[str], *, backslashes: bool) -> Token:
    match found.lastgroup:
        case "string":
            piece = found["string"]
            return Token("string", _unquoted(piece, escaped=backslashes or piece[0] != "'"))
        case "quoted":
            piece = found["quoted"]
            return Token("quoted", piece[1:-1].replace(piece[0] * 2, piece[0]))
        case "number":
            return Token("number", found["number"])
        case "word":
            return Token("word", found["word"])
        case _:
            return Token("operator", found["operator"])


def _unquoted(piece: str, *, escaped: bool) -> str:
    inner = piece[piece.index("'") + 1 : -1].replace("''", "'")
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inner, flags=re.DOTALL) if escaped else inner
