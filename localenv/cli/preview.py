"""``localenv preview create|sync|ls|extend|rm|prune``."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from localenv.cli.context import Context
from localenv.cli.options import (
    complete_branches,
    complete_previews,
    complete_profiles,
    complete_snapshots,
    dry_run_option,
    output_option,
    yes_option,
)
from localenv.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["command"]

_FROM_STDIN = "-"


@click.group("preview")
def command() -> None:
    """An environment for each branch, for as long as it lives."""


@command.command("create", short_help="Have a preview of one branch.")
@click.argument("branch", shell_complete=complete_branches)
@click.option("--name", "-n", metavar="NAME", help="What to call it; default: made of the branch's name.")
@click.option("--tier", default="preview", show_default=True, help="Tier whose rules it has.")
@click.option("--data", metavar="PROFILE", shell_complete=complete_profiles, help="Data profile of a new one.")
@click.option("--from", "snapshot", metavar="SNAPSHOT", shell_complete=complete_snapshots, help="Snapshot that it begins as.")
@click.option("--ttl", metavar="DURATION", help="How long it lives (72h, 7d); default: as its tier says.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds to become healthy.")
@dry_run_option
@output_option
@click.pass_obj
def create(
    context: Context,
    branch: str,
    name: str | None,
    tier: str,
    data: str | None,
    snapshot: str | None,
    ttl: str | None,
    timeout: float,
    *,
    dry_run: bool,
) -> None:
    """Bring a branch, a tag or a commit up in an environment of its own, with its own Compose file, build and data.

    A branch that has a preview already is brought to its newest commit. What the branch may do is said by the project's
    own checkout: its grants count, not the branch's.
    """
    from localenv.actions.preview_values import PreviewOptions
    from localenv.cli.render import previews as render
    from localenv.cli.render.progress import display
    from localenv.wiring import previews as wiring

    options = PreviewOptions(
        directory=str(context.directory), tier=tier, data=data, snapshot=snapshot, life=_life(ttl), timeout=timeout
    )
    with display(context.output, several=False) as progress, wiring.services(progress) as told:
        result = wiring.previews(told).create(options, branch, name=name, dry_run=dry_run)
    render.tell_results([result], "create", json_wanted=context.output == "json", dry_run=dry_run)


@command.command("sync", short_help="Make the previews match the branches.")
@click.argument("branches", metavar="[BRANCH]...", nargs=-1, shell_complete=complete_branches)
@click.option("--remote", is_flag=True, help="All branches of origin, as of the last fetch, instead of the local ones.")
@click.option("--tier", default="preview", show_default=True, help="Tier of new ones.")
@click.option("--data", metavar="PROFILE", shell_complete=complete_profiles, help="Data profile of new ones.")
@click.option("--ttl", metavar="DURATION", help="How long they live (72h, 7d); default: as their tier says.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds to become healthy.")
@dry_run_option
@output_option
@click.pass_obj
def sync(
    context: Context,
    branches: tuple[str, ...],
    tier: str,
    data: str | None,
    ttl: str | None,
    timeout: float,
    *,
    remote: bool,
    dry_run: bool,
) -> int:
    """Make the set of previews match the set of branches, in one call: for a git hook, a cron line or a CI job.

    Without BRANCH: all local branches but the main one. With - the names are read from standard input, one a line.
    Missing previews are made, those of moved branches brought to the newest commit, and those removed whose branch is
    merged, gone or not named, or whose time is up. One that fails stops none of the others.
    """
    from localenv.actions.preview_values import PreviewOptions, SyncRequest
    from localenv.cli.render import previews as render
    from localenv.cli.render.progress import display
    from localenv.wiring import previews as wiring

    if branches and remote:
        raise click.UsageError("name branches or say --remote, not both")
    request = SyncRequest(
        options=PreviewOptions(directory=str(context.directory), tier=tier, data=data, life=_life(ttl), timeout=timeout),
        branches=_named(branches),
        remote=remote,
    )
    with display(context.output, several=True) as progress, wiring.services(progress) as told:
        results = wiring.previews(told).sync(request, dry_run=dry_run)
    render.tell_results(results, "sync", json_wanted=context.output == "json", dry_run=dry_run)
    return 1 if any(result.error for result in results) else 0


@command.command("ls", short_help="List previews.")
@output_option
@click.pass_obj
def listing(context: Context) -> None:
    """List the project's previews: branch, commit, state, how long they live, URL."""
    from localenv.cli.render import previews as render
    from localenv.wiring import previews as wiring

    with wiring.services() as told:
        shown = wiring.previews(told).listed(str(context.directory))
        if context.output == "json":
            click.echo(json.dumps(render.listed_document(shown), ensure_ascii=False))
        else:
            render.show_listed(shown, told.clock.now())


@command.command("extend", short_help="Let a preview live longer.")
@click.argument("name", shell_complete=complete_previews)
@click.option("--ttl", metavar="DURATION", help="How long from now (72h, 7d); default: as its tier says.")
@dry_run_option
@output_option
@click.pass_obj
def extend(context: Context, name: str, ttl: str | None, *, dry_run: bool) -> None:
    """Give a preview, by its name or its branch's, more time: so long from now."""
    from localenv.cli.render import previews as render
    from localenv.wiring import previews as wiring

    with wiring.services() as told:
        previews = wiring.previews(told)
        record = previews.named(str(context.directory), name)
        expires = previews.extend(record, _life(ttl), dry_run=dry_run)
    render.tell_extended(record, expires, json_wanted=context.output == "json", dry_run=dry_run)


@command.command("rm", short_help="Remove previews.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=complete_previews)
@dry_run_option
@yes_option
@output_option
@click.pass_obj
def remove(context: Context, names: tuple[str, ...], *, dry_run: bool) -> None:
    """Remove previews whole, by their name or their branch's. The next sync makes them again while the branch is there."""
    from localenv.cli.guards import settle
    from localenv.cli.lifecycle import conclude
    from localenv.cli.render.progress import display
    from localenv.core.guards import Answer
    from localenv.wiring import previews as wiring

    with wiring.services() as told:
        records = [wiring.previews(told).named(str(context.directory), name) for name in names]
        found = list(dict.fromkeys(record.id for record in records))
        with ExitStack() as guarded:
            for one in () if dry_run else found:
                guarded.enter_context(settle(told, one, "destroy", Answer(yes=context.yes)))
            with display(context.output, several=len(found) > 1) as progress:
                told.show(progress)
                outcome = told.lifecycle("destroy", found, dry_run=dry_run)
    conclude(context, "destroy", outcome, dry_run=dry_run)


@command.command("prune", short_help="Remove previews of merged and deleted branches.")
@dry_run_option
@output_option
@click.pass_obj
def prune(context: Context, *, dry_run: bool) -> int:
    """Remove previews whose branch is merged or gone, and those whose time is up. None is made or brought up to date."""
    from localenv.cli.render import previews as render
    from localenv.cli.render.progress import display
    from localenv.wiring import previews as wiring

    with display(context.output, several=True) as progress, wiring.services(progress) as told:
        results = wiring.previews(told).prune(str(context.directory), dry_run=dry_run)
    render.tell_results(results, "prune", json_wanted=context.output == "json", dry_run=dry_run)
    return 1 if any(result.error for result in results) else 0


def _life(text: str | None) -> timedelta | None:
    from localenv.core.configuration.durations import parse_duration

    return parse_duration(text, where="--ttl") if text is not None else None


def _named(branches: tuple[str, ...]) -> tuple[str, ...] | None:
    if branches != (_FROM_STDIN,):
        return branches or None
    lines = os.fsdecode(sys.stdin.buffer.read()).splitlines()
    names = tuple(name for line in lines if (name := line.strip()))
    if not names:
        raise InvalidInput(
            "no branch came on standard input, and nothing is removed for that",
            hints=("localenv preview rm NAME...", "localenv preview prune"),
            code="no-branches",
        )
    return names
