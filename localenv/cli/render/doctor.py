"""``doctor``: a line for each finding as soon as it is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localenv.actions.doctor import Finding
from localenv.cli.render.tables import console
from localenv.cli.render.words import plain

__all__ = ["document", "show_finding", "show_total"]

_MARKS = {"ok": "[green]✓[/]", "look": "[yellow]![/]", "mend": "[red]✗[/]"}
_SUBJECT = 10


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """``localenv.doctor/1``."""
    return {
        "schema": "localenv.doctor/1",
        "findings": [{"subject": each.subject, "state": each.state, "message": each.text, "fix": each.fix} for each in findings],
        "to_look_at": sum(each.state == "look" for each in findings),
        "to_mend": sum(each.state == "mend" for each in findings),
    }


def show_finding(finding: Finding) -> None:
    """Print one; what mends it stands under it."""
    from rich.padding import Padding

    screen = console()
    screen.print(
        Padding(f"{_MARKS[finding.state]} {finding.subject:<{_SUBJECT}} {plain(finding.text)}", (0, 0, 0, 2), expand=False)
    )
    if finding.fix:
        screen.print(Padding(f"[dim]fix:[/] [bold]{plain(finding.fix)}[/]", (0, 0, 0, _SUBJECT + 5), expand=False))


def show_total(findings: Sequence[Finding]) -> None:
    """Print how much there is to do."""
    look, mend = (sum(each.state == state for each in findings) for state in ("look", "mend"))
    parts = [f"{count} to {what}" for count, what in ((look, "look at"), (mend, "mend")) if count]
    console().print(f"\n  {', '.join(parts) or 'all is well'}")
