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


def grid(columns: Sequence[str], rows: Sequence[Sequence[str]], *, flexible: str | None = None) -> Table:
    """A table without lines; ``flexible`` is the column that gives way on a narrow terminal."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    room = _room(columns, rows, flexible)
    for name in columns:
        gives = name == flexible
        table.add_column(name, no_wrap=True, overflow="ellipsis" if gives else "fold", max_width=room if gives else None)
    for row in rows:
        table.add_row(*row)
    return table


def _room(columns: Sequence[str], rows: Sequence[Sequence[str]], flexible: str | None) -> int | None:
    """Characters that the others leave to the flexible column: rich would take from all of them."""
    if flexible is None:
        return None
    from rich.text import Text

    index = columns.index(flexible)
    cells: list[list[int]] = [[Text.from_markup(cell).cell_len for cell in row] for row in (columns, *rows)]
    widest = [max(widths) for widths in zip(*cells, strict=True)]
    others = sum(width + _GAP for place, width in enumerate(widest) if place != index)
    room: int = console().width - _INDENT - others
    return max(_NARROWEST, room)


def show(renderable: object) -> None:
    """Print to standard output, indented as all screens are."""
    from rich.padding import Padding

    screen = console()
    with screen.capture() as capture:
        screen.print(Padding(renderable, (0, 0, 0, _INDENT), expand=False))  # type: ignore[arg-type] # whatever rich renders
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))
