"""``localenv tiers``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import output_option

__all__ = ["command"]


@click.command("tiers")
@output_option
@click.pass_obj
def command(context: Context) -> None:
    """Show the tiers side by side, as they are configured here.

    What this project sets itself is marked with an asterisk.
    """
    from localenv.cli.render import tiers as render
    from localenv.wiring import configuration as wiring

    table = wiring.show_tiers()(str(context.directory))
    if context.output == "json":
        click.echo(json.dumps(render.document(table), ensure_ascii=False))
    else:
        render.show_tiers(table)
