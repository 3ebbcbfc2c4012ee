"""``localenv start``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.lifecycle import carry_out
from localenv.cli.options import dry_run_option, environments_argument, output_option

__all__ = ["command"]


@click.command("start")
@environments_argument
@dry_run_option
@output_option
@click.pass_obj
def command(context: Context, environments: tuple[str, ...], dry_run: bool) -> None:  # noqa: FBT001 - a flag
    """Start stopped environments and wait until they are healthy."""
    carry_out(context, "start", environments, dry_run=dry_run)
