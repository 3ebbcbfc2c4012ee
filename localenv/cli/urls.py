"""``localenv urls``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import environment_argument, output_option

__all__ = ["command"]


@click.command("urls")
@environment_argument
@output_option
@click.pass_obj
def command(context: Context, environment: str) -> None:
    """Show where an environment's services answer."""
    from localenv.core.documents_json import urls_document
    from localenv.wiring import environments as wiring

    with wiring.services() as services:
        found = wiring.environment(services, context.directory, environment)
        exposures = wiring.exposures(services, found)
        if context.output == "json":
            click.echo(json.dumps(urls_document(found, exposures), ensure_ascii=False))
            return
        from localenv.cli.render.exposures import exposures_table
        from localenv.cli.render.tables import show

        show(exposures_table(exposures))
