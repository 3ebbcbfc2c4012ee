"""``localenv status``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import environment_argument, output_option

__all__ = ["command"]


@click.command("status")
@environment_argument
@output_option
@click.pass_obj
def command(context: Context, environment: str) -> None:
    """Show one environment in full: services, names, volumes, events."""
    from localenv.cli.render.status import StatusFacts, show_status, status_document
    from localenv.wiring import environments as wiring
    from localenv.wiring.status import status_notes

    with wiring.services() as services:
        found = wiring.environment(services, context.directory, environment)
        summary = services.environments.one(found)
        observed = services.environments.observed(found)
        facts = StatusFacts(
            summary=summary,
            usage=services.environments.usage(observed.containers),
            exposures=wiring.exposures(services, found),
            volumes=observed.volumes,
            data=services.volumes.data(observed),
            audit=services.ledger.audit_entries(found.compose_project, limit=5),
            notes=status_notes(services, summary),
            rendered=wiring.rendered_path(services, found),
        )
        if context.output == "json":
            click.echo(json.dumps(status_document(facts), ensure_ascii=False))
        else:
            show_status(facts, services.clock.now())
