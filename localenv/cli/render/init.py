"""``init``: what was inferred from what, and what to do next."""

from __future__ import annotations

from typing import Any

from localenv.actions.init_project import InitResult
from localenv.cli.render.errors import clean

__all__ = ["document", "show_init"]


def document(result: InitResult) -> dict[str, Any]:
    """The object of ``localenv.init/1``."""
    return {
        "schema": "localenv.init/1",
        "file": result.file,
        "written": result.written,
        "inferred": [{"what": each.what, "from": each.source} for each in result.inferred.conclusions],
        "text": result.text,
    }


def show_init(result: InitResult) -> None:
    """Print the conclusions and the next command."""
    from rich.text import Text

    from localenv.cli.render.tables import console, grid, show

    rows = [[_escape(each.what), f"[dim]{_escape(each.source)}[/]"] for each in result.inferred.conclusions]
    console().print(Text(f"  wrote {clean(result.file)}\n"))
    show(grid(["INFERRED", "FROM"], rows))
    console().print(Text("\n  next: localenv up"))


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(clean(text))
