"""``doctor --isolation``: each attempt on a line, in groups."""

from __future__ import annotations

from typing import Any

from localenv.cli.render.tables import grid, show
from localenv.cli.render.words import plain
from localenv.core.isolation import IsolationReport, report_document

__all__ = ["document", "show_report"]

_TITLES = {
    "control": "what must get through, so that the probes are known to work",
    "addresses": "by address",
    "names": "by name",
    "volumes": "volumes",
    "secrets": "secrets",
    "router": "the router's ports, and through the router",
}


def document(report: IsolationReport) -> dict[str, Any]:
    """``localenv.isolation/1``."""
    return report_document(report)


def show_report(report: IsolationReport) -> None:
    """Print every attempt and the verdict."""
    for group, title in _TITLES.items():
        attempts = [attempt for attempt in report.attempts if attempt.group == group]
        if not attempts:
            continue
        show(f"\n[bold]{title}[/]")
        rows = [
            ["[green]✓[/]" if each.holds else "[red]✗[/]", plain(each.tried), f"[dim]{plain(each.seen)}[/]"] for each in attempts
        ]
        show(grid(["", "TRIED", "SEEN"], rows, flexible="TRIED"))
    wrong = sum(not attempt.holds for attempt in report.attempts)
    count = len(report.attempts)
    verdict = (
        f"[green]✓[/] isolated: {count} attempts, none got through that should not"
        if not wrong
        else f"[red]✗[/] {wrong} of {count} attempts ended otherwise than they must"
    )
    show(f"\n{verdict}  [dim](router in {report.mode} mode; both environments are gone)[/]")
