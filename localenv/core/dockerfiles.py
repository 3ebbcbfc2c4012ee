"""Which images a Dockerfile builds on. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["dockerfile_bases", "without_reader"]

_VARIABLE: Final = re.compile(r"\$(?:\{(?P<braced>\w+)(?::-(?P<default>[^}]*))?\}|(?P<plain>\w+))")
_FROM: Final = re.compile(r"FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*$", re.IGNORECASE)
_ARGUMENT: Final = re.compile(r"ARG\s+(?P<name>\w+)(?:=(?P<value>.*))?$", re.IGNORECASE)
_COPY_FROM: Final = re.compile(r"(?:COPY|ADD)\s.*?--from=(?P<image>\S+)", re.IGNORECASE)
_MOUNT_FROM: Final = re.compile(r"--mount=\S*?\bfrom=(?P<image>[^,\s]+)", re.IGNORECASE)
_SYNTAX: Final = re.compile(r"#\s*syntax\s*=\s*(?P<image>\S+)", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class _Stage:
    name: str
    needs: list[str] = field(default_factory=list)
    """What it starts from and copies from: images, or names and numbers of stages."""


def dockerfile_bases(text: str, arguments: Mapping[str, str] | None = None, *, target: str | None = None) -> tuple[str, ...]:
    """Images that a build asks for: those of ``FROM``, ``COPY --from``, mounts and ``# syntax=``, not its own stages.

    Only stages that lead to ``target`` (a name or a number, the last one when None) count: BuildKit builds no others.
    ``arguments`` are build arguments; defaults of global ``ARG`` lines fill in the rest. What stays without a value is
    left out.
    """
    lines = _logical_lines(text)
    syntax = [match["image"]] if lines and (match := _SYNTAX.match(lines[0])) else []
    return tuple(dict.fromkeys([*syntax, *_images_of(_stages(lines, arguments or {}), target)]))


def without_reader(text: str) -> str | None:
    """Return a Dockerfile without its first line when that names a reader (``# syntax=...``), else None."""
    first, _, rest = text.partition("\n")
    return rest if _SYNTAX.match(first.strip().removeprefix("\ufeff")) else None


def _stages(lines: Sequence[str], arguments: Mapping[str, str]) -> Sequence[_Stage]:
    values: dict[str, str] = {}
    stages: list[_Stage] = []
    for line in lines:
        if match := _ARGUMENT.match(line):
            default = (match["value"] or "").strip().strip("\"'")
            values.setdefault(match["name"], arguments.get(match["name"], default))
        elif match := _FROM.match(line):
            stages.append(_Stage(name=(match["stage"] or "").lower(), needs=_filled(match["image"], values)))
        elif stages:
            copied = [_COPY_FROM.match(line)] if not line.upper().startswith("RUN") else list(_MOUNT_FROM.finditer(line))
            stages[-1].needs += [name for found in copied if found for name in _filled(found["image"], values)]
    return stages


def _images_of(stages: Sequence[_Stage], target: str | None) -> Sequence[str]:
    """Images of the stages that lead to the target, in the order of the file; of every stage where it is not known."""
    last = len(stages) - 1
    wanted = {last if target is None else _place(target, stages, len(stages))} if stages else set[int | None]()
    if None in wanted:
        wanted = set(range(len(stages)))
    images: list[tuple[int, str]] = []
    for place in range(last, -1, -1):
        if place not in wanted:
            continue
        for need in stages[place].needs:
            if (other := _place(need, stages, place)) is not None:
                wanted.add(other)
            elif need != "scratch":
                images.append((place, need))
    return [image for _, image in sorted(images, key=lambda found: found[0])]


def _place(name: str, stages: Sequence[_Stage], before: int) -> int | None:
    """Number of the stage that a name means where ``before`` stages are known."""
    if name.isdigit():
        return int(name) if int(name) < before else None
    return next((number for number in range(before - 1, -1, -1) if stages[number].name == name.lower()), None)


def _filled(text: str, values: Mapping[str, str]) -> list[str]:
    filled = [values.get(match["braced"] or match["plain"]) or match["default"] or "" for match in _VARIABLE.finditer(text)]
    pieces = iter(filled)
    return [_VARIABLE.sub(lambda _: next(pieces), text)] if all(filled) else []


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
