"""``tiers``: the rules side by side; on a narrow terminal in blocks of as many tiers as fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localenv.cli.render.errors import clean
from localenv.core.tiers_table import TierCell, TiersTable

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

__all__ = ["document", "show_tiers"]

_NARROWEST = 18
_WIDEST = 30
_MARK = "*"


def document(table: TiersTable) -> dict[str, Any]:
    """The object of ``localenv.tiers/1``."""
    tiers = [
        {
            "name": name,
            "rules": {row.key: row.cells[index].value for row in table.rows},
            "overridden": {row.key: row.cells[index].where for row in table.rows if row.cells[index].overridden},
        }
        for index, name in enumerate(table.tiers)
    ]
    return {"schema": "localenv.tiers/1", "project": table.project, "tiers": tiers}


def show_tiers(table: TiersTable) -> None:
    """Print the table."""
    from localenv.cli.render.tables import console, show

    screen = console()
    titles = max((len(row.title) for row in table.rows), default=0) + 2
    fit = max(1, (min(screen.width, 200) - titles - 2) // (_NARROWEST + 2))
    heading = f"tiers of {table.project}" if table.project else "tiers as they ship: there is no project here"
    screen.print(f"  {heading}\n", markup=False)
    for start in range(0, len(table.tiers), fit):
        columns = range(start, min(start + fit, len(table.tiers)))
        show(_block(table, columns))
        show("")
    if any(cell.overridden for row in table.rows for cell in row.cells):
        screen.print(f"  {_MARK} set by this project: localenv config show tells where", markup=False)


def _block(table: TiersTable, columns: range) -> Table:
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    drawn.add_column("", no_wrap=True, style="dim")
    for index in columns:
        drawn.add_column(Text(table.tiers[index]), min_width=min(_NARROWEST, len(table.tiers[index]) + 1), max_width=_WIDEST)
    for row in table.rows:
        drawn.add_row(Text(row.title), *(_cell(row.cells[index]) for index in columns))
    return drawn


def _cell(cell: TierCell) -> Text:
    from rich.text import Text

    text = clean(cell.text)
    return Text(f"{text} {_MARK}", style="bold") if cell.overridden else Text(text)
