"""What a plain YAML scalar means, as Compose reads it: ``yaml.v3`` of Go, which is YAML 1.2 with a few habits of 1.1."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["Scalar", "plain_scalar"]

Scalar = str | int | float | bool | None

_WORDS: Final[dict[str, Scalar]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".nan": float("nan"),
    ".NaN": float("nan"),
    ".NAN": float("nan"),
    **{
        sign + word: factor * float("inf") for sign, factor in (("", 1), ("+", 1), ("-", -1)) for word in (".inf", ".Inf", ".INF")
    },
}
"""``yes``, ``no``, ``on`` and ``off`` are not among them: they stay text."""

_MAYBE_NUMBER: Final = frozenset("+-.0123456789")
_INTEGER: Final = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASES: Final = (("hex", 16), ("bin", 2), ("oct", 8), ("dec", 10))
_INT_MIN: Final = -(2**63)
_INT_MAX: Final = 2**64 - 1
_LONGEST_NUMBER: Final = 400


def plain_scalar(text: str) -> Scalar:
    """Value of an unquoted scalar without a tag. Dates stay text, and so does what merely begins like a number."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _MAYBE_NUMBER or len(text) > _LONGEST_NUMBER:
        return text
    digits = text.replace("_", "") if "__" not in text and not text.endswith("_") else text
    if (found := _INTEGER.fullmatch(digits)) is not None:
        value = _integer(found)
        return value if _INT_MIN <= value <= _INT_MAX else float(digits) if found["dec"] else text
    return float(digits) if _FLOAT.fullmatch(digits) else text


def _integer(found: re.Match[str]) -> int:
    for name, base in _BASES:
        if found[name] is not None:
            return int(found["sign"] + found[name], base)
    raise AssertionError(found)
