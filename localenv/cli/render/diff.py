"""``diff``: what differs, a line each, grouped by service."""

from __future__ import annotations

from localenv.actions.diff import Diffed
from localenv.cli.render.tables import console, grid, show
from localenv.cli.render.words import cut, plain
from localenv.core.diff import Difference, ways

__all__ = ["show_diff"]

_NARROWEST = 16
_WIDEST = 28
_SHORT = 30
"""Characters up to which a value is shown whole."""
_FIXED = 58
"""Columns that the service, the aspect and the gaps take."""


def show_diff(found: Diffed) -> None:
    """Print the comparison."""
    left, right = _titles(found)
    lines = ways(found.differences)
    if not lines:
        show(f"{left} and {right} do not differ")
        return
    show(f"[bold]{left}[/] and [bold]{right}[/] differ in {'1 way' if len(lines) == 1 else f'{len(lines)} ways'}\n")
    room = max(_NARROWEST, (console().width - _FIXED) // 2)
    rows, before = [], ""
    for services, each in lines:
        service = ", ".join(services) or "environment"
        one, other = _focused(each.left, each.right)
        rows.append(
            [plain(cut(service, _WIDEST)) if service != before else "", _name(each), _value(one, room), _value(other, room)]
        )
        before = service
    show(grid(["", "", left.upper(), right.upper()], rows))


def _focused(left: str | None, right: str | None) -> tuple[str | None, str | None]:
    """Of two long texts the words that differ, with one word on each side."""
    if left is None or right is None or max(len(left), len(right)) <= _SHORT:
        return left, right
    one, other = left.split(" "), right.split(" ")
    head = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest = min(len(one), len(other)) - head
    tail = next((i for i in range(rest) if one[-1 - i] != other[-1 - i]), rest)
    return _around(one, head, tail), _around(other, head, tail)


def _around(words: list[str], head: int, tail: int) -> str:
    start, end = max(head - 1, 0), min(len(words) - tail + 1, len(words))
    return " ".join([*(["…"] if start else []), *words[start:end], *(["…"] if end < len(words) else [])])


def _titles(found: Diffed) -> tuple[str, str]:
    """Names; with the project where that differs."""
    one, other = found.left.id, found.right.id
    if one.project == other.project:
        return one.name, other.name
    return f"{one.project}/{one.name}", f"{other.project}/{other.name}"


def _name(each: Difference) -> str:
    match each.aspect:
        case "service" | "image" | "replicas":
            return each.aspect
        case "data":
            return f"data {each.name}"
        case "limit":
            return f"{each.name} limit"
        case "variable":
            return plain(f"${each.name}")
        case _:
            return plain(each.name)


def _value(value: str | None, room: int) -> str:
    return "[dim]-[/]" if value is None else plain(cut(" ".join(value.split()), room))
