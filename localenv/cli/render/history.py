"""History and audit log as screens and as JSON documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from localenv.cli.render.tables import grid, show
from localenv.cli.render.words import ago, plain
from localenv.core.releases.deployments import Approval, Deployment
from localenv.ports.state import AuditEntry

__all__ = ["approval_document", "deployment_document", "show_audit", "show_history"]

_OUTCOMES = {"done": ("✓", "green"), "running": ("◐", "yellow"), "failed": ("✗", "red"), "rolled back": ("↩", "yellow")}


def show_history(deployments: Sequence[Deployment], approvals: Sequence[Approval], now: datetime, *, json_wanted: bool) -> None:
    """``localenv.history/1``, or what happened, newest first."""
    if json_wanted:
        _print(
            {
                "schema": "localenv.history/1",
                "deployments": [deployment_document(each) for each in deployments],
                "approvals": [approval_document(each) for each in approvals],
            }
        )
        return
    if not deployments and not approvals:
        show("nothing was promoted yet\n")
        show("begin with:  [bold]localenv release create[/]   [bold]localenv promote staging[/]")
        return
    lines = [(each.began, _deployment_row(each, now)) for each in deployments]
    lines += [(each.at, _approval_row(each, now)) for each in approvals]
    rows = [row for _at, row in sorted(lines, key=lambda line: line[0], reverse=True)]
    show(grid(["", "WHEN", "ENVIRONMENT", "RELEASE", "WHAT", "BY", "WHY"], rows, optional=("BY",), flexible="WHY"))


def show_audit(entries: Sequence[AuditEntry], broken: int | None, now: datetime, *, json_wanted: bool) -> None:
    """``localenv.audit/1``, or the audit log, newest first."""
    if json_wanted:
        _print(
            {
                "schema": "localenv.audit/1",
                "broken_at": broken,
                "entries": [
                    {
                        "number": each.number,
                        "at": each.at,
                        "actor": each.actor,
                        "command": each.command,
                        "environment": each.environment,
                        "reason": each.reason,
                        "outcome": each.outcome,
                        "hash": each.hash,
                    }
                    for each in entries
                ],
            }
        )
        return
    if broken is not None:
        show(f"[red]✗[/] line {broken} was changed or is missing: the log cannot be trusted from there on\n")
    rows = [
        [
            str(each.number),
            ago(each.at, now),
            plain(each.environment),
            plain(each.command),
            plain(each.actor),
            each.outcome,
            plain(each.reason),
        ]
        for each in entries
    ]
    show(grid(["", "WHEN", "ENVIRONMENT", "COMMAND", "BY", "ENDED", "WHY"], rows, optional=("ENDED",), flexible="WHY"))


def deployment_document(each: Deployment) -> dict[str, Any]:
    """One deployment."""
    return {
        "number": each.number,
        "environment": each.id.name,
        "release": each.release,
        "before": each.before,
        "kind": each.kind,
        "source": each.source,
        "actor": each.actor,
        "reason": each.reason,
        "forced": each.forced,
        "snapshot": each.snapshot,
        "began": each.began,
        "ended": each.ended,
        "outcome": each.outcome,
    }


def approval_document(each: Approval) -> dict[str, Any]:
    """One approval."""
    return {
        "environment": each.id.name,
        "release": each.release,
        "deployment": each.deployment,
        "actor": each.actor,
        "note": each.note,
        "at": each.at,
    }


def _deployment_row(each: Deployment, now: datetime) -> list[str]:
    mark, style = _OUTCOMES[each.outcome]
    origin = f" from {each.source}" if each.source else ""
    what = f"{each.kind}{origin}: {each.outcome}" + (" [yellow](forced)[/]" if each.forced else "")
    return [
        f"[{style}]{mark}[/]",
        ago(each.began, now),
        each.id.name,
        each.release,
        what,
        plain(each.actor),
        plain(each.reason) or "-",
    ]


def _approval_row(each: Approval, now: datetime) -> list[str]:
    return ["[green]✓[/]", ago(each.at, now), each.id.name, each.release, "approved", plain(each.actor), plain(each.note) or "-"]


def _print(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))
