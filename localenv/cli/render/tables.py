"""Tables on a terminal and in a pipe: one look, widths that adapt, colour only where it is seen."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["console", "grid", "show"]

_PIPE_WIDTH = 1000
_INDENT = 2
_GAP = 3
_EMPTY = frozenset({"", "-"})


def console() -> Console:
    """Standard output; in a pipe as wide as a table needs, so that nothing is cut for ``grep``."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH, soft_wrap=False)


def grid(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, flexible: str | None = None, optional: Sequence[str] = ()
) -> Table:
    """A table without lines.

    On a narrow terminal the columns of ``optional`` go, in that order. Where that is not enough nothing is cut:
    ``flexible`` and what else does not fit beside the others stand on lines of their own below each row.
    """
    widths = _widths(columns, rows)
    shown = list(range(len(columns)))
    for leaving in optional:
        if _room(shown, widths) >= 0:
            break
        shown.remove(columns.index(leaving))
    if _room(shown, widths) >= 0:
        return _lines(columns, rows, shown)
    beside: list[int] = []
    for place, name in enumerate(columns):
        if name != flexible and _room([*beside, place], widths) >= 0:
            beside.append(place)
    below = [place for place in range(len(columns)) if place not in beside and columns[place] not in optional]
    return _stacked(columns, rows, {place: widths[place] for place in beside}, below)


def _lines(columns: Sequence[str], rows: Sequence[Sequence[str]], shown: Sequence[int]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    for place in shown:
        table.add_column(columns[place], no_wrap=True)
    for row in rows:
        table.add_row(*(row[place] for place in shown))
    return table


def _stacked(columns: Sequence[str], rows: Sequence[Sequence[str]], beside: Mapping[int, int], below: Sequence[int]) -> Table:
    """Each row as one line of what fits, and a line for each of the rest; those that are empty are left out."""
    from rich.table import Table
    from rich.text import Text

    def line(row: Sequence[str]) -> Text:
        cells = [Text.from_markup(row[place]) for place in beside]
        for cell, width in zip(cells, beside.values(), strict=True):
            cell.pad_right(width - cell.cell_len + _GAP)
        return Text.assemble(*cells)

    table = Table(box=None, pad_edge=False, padding=0, header_style="dim")
    table.add_column(line(columns), overflow="fold")
    for row in rows:
        table.add_row(line(row))
        for place in below:
            if row[place] not in _EMPTY:
                table.add_row(Text.assemble("  ", Text.from_markup(row[place])))
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
