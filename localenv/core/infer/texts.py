"""Formats for text and bytes: by what limits say first, by the column's name next, within its length always."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from localenv.core.infer.guesses import Format
from localenv.core.infer.limits import Limits
from localenv.core.infer.words import text_by_name, words_of
from localenv.core.schema.model import Column, Table

__all__ = ["bytes_format", "longest_of", "text_format"]

_UNIQUE_ROOM: Final = 8
"""Characters that numbers of unique values may need beside a word."""
_WORD_LENGTH: Final = 20
_SENTENCE_LENGTH: Final = 120
_TOKEN_LENGTH: Final = 32
_BYTES: Final = 16
_SAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("ann.lee@example.test", "joe.miller2@example.test"),
    "url": ("https://word.example.test/a", "https://other.example.test/"),
    "slug": ("some-word", "a-2"),
    "host": ("some-word01.example.test", "a-b99.example.test"),
    "color": ("#a0b1c2", "#00ff99"),
    "country_code": ("DE", "FR"),
    "currency": ("EUR", "USD"),
    "ipv4": ("198.18.0.7", "198.19.255.254"),
    "uuid": ("6f1c2d3e-0a1b-4c2d-8e3f-001122334455", "abcdef01-2345-4678-9abc-def012345678"),
}
_DIGESTS: Final = {"md5": 32, "sha1": 40, "sha": 40, "sha256": 64, "sha512": 128, "fingerprint": 40}
_SECRET: Final = re.compile(
    r"(encrypted |crypted |hashed )?(password|passwd|pass|pwd)( hash| digest| salt)?|salt|(secret|private)( key)?"
)
_TOKEN: Final = re.compile(
    r"(.* )?(token|secret|hash|digest|checksum|md5|sha ?\d*|fingerprint|etag|nonce|signature|salt|key)( (id|hash|digest))?"
)
_UUID: Final = re.compile(r"(.* )?(uuid|guid|uid)")
_POSTAL: Final = frozenset({"city", "zip", "zipcode", "postcode", "postal", "street", "country", "address"})
_UUID_LENGTH: Final = 36
_OPTIONAL: Final = re.compile(r"(?<![\\(*+?}])\?")
"""What may be missing must be there where a short text would be filled up with blanks."""
_SPECIAL: Final = re.compile(r"([\\.^$*+?{}\[\]()|])")
_NAMED_CLASSES: Final = {
    "[:alpha:]": "A-Za-z", "[:digit:]": "0-9", "[:alnum:]": "A-Za-z0-9", "[:lower:]": "a-z", "[:upper:]": "A-Z",
    "[:xdigit:]": "0-9a-f", "[:space:]": " ", "[:word:]": "A-Za-z0-9_",
}  # fmt: skip


def text_format(column: Column, table: Table, limits: Limits, *, unique: bool, prefix: int | None) -> tuple[Format, str]:
    """A format for a text column, and why where a person may know better. ``prefix``: a unique index reads so much."""
    longest = longest_of(column, limits)
    room = min(longest, prefix) if unique and prefix else longest
    if limits.patterns or limits.likes:
        by_name = _by_name(column, table, limits, room, unique=unique)
        if by_name is not None and _keeps_to(by_name[0], limits):
            return by_name
        return _by_pattern(column, limits), f"made to satisfy {', '.join(limits.because)}"
    if limits.shortest > 1 and limits.shortest == limits.longest:
        return {"pattern": _letters(limits, limits.shortest)}, ""
    if (found := _by_name(column, table, limits, room, unique=unique)) is not None:
        return found
    return _any_text(limits, room, unique=unique, whole=not (unique and prefix)), ""


def _any_text(limits: Limits, room: int, *, unique: bool, whole: bool) -> Format:
    """Text that nothing more is known of. ``whole``: uniqueness is not decided by its beginning alone."""
    if limits.case == "upper" or limits.shortest > _WORD_LENGTH:
        return {"pattern": _letters(limits, max(limits.shortest, min(8, room)))}
    if room < _WORD_LENGTH or not whole:
        return {"pattern": _letters(limits, max(1, min(room, 8 if unique else 4)))}
    if unique:
        return "slug"
    return "sentence" if room >= _SENTENCE_LENGTH and not limits.case else "word"


def longest_of(column: Column, limits: Limits) -> int:
    """Characters that fit."""
    found = [each for each in (column.length, limits.longest) if each is not None]
    return min(found, default=1 << 30)


def bytes_format(column: Column, limits: Limits) -> tuple[Format, str]:
    """A format for a binary column."""
    longest = min(longest_of(column, limits), max(limits.shortest, _BYTES))
    return {"bytes": {"length": longest}}, ""


def _by_name(column: Column, table: Table, limits: Limits, room: int, *, unique: bool) -> tuple[Format, str] | None:
    words = words_of(column.name)
    phrase = " ".join(words)
    needed = room - (_UNIQUE_ROOM if unique else 0)
    if _UUID.fullmatch(phrase) and room >= _UUID_LENGTH:
        return "uuid", ""
    if _SECRET.fullmatch(phrase) and not limits.case:
        return {"pattern": f"[a-zA-Z0-9]{{{min(room, _TOKEN_LENGTH)}}}"}, "nobody can log in with it"
    if _TOKEN.fullmatch(phrase) and room >= _WORD_LENGTH and phrase != "key":
        length = next((length for word, length in _DIGESTS.items() if word in words or word in phrase), _TOKEN_LENGTH)
        return {"pattern": f"[0-9a-f]{{{min(length, room)}}}"}, ""
    if words and words[-1] == "version" and room >= _WORD_LENGTH:
        return {"pattern": "[1-9]\\.[0-9]{1,2}\\.[0-9]{1,2}"}, ""
    guess = text_by_name(column.name, table.name.name, postal=_is_postal(table))
    if guess is None or guess.longest > needed or limits.shortest > _WORD_LENGTH:
        return None
    if limits.case == "upper" or (
        limits.case == "lower" and guess.generator not in {"slug", "email", "word", "host", "user_name"}
    ):
        return None
    return guess.generator, ""


def _is_postal(table: Table) -> bool:
    return any(_POSTAL & set(words_of(column.name)) for column in table.columns)


def _letters(limits: Limits, count: int) -> str:
    return ("[A-Z]" if limits.case == "upper" else "[a-z]") + f"{{{count}}}"


def _keeps_to(found: Format, limits: Limits) -> bool:
    """Whether what a generator makes matches all patterns, going by what its values look like."""
    samples = _SAMPLES.get(found, ()) if isinstance(found, str) else ()
    wanted = [*limits.patterns, *(re.escape(like).replace("%", ".*").replace("_", ".") for like in limits.likes)]
    try:
        return bool(samples) and all(re.search(pattern, sample) for pattern in wanted for sample in samples)
    except re.error:
        return False


def _by_pattern(column: Column, limits: Limits) -> Format:
    if limits.patterns:
        text = _plain(limits.patterns[-1], limits)
        padded = column.type.startswith(("character(", "char("))
        return {"pattern": _OPTIONAL.sub("", text) if padded else text}
    return {"pattern": _like(limits.likes[-1], limits)}


def _plain(pattern: str, limits: Limits) -> str:
    """A regular expression in the words of the format's own: named classes, flags and open ends written out."""
    text = pattern.removeprefix("(?i)")
    for named, plain in _NAMED_CLASSES.items():
        text = text.replace(named, plain)
    text = text.replace("\\A", "^").replace("\\Z", "$").replace("\\z", "$").replace("(?:", "(")
    begins, ends = text.startswith("^"), text.endswith("$") and not text.endswith("\\$")
    inner = text.removeprefix("^").removesuffix("$" if ends else "")
    short = limits.shortest if limits.shortest and not (begins and ends) else 0
    return inner + (f"[a-z]{{{short}}}" if short else "")


def _like(pattern: str, limits: Limits) -> str:
    made, fill = "", max(limits.shortest - len(pattern), 6 if "%" in pattern else 0)
    for place, char in enumerate(pattern):
        if char == "%":
            made += f"[a-z0-9]{{{fill}}}" if fill and (place or len(pattern) == 1) else ""
            fill = 0 if place else fill
        elif char == "_":
            made += "[a-z0-9]"
        elif char != "\\":
            made += _SPECIAL.sub(r"\\\1", char)
    return made
