"""``localenv init``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import output_option

__all__ = ["command"]


@click.command("init")
@click.option("--force", is_flag=True, help="Replace a localenv.yaml that is there.")
@click.option("--dry-run", is_flag=True, help="Print the file and write nothing.")
@output_option
@click.pass_obj
def command(context: Context, *, force: bool, dry_run: bool) -> None:
    """Write a commented localenv.yaml from what the Compose file says.

    The file is optional: it is a place for what localenv cannot infer.
    """
    from localenv.cli.render import init as render
    from localenv.wiring import configuration as wiring

    with wiring.init_project() as init:
        result = init(str(context.directory), force=force, dry_run=dry_run)
    if context.output == "json":
        click.echo(json.dumps(render.document(result), ensure_ascii=False))
    elif dry_run:
        click.echo(result.text, nl=False)
    else:
        render.show_init(result)
