"""``diff``: what differs, a line each, grouped by service."""

from __future__ import annotations

from localenv.actions.diff import Diffed
from localenv.cli.render.tables import console, grid, show
from localenv.cli.render.words import cut, plain
from localenv.core.diff import Difference

__all__ = ["show_diff"]

_NARROWEST = 16
_FIXED = 44
"""Columns that the service, the aspect and the gaps take."""


def show_diff(found: Diffed) -> None:
    """Print the comparison."""
    left, right = _titles(found)
    count = len(found.differences)
    if not count:
        show(f"{left} and {right} do not differ")
        return
    show(f"[bold]{left}[/] and [bold]{right}[/] differ in {'1 way' if count == 1 else f'{count} ways'}\n")
    room = max(_NARROWEST, (console().width - _FIXED) // 2)
    rows, before = [], ""
    for each in found.differences:
        service = each.service or "environment"
        rows.append([service if service != before else "", _name(each), _value(each.left, room), _value(each.right, room)])
        before = service
    show(grid(["", "", left.upper(), right.upper()], rows))


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
