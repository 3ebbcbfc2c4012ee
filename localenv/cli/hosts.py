"""``localenv hosts``."""

from __future__ import annotations

import json
import sys

import click

from localenv.cli.context import Context
from localenv.cli.options import dry_run_option, output_option

__all__ = ["command"]


@click.command("hosts")
@click.option("--write", is_flag=True, help="Keep the lines in the hosts file, between localenv's own markers.")
@dry_run_option
@output_option
@click.pass_obj
def command(context: Context, *, write: bool, dry_run: bool) -> None:
    """Print hosts-file lines for what does not resolve *.localhost by itself.

    curl, Chrome and Firefox need none; Python, Node, Java and Safari do.
    """
    from localenv.cli.render import router as render
    from localenv.wiring import router as wiring

    written = write and not dry_run
    with wiring.services() as told:
        action = wiring.hosts(told, interactive=context.output == "text" and sys.stdin.isatty())
        change = action.write(dry_run=not written)
    if context.output == "json":
        click.echo(json.dumps(render.hosts_document(change, written=written and change.changed), ensure_ascii=False))
    elif write:
        render.show_hosts_change(change, dry_run=dry_run)
    else:
        for line in change.lines:
            click.echo(line)
