"""``images``: what is there, what was built, what works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from localenv.actions.image_checks import ImageCheck, ImageRow
from localenv.cli.render.tables import grid, show
from localenv.cli.render.words import plain
from localenv.core.images import ImageOrigin

__all__ = ["built_document", "checks_document", "rows_document", "show_built", "show_checks", "show_rows"]

_STATES = {
    "present": "[green]●[/] present",
    "stand-in": "[green]◍[/] stand-in",
    "outdated": "[yellow]◒[/] outdated",
    "absent": "[dim]·[/] absent",
    "works": "[green]✓[/] works",
    "fails": "[red]✗[/] fails",
}


def rows_document(rows: Sequence[ImageRow]) -> dict[str, Any]:
    """``localenv.images/1``."""
    return {
        "schema": "localenv.images/1",
        "images": [
            {"reference": row.reference, "state": row.state, "recipe": row.recipe, "gives": row.gives, "id": row.id}
            for row in rows
        ],
    }


def show_rows(rows: Sequence[ImageRow]) -> None:
    """Print the table, and what to do about what is missing."""
    if not rows:
        click.echo("  no images")
        return
    table = [[plain(row.reference), _STATES[row.state], plain(row.recipe or "-"), plain(row.gives or "-")] for row in rows]
    show(grid(["IMAGE", "STATE", "RECIPE", "HOLDS"], table, flexible="HOLDS"))
    if any(row.state == "stand-in" for row in rows):
        show("\n[dim]stand-in: made here from Debian's packages, because no registry answered[/]")
    if outdated := [row.recipe for row in rows if row.state == "outdated" and row.recipe]:
        show(f"\noutdated: [bold]localenv images build {' '.join(dict.fromkeys(outdated))}[/]")


def built_document(origins: Sequence[ImageOrigin]) -> dict[str, Any]:
    """``localenv.images-build/1``."""
    return {
        "schema": "localenv.images-build/1",
        "images": [
            {
                "reference": origin.reference,
                "recipe": origin.recipe,
                "source": origin.source,
                "detail": origin.detail,
                "seconds": round(origin.seconds, 3),
            }
            for origin in origins
        ],
    }


def show_built(origins: Sequence[ImageOrigin]) -> None:
    """Print a line for each."""
    rows = [[plain(origin.reference), plain(origin.detail), f"[dim]{origin.seconds:.1f} s[/]"] for origin in origins]
    show(grid(["IMAGE", "", ""], rows))
    show("\nnext: [bold]localenv images check[/]")


def checks_document(checks: Sequence[ImageCheck]) -> dict[str, Any]:
    """``localenv.images-check/1``."""
    return {
        "schema": "localenv.images-check/1",
        "images": [
            {"recipe": each.recipe, "reference": each.reference, "state": each.state, "detail": each.detail} for each in checks
        ],
    }


def show_checks(checks: Sequence[ImageCheck]) -> None:
    """Print a line for each; one that is not there is no failure."""
    rows = [[plain(each.reference), _STATES[each.state], plain(_detail(each))] for each in checks]
    show(grid(["IMAGE", "STATE", ""], rows))


def _detail(check: ImageCheck) -> str:
    return f"make it: {check.detail}" if check.state in {"absent", "outdated"} else check.detail
