"""Env files as Compose reads them, as far as a check needs: names, plain values, and how large they would grow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from localenv.core.interpolation import EnvValue, Lookup, fill, names_in
from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["EnvFile", "layered", "parse_env_file"]

_LINE: Final = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*(?:(?P<sign>[=:])\s*(?P<value>.*))?")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./@:+,%~=${} -]*")
_PLAIN_QUOTED: Final = re.compile(r"[A-Za-z0-9_./@:+,%~=${}# -]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\xa0\u2028\u2029\ufeff]")
_GOES_ON: Final = re.compile(r"[\"'`\\]")
"""In a value that is not plain these may make it end elsewhere than it seems to: all that follows is uncertain."""
_VALUE_LIMIT: Final = 256 * 1024
_FILE_LIMIT: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """What one env file sets."""

    values: Mapping[str, EnvValue] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    mentioned: frozenset[str] = frozenset()
    """Variables that its values refer to or that it takes over from the caller."""


def layered(*layers: Mapping[str, EnvValue]) -> Lookup:
    """Look a name up in the first layer that has it."""

    def lookup(name: str) -> EnvValue | None:
        for layer in layers:
            if (value := layer.get(name)) is not None:
                return value
        return None

    return lookup


def parse_env_file(data: bytes, file: str, outer: Lookup) -> EnvFile:
    """Read an env file; ``outer`` has what is set around it, which Compose looks up first.

    A value that is quoted over several lines, escaped or otherwise unusual is opaque. What is no assignment is left
    for Compose to complain about. Raises ``InvalidInput`` when references make a value grow past the bounds.
    """
    values: dict[str, EnvValue] = {}
    lines: dict[str, int] = {}
    mentioned: set[str] = set()
    total = 0
    uncertain = False
    for number, written in enumerate(data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n"), start=1):
        line = written.strip(" \t\r")
        uncertain = uncertain or _CONTROL.search(line) is not None
        found = _LINE.fullmatch(line)
        if found is None:
            uncertain = uncertain or (line != "" and not line.startswith("#"))
            continue
        name = found["name"]
        if found["sign"] is None:
            mentioned.add(name)
            continue
        raw, kind = _unquoted(found["value"])
        uncertain = uncertain or kind == "open" or (kind == "odd" and _GOES_ON.search(raw) is not None)
        mentioned.update(names_in(raw) if kind != "literal" else ())
        try:
            value = EnvValue(raw) if kind == "literal" else _expanded(raw, values, outer)
        except OverflowError:
            raise _too_large(file, number) from None
        values[name] = EnvValue(value.text, value.opaque or uncertain or kind == "odd")
        lines[name] = number
        total += len(value.text)
        if total > _FILE_LIMIT:
            raise _too_large(file, number)
    return EnvFile(values=values, lines=lines, mentioned=frozenset(mentioned))


def _unquoted(value: str) -> tuple[str, str]:
    """The value without quotes and comment, and what it is: literal, plain, odd, or open (it goes on in the next line)."""
    if value[:1] in {"'", '"'}:
        quote = value[0]
        inner, end, rest = value[1:].partition(quote)
        if not end:
            return value[1:], "open"
        comment = rest.strip()
        if (comment and not comment.startswith("#")) or not _PLAIN_QUOTED.fullmatch(inner):
            return inner, "odd"
        return inner, "literal" if quote == "'" else "plain"
    inner = re.split(r"\s#", value, maxsplit=1)[0].strip()
    return inner, "plain" if _PLAIN.fullmatch(inner) else "odd"


def _expanded(raw: str, own: Mapping[str, EnvValue], outer: Lookup) -> EnvValue:
    differing = False

    def lookup(name: str) -> EnvValue | None:
        nonlocal differing
        around, before = outer(name), own.get(name)
        differing = differing or (around is not None and before is not None and around.text != before.text)
        return around or before

    filled = fill(raw, lookup, limit=_VALUE_LIMIT)
    return EnvValue(filled.text, filled.opaque or differing)


def _too_large(file: str, line: int) -> InvalidInput:
    return InvalidInput(
        f"{file} expands to more than {_FILE_LIMIT:,} characters through its variables",
        where=f"{file}:{line}",
        code="file-too-large",
    )
