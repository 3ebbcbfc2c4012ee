"""``localenv clone``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import classification_options, complete_environments, how_option, output_option, yes_option

__all__ = ["command"]


@click.command("clone")
@click.argument("environment", metavar="ENV", shell_complete=complete_environments)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--count", type=click.IntRange(1, 100), help="So many clones: NAME-1, NAME-2...")
@click.option("--tier", help="Tier of the clones; default: that of ENV, or what their names say.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds to become healthy.")
@how_option
@classification_options
@yes_option
@output_option
@click.pass_obj
def command(
    context: Context,
    environment: str,
    names: tuple[str, ...],
    count: int | None,
    tier: str | None,
    timeout: float,
    how: str,
    classification: str | None,
    person: str | None,
    reason: str | None,
) -> None:
    """Bring up copies of an environment, with its data as it is now.

    The data is not copied: each clone stands on one snapshot and keeps only what it changes. A clone's class is never
    lower than its origin's, and a tier that does not take it refuses.
    """
    from localenv.actions.clone_environment import CloneRequest, clone_names
    from localenv.cli.classes import settle_class
    from localenv.cli.render import up as render
    from localenv.cli.render.progress import display
    from localenv.wiring import snapshots as wiring

    if count is not None and len(names) > 1:
        raise click.UsageError("--count takes one name: localenv clone ENV NAME --count N")
    chosen = names if len(names) > 1 else clone_names(next(iter(names), None), environment.rpartition("/")[2], count)
    with display(context.output, several=len(chosen) > 1) as progress, wiring.services(progress) as told:
        (found,) = wiring.existing(told, context.directory, (environment,))
        claimed = settle_class(told, found, classification, person, reason, dry_run=False)
        record = told.ledger.record(found)
        cloned = wiring.clone(told)(
            CloneRequest(
                id=found,
                origin_tier=wiring.tier_of(told, found).tier,
                directory=record.directory if record else str(context.directory),
                names=tuple(dict.fromkeys(chosen)),
                tier=tier,
                how=how,  # type: ignore[arg-type] # one of click's choices
                classification=claimed,
                reason=reason or "",
                timeout=timeout,
            )
        )
    if context.output == "json":
        document = render.document(cloned.results, dry_run=False)
        click.echo(json.dumps(document | {"schema": "localenv.clone/1", "snapshot": cloned.snapshot.id}, ensure_ascii=False))
    else:
        click.echo(render.text(cloned.results, dry_run=False))
