"""``localenv repair``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import output_option, yes_option

__all__ = ["command"]


@click.command("repair")
@click.option("--dry-run", is_flag=True, help="Say what would be done and change nothing.")
@yes_option
@output_option
@click.pass_obj
def command(context: Context, *, dry_run: bool) -> int:
    """Rebuild lost state from what runs, and find what was left behind.

    With --yes, networks, files and records that no container and no volume stands behind are removed. Data never is.
    """
    from localenv.cli.render import repair as render
    from localenv.wiring import environments as wiring
    from localenv.wiring.repair import repair

    with wiring.services() as services:
        repaired = repair(services)(remove=context.yes, dry_run=dry_run)
    if context.output == "json":
        click.echo(json.dumps(render.document(repaired, dry_run=dry_run), ensure_ascii=False))
    else:
        render.show_repaired(repaired, dry_run=dry_run)
    return 1 if repaired.problems else 0
