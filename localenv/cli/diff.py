"""``localenv diff``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_environments, output_option

__all__ = ["command"]


@click.command("diff")
@click.argument("left", metavar="ENV|RELEASE", shell_complete=complete_environments)
@click.argument("right", metavar="OTHER", shell_complete=complete_environments)
@output_option
@click.pass_obj
def command(context: Context, left: str, right: str) -> None:
    """Show how two environments differ: images, variables, replicas, limits, data, ports; or two releases.

    Compared is what runs. Values of secrets are never shown, only whether they are the same.
    """
    from localenv.core.diff import diff_document
    from localenv.wiring import environments as wiring
    from localenv.wiring.diff import differences, release_differences

    with wiring.services() as services:
        if (releases := release_differences(services, context.directory, left, right)) is not None:
            from localenv.cli.render.delivery import show_release_difference

            show_release_difference(releases, json_wanted=context.output == "json")
            return
        one, other = (wiring.environment(services, context.directory, name) for name in (left, right))
        found = differences(services, one, other)
    if context.output == "json":
        click.echo(json.dumps(diff_document(found.left, found.right, found.differences), ensure_ascii=False))
        return
    from localenv.cli.render.diff import show_diff

    show_diff(found)
