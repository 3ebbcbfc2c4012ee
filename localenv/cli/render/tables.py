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

_PIPE_WIDTH = 200


def console() -> Console:
    """Standard output; in a pipe as wide as a table needs, so that nothing is cut for ``grep``."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH, soft_wrap=False)


def grid(columns: Sequence[str], rows: Sequence[Sequence[str]], *, flexible: str | None = None) -> Table:
    """A table without lines; ``flexible`` is the column that gives way on a narrow terminal."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for name in columns:
        table.add_column(name, no_wrap=True, overflow="ellipsis" if name == flexible else "fold", ratio=None)
    for row in rows:
        table.add_row(*row)
    return table


def show(renderable: object) -> None:
    """Print to standard output, indented as all screens are."""
    from rich.padding import Padding

    screen = console()
    with screen.capture() as capture:
        screen.print(Padding(renderable, (0, 0, 0, 2), expand=False))  # type: ignore[arg-type] # whatever rich renders
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))
