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
_GAP, _INDENT = 3, 2


def show_diff(found: Diffed) -> None:
    """Print the comparison."""
    left, right = _titles(found)
    lines = ways(found.differences)
    if not lines:
        show(f"{left} and {right} do not differ")
        return
    show(f"[bold]{left}[/] and [bold]{right}[/] differ in {'1 way' if len(lines) == 1 else f'{len(lines)} ways'}\n")
    titles = [(cut(", ".join(names) or "environment", _WIDEST), _name(each)) for names, each in lines]
    values = [_focused(each.left, each.right) for _names, each in lines]
    fixed = sum(max(map(len, column)) + _GAP for column in zip(*titles, strict=True))
    rooms = _rooms([[side or "-" for side in row] for row in values], console().width - fixed - _GAP - _INDENT)
    rows, before = [], ""
    for (service, name), (one, other) in zip(titles, values, strict=True):
        rows.append([plain(service) if service != before else "", plain(name), _value(one, rooms[0]), _value(other, rooms[1])])
        before = service
    show(grid(["", "", left.upper(), right.upper()], rows))


def _rooms(values: list[list[str]], both: int) -> tuple[int, int]:
    """Characters for the two sides: half each, or what the other one does not need."""
    widest = [max(map(len, side)) for side in zip(*values, strict=True)]
    half = both // 2
    return max(_NARROWEST, half, both - widest[1]), max(_NARROWEST, half, both - widest[0])


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
            return f"${each.name}"
        case _:
            return each.name


def _value(value: str | None, room: int) -> str:
    return "[dim]-[/]" if value is None else plain(cut(" ".join(value.split()), room))
