"""``localenv up``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import (
    complete_branches,
    complete_profiles,
    complete_releases,
    complete_snapshots,
    dry_run_option,
    environments_argument,
    output_option,
    scale_option,
    yes_option,
)

__all__ = ["command"]


@click.command("up")
@environments_argument
@click.option("--tier", help="Tier of environments that are neither named like one nor in localenv.yaml.")
@click.option("--data", metavar="PROFILE", shell_complete=complete_profiles, help="Data profile for what is new.")
@scale_option
@click.option(
    "--from",
    "snapshot",
    metavar="SNAPSHOT",
    shell_complete=complete_snapshots,
    help="Snapshot that new data begins as.",
)
@click.option(
    "--merge",
    multiple=True,
    metavar="BRANCH",
    shell_complete=complete_branches,
    help="Run a merge of the main branch and this one, in a worktree of its own; may be repeated.",
)
@click.option("--build", is_flag=True, help="Build images again, also when their sources are the same.")
@click.option("--from-worktree", is_flag=True, help="In a tier that runs releases: the working tree, marked as such.")
@click.option(
    "--release", metavar="RELEASE", shell_complete=complete_releases, help="Run a release, in a tier that takes any code."
)
@click.option("--no-wait", is_flag=True, help="Return as soon as the containers run.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds to become healthy.")
@dry_run_option
@yes_option
@output_option
@click.pass_obj
def command(
    context: Context,
    environments: tuple[str, ...],
    tier: str | None,
    data: str | None,
    scale: float | None,
    snapshot: str | None,
    merge: tuple[str, ...],
    build: bool,  # noqa: FBT001 - a flag
    from_worktree: bool,  # noqa: FBT001 - a flag
    release: str | None,
    no_wait: bool,  # noqa: FBT001 - a flag
    timeout: float,
    dry_run: bool,  # noqa: FBT001 - a flag
) -> int:
    """Bring environments up, or make them what the files say now.

    What runs and is unchanged stays as it is; a second up changes nothing.
    """
    from localenv.actions.up_request import UpRequest
    from localenv.cli.render import up as render
    from localenv.cli.render.progress import display
    from localenv.wiring import environments as wiring
    from localenv.wiring.merged_up import merged_up

    names = tuple(dict.fromkeys(environments)) or ("development",)
    request = UpRequest(
        directory=str(context.directory),
        names=names,
        tier=tier,
        data=data,
        scale=scale,
        snapshot=snapshot,
        build=build,
        worktree=from_worktree,
        release=release,
        wait=not no_wait,
        timeout=timeout,
        dry_run=dry_run,
    )
    with display(context.output, several=len(names) > 1) as progress, wiring.services(progress) as services:
        outcome = merged_up(services)(request, merge)
        changed = [] if context.output == "json" or dry_run else [result.id for result in outcome if result.plan.changes]
        told = {}
        if changed:
            from localenv.wiring.diff import drifts

            told = drifts(services, changed)
    if context.output == "json":
        click.echo(json.dumps(render.document(outcome, dry_run=dry_run), ensure_ascii=False))
    else:
        click.echo(render.text(outcome, dry_run=dry_run, drifts=told))
    return 1 if dry_run and any(result.refusals for result in outcome) else 0
