"""Which images a Dockerfile builds on. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["dockerfile_bases"]

_VARIABLE: Final = re.compile(r"\$(?:\{(?P<braced>\w+)(?::-(?P<default>[^}]*))?\}|(?P<plain>\w+))")
_FROM: Final = re.compile(r"FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*$", re.IGNORECASE)
_ARGUMENT: Final = re.compile(r"ARG\s+(?P<name>\w+)(?:=(?P<value>.*))?$", re.IGNORECASE)
_COPY_FROM: Final = re.compile(r"(?:COPY|ADD)\s.*?--from=(?P<image>\S+)", re.IGNORECASE)
_SYNTAX: Final = re.compile(r"#\s*syntax\s*=\s*(?P<image>\S+)", re.IGNORECASE)


def dockerfile_bases(text: str, arguments: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Images that a Dockerfile builds on: its ``FROM``, ``COPY --from`` and ``# syntax=`` ones, not its own stages.

    ``arguments`` are build arguments; defaults of global ``ARG`` lines fill in the rest. What stays without a value is
    left out.
    """
    values: dict[str, str] = {}
    stages: set[str] = set()
    found: dict[str, None] = {}
    lines = _logical_lines(text)
    if lines and (match := _SYNTAX.match(lines[0])):
        found[match["image"]] = None
    for line in lines:
        if match := _ARGUMENT.match(line):
            default = (match["value"] or "").strip().strip("\"'")
            values.setdefault(match["name"], (arguments or {}).get(match["name"], default))
        elif match := _FROM.match(line):
            found.update(dict.fromkeys(_real_images(match["image"], values, stages)))
            stages.add((match["stage"] or "").lower())
        elif match := _COPY_FROM.match(line):
            found.update(dict.fromkeys(_real_images(match["image"], values, stages)))
    return tuple(found)


def _real_images(text: str, values: Mapping[str, str], stages: set[str]) -> Sequence[str]:
    filled = [values.get(match["braced"] or match["plain"]) or match["default"] or "" for match in _VARIABLE.finditer(text)]
    pieces = iter(filled)
    image = _VARIABLE.sub(lambda _: next(pieces), text)
    if not all(filled) or image == "scratch" or image.lower() in stages or image.isdigit():
        return ()
    return (image,)


def _logical_lines(text: str) -> list[str]:
    """Lines with continuations joined and comments inside and between them left out, but for a first directive."""
    lines: list[str] = []
    joined = ""
    for number, raw in enumerate(text.splitlines()):
        line = raw.strip()
        if line.startswith("#"):
            if number == 0:
                lines.append(line)
            continue
        joined += line
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        if joined:
            lines.append(joined)
        joined = ""
    return [*lines, joined] if joined else lines
