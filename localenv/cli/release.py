"""``localenv release create|ls|show|rm``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_releases, dry_run_option, output_option

__all__ = ["command"]


@click.group("release")
def command() -> None:
    """Releases: image IDs and files as they were, built once and promoted from tier to tier."""


@command.command("create", short_help="Make a release of the working tree, or of a commit.")
@click.argument("commit", metavar="[COMMIT]", required=False)
@click.option("--note", "-m", default="", metavar="TEXT", help="What is in it.")
@click.option("--as", "person", metavar="NAME", help="Who makes it; default: the user of this machine.")
@output_option
@click.pass_obj
def create(context: Context, *, commit: str | None, note: str, person: str | None) -> None:
    """Build each image once, and keep the IDs with the files that the model hangs on.

    Without COMMIT it is made of the working tree as it is, committed or not. COMMIT is a branch, a tag or a commit.

    A release never changes. Where nothing has changed since the newest one, none is made.
    """
    from localenv.cli.render import delivery as render
    from localenv.cli.render.progress import display
    from localenv.wiring import delivery as wiring

    with display(context.output, several=False) as progress, wiring.services(progress) as told:
        made = wiring.create_release(told, context.directory, by=person, note=note, commit=commit)
        target = wiring.first_target(told, context.directory)
    render.tell_made(made, target, json_wanted=context.output == "json")


@command.command("ls", short_help="List the project's releases.")
@output_option
@click.pass_obj
def listed(context: Context) -> None:
    """List the project's releases, newest first, and which environments need them."""
    from localenv.cli.render import delivery as render
    from localenv.wiring import delivery as wiring

    with wiring.services() as told:
        project = wiring.load(told, context.directory).settings.project
        found = told.releases.releases(project)
        damaged = told.releases.damaged(project)
        users = {release.name: wiring.releases(told).users(release) for release in found}
        now = told.clock.now()
    render.show_releases(found, users, damaged, now, json_wanted=context.output == "json")


@command.command("show", short_help="One release in full.")
@click.argument("release", shell_complete=complete_releases)
@output_option
@click.pass_obj
def show(context: Context, release: str) -> None:
    """Show a release: where it came from, its images and its files."""
    from localenv.cli.render import delivery as render
    from localenv.wiring import delivery as wiring

    with wiring.services() as told:
        found = wiring.named(told, context.directory, release)
        users = wiring.releases(told).users(found)
        now = told.clock.now()
    render.show_release(found, users, now, json_wanted=context.output == "json")


@command.command("rm", short_help="Remove releases that no environment needs.")
@click.argument("names", metavar="RELEASE...", nargs=-1, required=True, shell_complete=complete_releases)
@dry_run_option
@output_option
@click.pass_obj
def remove(context: Context, names: tuple[str, ...], *, dry_run: bool) -> None:
    """Remove releases, with the images that only they have.

    When an environment runs one of them or may go back to it, none is removed.
    """
    from localenv.cli.render import delivery as render
    from localenv.wiring import delivery as wiring

    with wiring.services() as told:
        found = [wiring.named(told, context.directory, name) for name in dict.fromkeys(names)]
        wiring.remove_releases(told, found, dry_run=dry_run)
    render.tell_removed([release.name for release in found], json_wanted=context.output == "json", dry_run=dry_run)
