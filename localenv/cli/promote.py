"""``localenv promote``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_environments, complete_releases, dry_run_option, output_option

__all__ = ["command"]


@click.command("promote")
@click.argument("names", metavar="[SOURCE] TARGET", nargs=-1, required=True, shell_complete=complete_environments)
@click.option("--release", "-r", metavar="RELEASE", shell_complete=complete_releases, help="Another release than SOURCE runs.")
@click.option("--tier", help="Tier of a TARGET that is not named like one.")
@click.option("--as", "person", metavar="NAME", help="Who does it; default: the user of this machine.")
@click.option("--force", is_flag=True, help="Past the chain and closed gates; needs --reason, and is kept in the history.")
@click.option("--reason", default="", metavar="WHY", help="Why, for the history and the audit log.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds to become healthy.")
@dry_run_option
@output_option
@click.pass_obj
def command(
    context: Context,
    names: tuple[str, ...],
    *,
    release: str | None,
    tier: str | None,
    person: str | None,
    force: bool,
    reason: str,
    timeout: float,
    dry_run: bool,
) -> int:
    """Bring a release from one tier to the next: the same images, the target's own configuration and data.

    The tier's gates are asked first. The data is put by, services are replaced as the tier says, and what does not come
    up is rolled back by itself. SOURCE is the tier before TARGET's unless named.
    """
    from localenv.actions.promote import PromoteRequest
    from localenv.cli.render import delivery as render
    from localenv.cli.render.progress import display
    from localenv.wiring import delivery as wiring

    if len(names) > 2:  # noqa: PLR2004 - source and target
        raise click.UsageError("promote takes TARGET, or SOURCE and TARGET")
    if force and not reason.strip():
        raise click.UsageError("--force needs --reason WHY: it is kept in the history")
    with display(context.output, several=False) as progress, wiring.services(progress) as told:
        promoted = wiring.promoted(
            told,
            PromoteRequest(
                directory=str(context.directory),
                target=names[-1],
                source=names[0] if len(names) > 1 else None,
                release=release,
                tier=tier,
                actor=person or told.host.user(),
                force=force,
                reason=reason,
                timeout=timeout,
                dry_run=dry_run,
            ),
        )
    render.tell_promoted(promoted, json_wanted=context.output == "json", dry_run=dry_run)
    return 1 if dry_run and promoted.deployed.up.refusals else 0
