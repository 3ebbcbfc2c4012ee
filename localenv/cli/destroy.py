"""``localenv destroy``."""

from __future__ import annotations

from contextlib import ExitStack

import click

from localenv.cli.context import Context
from localenv.cli.options import dry_run_option, environments_argument, output_option, yes_option

__all__ = ["command"]


@click.command("destroy")
@environments_argument
@click.option("--all", "every", is_flag=True, help="Every environment of this project whose tier allows removal in bulk.")
@click.option("--confirm", metavar="NAME", help="The environment's name, where its tier demands it.")
@click.option("--reason", help="Why, for the audit log.")
@dry_run_option
@yes_option
@output_option
@click.pass_obj
def command(
    context: Context,
    environments: tuple[str, ...],
    every: bool,  # noqa: FBT001 - a flag
    confirm: str | None,
    reason: str | None,
    dry_run: bool,  # noqa: FBT001 - a flag
) -> None:
    """Remove environments whole: containers, networks, data, names, certificates.

    Containers are killed at once. Nothing that localenv did not make is touched.
    """
    from localenv.cli.guards import settle
    from localenv.cli.lifecycle import conclude
    from localenv.cli.render.progress import display
    from localenv.core.guards import Answer
    from localenv.wiring import environments as wiring

    if environments and every:
        raise click.UsageError("name environments or say --all, not both")
    with wiring.services() as services:
        found = wiring.to_destroy(services, context.directory, environments or ("development",), every=every)
        kept = wiring.kept_from_bulk(services, context.directory) if every else []
        with ExitStack() as guarded:
            answer = Answer(yes=context.yes, confirm=confirm, reason=reason)
            for environment in () if dry_run else found:
                guarded.enter_context(settle(services, environment, "destroy", answer))
            with display(context.output, several=len(found) > 1) as progress:
                services.show(progress)
                outcome = services.lifecycle("destroy", found, dry_run=dry_run)
    conclude(context, "destroy", outcome, dry_run=dry_run)
    if every and context.output == "text":
        for name in kept:
            click.echo(f"  {name} is kept: its tier is never removed in bulk   localenv destroy {name}")
