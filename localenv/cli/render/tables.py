"""Tables on a terminal and in a pipe: one look, widths that adapt, colour only where it is seen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["console", "grid", "show"]

_PIPE_WIDTH = 1000
_INDENT = 2
_GAP = 3
_NARROWEST = 8


def console() -> Console:
    """Standard output; in a pipe as wide as a table needs, so that nothing is cut for ``grep``."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH, soft_wrap=False)


def grid(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, flexible: str | None = None, optional: Sequence[str] = ()
) -> Table:
    """A table without lines.

    On a narrow terminal the columns of ``optional`` go, in that order, and then ``flexible`` gives way.
    """
    from rich.table import Table

    widths = _widths(columns, rows)
    giving = columns.index(flexible) if flexible else None
    shown = list(range(len(columns)))
    for leaving in optional:
        if _room(shown, widths) >= 0:
            break
        shown.remove(columns.index(leaving))
    room = _room(shown, widths)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    for place in shown:
        width = max(_NARROWEST, widths[place] + min(room, 0)) if place == giving else None
        table.add_column(columns[place], no_wrap=True, overflow="ellipsis" if place == giving else "fold", max_width=width)
    for row in rows:
        table.add_row(*(row[place] for place in shown))
    return table


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Characters that each column needs, its title included."""
    from rich.text import Text

    cells: list[list[int]] = [[Text.from_markup(cell).cell_len for cell in row] for row in (columns, *rows)]
    return [max(column) for column in zip(*cells, strict=True)]


def _room(shown: Sequence[int], widths: Sequence[int]) -> int:
    """Characters that remain when these columns are shown whole; fewer than none when they do not fit."""
    needed = sum(widths[place] + _GAP for place in shown) - _GAP
    room: int = console().width - _INDENT - needed
    return room


def show(renderable: object) -> None:
    """Print to standard output, indented as all screens are."""
    from rich.padding import Padding

    screen = console()
    with screen.capture() as capture:
        screen.print(Padding(renderable, (0, 0, 0, _INDENT), expand=False))  # type: ignore[arg-type] # whatever rich renders
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))
