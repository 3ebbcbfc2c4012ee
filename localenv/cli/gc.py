"""``localenv gc``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.options import dry_run_option, output_option

__all__ = ["command"]


@click.command("gc")
@click.option("--baselines", is_flag=True, help="Also baselines that no environment stands on; the next up makes them anew.")
@dry_run_option
@output_option
@click.pass_obj
def command(context: Context, *, baselines: bool, dry_run: bool) -> int:
    """Free what nothing needs: layers without a snapshot, replaced baselines, what killed commands left.

    An environment of a killed ci is one of these; previews whose time is up are removed too, and old releases that no
    environment runs or would go back to.

    Snapshots that a person made, and layers that an environment stands on, are never touched. The exit code is 1
    where something else holds what was to go: it is named, and all else is freed.
    """
    from localenv.cli.render import snapshots as render
    from localenv.wiring import gc as wiring

    with wiring.services() as told:
        freed = wiring.free(told, every_baseline=baselines, dry_run=dry_run)
    render.tell_freed(freed, json_wanted=context.output == "json", dry_run=dry_run)
    if freed.failures and context.output != "json":
        raise wiring.left_over(freed)
    return 1 if freed.failures else 0
