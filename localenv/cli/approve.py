"""``localenv approve``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_environments, complete_releases, dry_run_option, output_option

__all__ = ["command"]


@click.command("approve")
@click.argument("environment", metavar="ENV", shell_complete=complete_environments)
@click.option("--as", "person", metavar="NAME", required=True, help="Who approves.")
@click.option("--note", "-m", default="", metavar="TEXT", help="What was looked at.")
@click.option("--release", "-r", metavar="RELEASE", shell_complete=complete_releases, help="The release that was looked at.")
@dry_run_option
@output_option
@click.pass_obj
def command(context: Context, environment: str, *, person: str, note: str, release: str | None, dry_run: bool) -> None:
    """Give a named person's word for the release that an environment runs.

    It is bound to that release in that environment, and void as soon as another one is brought there.
    """
    from localenv.cli.render import delivery as render
    from localenv.wiring import delivery as wiring

    with wiring.services() as told:
        (found,) = wiring.existing(told, context.directory, (environment,))
        approval = wiring.approved(told, found, actor=person, note=note, release=release, dry_run=dry_run)
        target = wiring.target_after(told, found)
    render.tell_approved(found, approval, target, json_wanted=context.output == "json", dry_run=dry_run)
