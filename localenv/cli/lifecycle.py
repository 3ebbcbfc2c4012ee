"""What down, stop, start, restart and destroy share: names, a plan, progress, a last line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from localenv.cli.context import Context

if TYPE_CHECKING:
    from localenv.actions.lifecycle import LifecycleResult, Verb

__all__ = ["carry_out", "conclude"]

_PAST = {
    "down": "is down, its data is kept",
    "stop": "is stopped",
    "start": "is up",
    "restart": "is up again",
    "destroy": "is gone",
}
_NEXT = {"down": "up", "stop": "start"}


def carry_out(context: Context, verb: Verb, names: tuple[str, ...], *, dry_run: bool) -> None:
    """Do one verb to one or several environments, side by side."""
    from localenv.cli.render.progress import display
    from localenv.wiring import environments as wiring

    with display(context.output, several=len(names) > 1) as progress, wiring.services(progress) as services:
        found = wiring.existing(services, context.directory, names or ("development",))
        outcome = services.lifecycle(verb, found, dry_run=dry_run)
    conclude(context, verb, outcome, dry_run=dry_run)


def conclude(context: Context, verb: Verb, results: Sequence[LifecycleResult], *, dry_run: bool) -> None:
    """Print what was done, or the plan of it."""
    from localenv.cli.render.plans import plan_text, plans_document

    if dry_run:
        plans = [result.plan for result in results]
        click.echo(json.dumps(plans_document(plans), ensure_ascii=False) if context.output == "json" else plan_text(plans))
        return
    if context.output == "json":
        document = {
            "schema": f"localenv.{verb}/1",
            "environments": [
                {
                    "project": result.id.project,
                    "name": result.id.name,
                    "changed": bool(result.plan.changes),
                    "seconds": round(result.seconds, 3),
                }
                for result in results
            ],
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    for result in results:
        click.echo(f"  {result.id.name} {_PAST[verb]}  {click.style(f'{result.seconds:.1f} s', dim=True)}")
    if len(results) == 1 and (following := _NEXT.get(verb)):
        click.echo(f"  next: localenv {following} {results[0].id.name}")
