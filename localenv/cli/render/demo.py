"""``demo``: five tiers side by side, and what to try next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from localenv.actions.demo import DemoEnvironment, DemoResult, rows_told
from localenv.actions.lifecycle import LifecycleResult
from localenv.cli.render.tables import grid, show
from localenv.cli.render.words import plain, state_mark
from localenv.ports.progress import Event, Message, Progress

__all__ = ["document", "removed_document", "show_removed", "show_result", "without_notes"]


class _WithoutNotes:
    def __init__(self, inner: Progress) -> None:
        self._inner = inner

    def emit(self, event: Event) -> None:
        if not (isinstance(event, Message) and event.stage in {"note", "plan", "resolve"}):
            self._inner.emit(event)


def without_notes(progress: Progress) -> Progress:
    """The same progress with only what happens: five plans and what they changed would hide it."""
    return _WithoutNotes(progress)


def document(result: DemoResult) -> dict[str, Any]:
    """``localenv.demo/1``."""
    return {
        "schema": "localenv.demo/1",
        "directory": result.directory,
        "changed": result.changed,
        "seconds": round(result.seconds, 3),
        "environments": [
            {
                "project": each.id.project,
                "name": each.id.name,
                "tier": each.tier,
                "url": each.url,
                "checked": each.wrong is None,
                "wrong": each.wrong,
                "data_class": each.data_class,
                "data_profile": each.data_profile,
                "counts": dict(each.counts),
            }
            for each in result.environments
        ],
    }


def removed_document(results: Sequence[LifecycleResult]) -> dict[str, Any]:
    """``localenv.demo-down/1``."""
    return {
        "schema": "localenv.demo-down/1",
        "environments": [{"project": each.id.project, "name": each.id.name} for each in results],
    }


def show_result(result: DemoResult) -> None:
    """Print the table and the next commands."""
    done = "are up" if result.changed else "were up already"
    show(f"\n[bold]five tiers of one shop[/] {done}  [dim]{result.seconds:.1f} s[/]\n")
    show(grid(["TIER", "STATE", "DATA", "URL", "ROWS"], [_row(each) for each in result.environments], flexible="ROWS"))
    if not result.well:
        show("\n[red]not every check held[/]: [bold]localenv doctor[/] looks at this machine")
        return
    show("\n[dim]each was asked over HTTPS, by its own name and certificate, and told its own tier[/]\n")
    for line in _next(result):
        show(line)


def show_removed(results: Sequence[LifecycleResult]) -> None:
    """Print what is gone."""
    if not results:
        click.echo("  the demo is not here")
        return
    names = ", ".join(each.id.name for each in results)
    seconds = max(each.seconds for each in results)
    show(f"the demo is gone: {names}  [dim]{seconds:.1f} s[/]")


def _row(each: DemoEnvironment) -> list[str]:
    rows = "  ".join(f"{count:,} {plain(name)}" for name, count in rows_told(each.counts))
    data = f"{plain(each.data_profile)} [dim]{plain(each.data_class)}[/]" if each.data_class else "-"
    state = state_mark("healthy") if each.wrong is None else f"[red]✗ {plain(each.wrong)}[/]"
    return [each.id.name, state, data, f"[bold]{plain(each.url)}[/]", f"[dim]{rows or '-'}[/]"]


def _next(result: DemoResult) -> list[str]:
    directory = plain(result.directory)
    return [
        "[dim]trust its certificates in your browser:[/]  [bold]localenv ca install[/]",
        f"[dim]go there:[/]                                [bold]cd {directory}[/]",
        "[dim]look closer:[/]                             [bold]localenv status production[/]",
        "[dim]what is different?[/]                       [bold]localenv diff staging production[/]",
        "[dim]one more, from the branch at hand:[/]       [bold]localenv up discount-7 --tier preview[/]",
        "[dim]change src/shop/templates/front.html and reload development: it is live there, and only there[/]",
        "[dim]all of it away again:[/]                    [bold]localenv demo --down[/]",
    ]
