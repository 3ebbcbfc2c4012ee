"""``localenv snapshot create|ls|show|restore|rm``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from localenv.cli.context import Context
from localenv.cli.options import (
    classification_options,
    complete_environments,
    complete_snapshots,
    dry_run_option,
    environment_argument,
    how_option,
    output_option,
)
from localenv.cli.replacing import replace_data, replacing_options

if TYPE_CHECKING:
    from localenv.actions.replace_data import ReplaceRequest
    from localenv.core.names import EnvironmentId
    from localenv.wiring.services import Services

__all__ = ["command"]


@click.group("snapshot")
def command() -> None:
    """Snapshots of whole environments: all volumes, frozen at one instant."""


@command.command("create", short_help="Freeze an environment's data as it is now.")
@environment_argument
@click.option("--name", "-n", metavar="NAME", help="What to call it.")
@how_option
@classification_options
@dry_run_option
@output_option
@click.pass_obj
def create(
    context: Context,
    environment: str,
    name: str | None,
    how: str,
    classification: str | None,
    person: str | None,
    reason: str | None,
    *,
    dry_run: bool,
) -> None:
    """Freeze the data of an environment at one instant, all volumes together, while it runs.

    What it wrote is copied while its containers are paused, or, when that is much, its services are stopped for a
    moment and nothing is copied. A snapshot never changes and costs no space but what differs.
    """
    from localenv.actions.snapshots import TakeRequest
    from localenv.cli.classes import settle_class
    from localenv.cli.render import snapshots as render
    from localenv.cli.render.plans import plan_text, plans_document
    from localenv.cli.render.progress import display
    from localenv.core.names import checked_slug
    from localenv.wiring import snapshots as wiring

    called = checked_slug(name, what="a snapshot") if name else None
    with display(context.output, several=False) as progress, wiring.services(progress) as told:
        (found,) = wiring.existing(told, context.directory, (environment,))
        claimed = settle_class(told, found, classification, person, reason, dry_run=dry_run)
        request = TakeRequest(
            id=found,
            tier=wiring.tier_of(told, found).tier,
            name=called,
            reason=reason or "",
            how=how,  # type: ignore[arg-type] # one of click's choices
            classification=claimed,
        )
        plan = told.snapshots.plan(request) if dry_run else None
        snapshot = None if dry_run else told.snapshots.take(request)
    if plan is not None:
        click.echo(json.dumps(plans_document([plan]), ensure_ascii=False) if context.output == "json" else plan_text([plan]))
    elif snapshot is not None:
        render.tell_taken(snapshot, json_wanted=context.output == "json")


@command.command("ls", short_help="List snapshots.")
@click.option("--all", "-a", "every", is_flag=True, help="Of every project, and those made on the way to a clone.")
@output_option
@click.pass_obj
def listing(context: Context, *, every: bool) -> None:
    """List snapshots with their size, class and origin, and the environments that stand on each."""
    from localenv.cli.render import snapshots as render
    from localenv.wiring import snapshots as wiring

    with wiring.services() as told:
        project = None if every else wiring.project_here(told, context.directory)
        listed = told.snapshots.listed(project)
        if context.output == "json":
            click.echo(json.dumps(render.listed_document(listed), ensure_ascii=False))
        else:
            render.show_listed(listed, told.clock.now(), project, every=every)


@command.command("show", short_help="Show one snapshot in full.")
@click.argument("name", shell_complete=complete_snapshots)
@output_option
@click.pass_obj
def show(context: Context, name: str) -> None:
    """Show one snapshot in full: volumes, layers, images, who stands on it."""
    from localenv.cli.render import snapshots as render
    from localenv.wiring import snapshots as wiring

    with wiring.services() as told:
        snapshot = told.snapshots.named(name, wiring.project_here(told, context.directory))
        clones = told.snapshots.listed().clones.get(snapshot.id, ())
        if context.output == "json":
            click.echo(json.dumps(render.shown_document(snapshot, clones), ensure_ascii=False))
        else:
            render.show_one(snapshot, clones, told.clock.now())


@command.command("restore", short_help="Replace an environment's data by a snapshot's.")
@click.argument("name", required=False, shell_complete=complete_snapshots)
@click.argument("environment", metavar="[ENV]", required=False, shell_complete=complete_environments)
@click.option("--last", is_flag=True, help="What the last restore or reset replaced; the first word is then the environment.")
@replacing_options
@click.pass_obj
def restore(context: Context, /, name: str | None, environment: str | None, *, last: bool, **asked: Any) -> None:
    """Replace the data of an environment by a snapshot's: NAME [ENV], or --last [ENV].

    Containers that know the old data are made anew; names, addresses and ports stay. What is replaced is kept as an
    automatic snapshot: restore --last brings it back.
    """
    from localenv.actions.replace_data import ReplaceRequest
    from localenv.wiring import snapshots as wiring

    if last and environment:
        raise click.UsageError("--last takes an environment only: localenv snapshot restore --last ENV")
    if not last and not name:
        raise click.UsageError("say which snapshot: localenv snapshot restore NAME [ENV], or --last [ENV]")

    def wish(told: Services, found: EnvironmentId) -> tuple[ReplaceRequest, str]:
        snapshot = told.snapshots.last_automatic(found) if last else told.snapshots.named(name or "", found.project)
        tier = wiring.tier_of(told, found).tier
        return ReplaceRequest(id=found, tier=tier, verb="restore", snapshot=snapshot), f"snapshot {snapshot.label}"

    replace_data(context, (name if last else environment) or "development", wish, **asked)


@command.command("rm", short_help="Remove snapshots.")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_snapshots)
@dry_run_option
@output_option
@click.pass_obj
def remove(context: Context, names: tuple[str, ...], *, dry_run: bool) -> None:
    """Remove snapshots. Environments that stand on one keep their data; localenv gc frees what nobody needs then."""
    from localenv.cli.render import snapshots as render
    from localenv.wiring import snapshots as wiring

    with wiring.services() as told:
        project = wiring.project_here(told, context.directory)
        found = [told.snapshots.named(name, project) for name in dict.fromkeys(names)]
        clones = told.snapshots.listed().clones
        if not dry_run:
            told.snapshots.remove(found)
    render.tell_removed(found, clones, json_wanted=context.output == "json", dry_run=dry_run)
