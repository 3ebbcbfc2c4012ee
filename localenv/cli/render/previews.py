"""How previews are told: what was done and why, and what there is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from localenv.cli.render.errors import clean, document, text
from localenv.cli.render.words import ago, plain, state_mark

if TYPE_CHECKING:
    from localenv.actions.preview_values import PreviewResult, ShownPreview
    from localenv.errors import LocalenvError
    from localenv.ports.state import EnvironmentRecord

__all__ = ["listed_document", "show_listed", "tell_extended", "tell_results"]

_SHOWN = 12
_PAST = {"create": ("+", "created"), "update": ("~", "updated"), "keep": ("=", "kept"), "skip": ("·", "left out")}
_MARKS = {**_PAST, "remove": ("-", "removed")}


def tell_results(results: Sequence[PreviewResult], verb: str, *, json_wanted: bool, dry_run: bool) -> None:
    """One line for each preview, its notes and errors below, and a last line that counts."""
    if json_wanted:
        click.echo(json.dumps(_results_document(results, verb, dry_run=dry_run), ensure_ascii=False))
        return
    for result in results:
        click.echo(clean(_line(result, dry_run=dry_run)))
        for note in result.notes if result.step.action in {"create", "update"} else ():
            click.echo(click.style(clean(f"      note  {note.message}"), dim=True))
    for result in results:
        for line in _failure(result):
            click.echo(clean(line), err=True)
    if not results:
        click.echo("  no previews to speak of")
    elif len(results) > 1:
        click.echo("\n  next: localenv preview ls")


def tell_extended(record: EnvironmentRecord, expires: str | None, *, json_wanted: bool, dry_run: bool) -> None:
    """The new end."""
    if json_wanted:
        found = {"project": record.id.project, "name": record.id.name, "before": record.expires, "expires": expires}
        click.echo(json.dumps({"schema": "localenv.preview-extend/1", "dry_run": dry_run, **found}, ensure_ascii=False))
    else:
        would = "would live" if dry_run else "lives"
        click.echo(f"  {record.id.name} {would} until {expires or 'it is removed'}")


def listed_document(shown: Sequence[ShownPreview]) -> dict[str, Any]:
    """``localenv.previews/1``."""
    return {
        "schema": "localenv.previews/1",
        "previews": [
            {
                "project": each.record.id.project,
                "name": each.record.id.name,
                "tier": each.record.tier,
                "branch": each.record.branch,
                "commit": each.record.revision,
                "state": each.summary.state if each.summary else "absent",
                "data_class": each.summary.data_class if each.summary else None,
                "created": each.summary.created if each.summary else None,
                "expires": each.record.expires,
                "expired": each.expired,
                "gone": each.gone,
                "url": each.summary.url if each.summary else None,
            }
            for each in shown
        ],
    }


def show_listed(shown: Sequence[ShownPreview], now: datetime) -> None:
    """The table, and what to do about those that nobody needs."""
    from localenv.cli.render.tables import grid, show

    if not shown:
        click.echo("  no previews yet; try: localenv preview create BRANCH")
        return
    rows = [
        [
            each.record.id.name,
            plain(each.record.branch or "-"),
            (each.record.revision or "-")[:_SHOWN],
            state_mark(each.summary.state if each.summary else "absent"),
            _end(each, now),
            (each.summary.url if each.summary else None) or "-",
        ]
        for each in shown
    ]
    show(grid(["PREVIEW", "BRANCH", "COMMIT", "STATE", "LIVES", "URL"], rows, flexible="URL", optional=("COMMIT",)))
    if any(each.expired or each.gone for each in shown):
        click.echo("\n  next: localenv preview prune")


def _end(each: ShownPreview, now: datetime) -> str:
    if each.gone:
        return f"[yellow]{plain(each.gone)}[/]"
    if each.expired:
        return "[yellow]its time is up[/]"
    return f"{ago(each.record.expires, now)} more" if each.record.expires else "until removed"


def _line(result: PreviewResult, *, dry_run: bool) -> str:
    step = result.step
    mark, past = ("!", "failed") if result.error else _MARKS[step.action]
    word = step.action if dry_run and not result.error else past
    at = f" at {step.commit[:_SHOWN]}" if step.commit and step.action in {"create", "update"} else ""
    parts = [f"  {mark} {step.name or step.branch}", f"{word}{at}"]
    if step.name and step.branch != step.name:
        parts.append(f"branch {step.branch}")
    if step.action not in {"keep", "create"} and step.cause != "asked for":
        parts.append(f"({step.cause})")
    if result.url and step.action != "remove" and not result.error:
        parts.append(result.url)
    if result.expires and step.action in {"create", "update"} and not result.error:
        parts.append(f"until {result.expires}")
    if result.seconds:
        parts.append(f"{result.seconds:.1f} s")
    return "  ".join(parts)


def _failure(result: PreviewResult) -> Iterator[str]:
    if result.error is None:
        return
    yield from (f"{result.step.name or result.step.branch}: {text(result.error)}").splitlines()


def _results_document(results: Sequence[PreviewResult], verb: str, *, dry_run: bool) -> dict[str, Any]:
    """``localenv.preview-create/1``, ``-sync/1`` or ``-prune/1``."""
    return {
        "schema": f"localenv.preview-{verb}/1",
        "dry_run": dry_run,
        "previews": [
            {
                "action": result.step.action,
                "project": result.id.project if result.id else None,
                "name": result.step.name or None,
                "branch": result.step.branch or None,
                "commit": result.step.commit,
                "cause": result.step.cause,
                "url": result.url if result.step.action != "remove" else None,
                "expires": result.expires,
                "seconds": round(result.seconds, 4),
                "notes": [{"code": note.code, "service": note.service, "message": note.message} for note in result.notes],
                "error": _error(result.error),
            }
            for result in results
        ],
    }


def _error(error: LocalenvError | None) -> dict[str, Any] | None:
    return document(error) if error is not None else None
