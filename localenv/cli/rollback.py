"""``localenv rollback``."""

from __future__ import annotations

from contextlib import nullcontext

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_environments, complete_releases, dry_run_option, output_option, yes_option

__all__ = ["command"]


@click.command("rollback")
@click.argument("environment", metavar="ENV", shell_complete=complete_environments)
@click.option("--to", "release", metavar="RELEASE", shell_complete=complete_releases, help="A release that ran here before.")
@click.option("--with-data", is_flag=True, help="Also the data, as it was when that release was replaced.")
@click.option("--as", "person", metavar="NAME", help="Who does it; default: the user of this machine.")
@click.option("--reason", default="", metavar="WHY", help="Why, for the history and the audit log.")
@click.option("--confirm", metavar="NAME", help="The environment's name, where --with-data and its tier demand it.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds to become healthy.")
@dry_run_option
@yes_option
@output_option
@click.pass_obj
def command(
    context: Context,
    environment: str,
    *,
    release: str | None,
    with_data: bool,
    person: str | None,
    reason: str,
    confirm: str | None,
    timeout: float,
    dry_run: bool,
) -> int:
    """Go back to the release that ran before, as it was promoted: its images, its files, its configuration.

    The data stays as it is unless --with-data is given: then it is what it was when that release was replaced, and what
    is there now is kept as an automatic snapshot.
    """
    from localenv.actions.approvals import RollBackRequest
    from localenv.cli.guards import settle
    from localenv.cli.render import delivery as render
    from localenv.cli.render.progress import display
    from localenv.core.guards import Answer
    from localenv.wiring import delivery as wiring

    with wiring.services() as told:
        (found,) = wiring.existing(told, context.directory, (environment,))
        answer = Answer(yes=context.yes, confirm=confirm, reason=reason or None)
        guarded = settle(told, found, "restore", answer) if with_data and not dry_run else nullcontext()
        with guarded, display(context.output, several=False) as progress:
            told.show(progress)
            name, deployed = wiring.rolled_back(
                told,
                RollBackRequest(
                    directory=str(context.directory),
                    id=found,
                    to=release,
                    with_data=with_data,
                    actor=person or told.host.user(),
                    reason=reason,
                    timeout=timeout,
                    dry_run=dry_run,
                ),
            )
    render.tell_rolled_back(found, name, deployed, json_wanted=context.output == "json", dry_run=dry_run)
    return 1 if dry_run and deployed.up.refusals else 0
