"""``localenv stop``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.lifecycle import carry_out
from localenv.cli.options import dry_run_option, environments_argument, output_option

__all__ = ["command"]


@click.command("stop")
@environments_argument
@dry_run_option
@output_option
@click.pass_obj
def command(context: Context, environments: tuple[str, ...], dry_run: bool) -> None:  # noqa: FBT001 - a flag
    """Stop containers; everything stays, also when the engine is restarted."""
    carry_out(context, "stop", environments, dry_run=dry_run)
