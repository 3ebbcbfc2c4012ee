"""``localenv images ls|build|check``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import output_option

__all__ = ["command"]


@click.group("images")
def command() -> None:
    """Images and where they come from.

    What is not in the engine is pulled. Where no registry answers, recipes make stand-ins from Debian's packages;
    they need mmdebstrap, which scripts/bootstrap --recipes installs.
    """


@command.command("ls", short_help="List images and where they come from.")
@click.option("--all", "-a", "every", is_flag=True, help="Also every recipe that this project does not use.")
@output_option
@click.pass_obj
def listing(context: Context, *, every: bool) -> None:
    """List the images that this project uses, or all recipes where there is no project."""
    from localenv.cli.render import images as render
    from localenv.wiring import images as wiring

    with wiring.images() as told:
        rows = told.rows(context.directory, every=every)
    if context.output == "json":
        click.echo(json.dumps(render.rows_document(rows), ensure_ascii=False))
    else:
        render.show_rows(rows)


@command.command("build", short_help="Build stand-ins from their recipes.")
@click.argument("recipes", nargs=-1)
@click.option("--refresh", is_flag=True, help="Build anew, with the newest packages.")
@output_option
@click.pass_obj
def build(context: Context, recipes: tuple[str, ...], *, refresh: bool) -> None:
    """Build stand-ins from their recipes: the named ones, or all."""
    from localenv.cli.render import images as render
    from localenv.cli.render.progress import display
    from localenv.wiring import images as wiring

    with wiring.images() as told, display(context.output) as progress:
        origins = told.actions.build(recipes, progress, refresh=refresh)
    if context.output == "json":
        click.echo(json.dumps(render.built_document(origins), ensure_ascii=False))
    else:
        render.show_built(origins)


@command.command("check", short_help="Run each stand-in's own check.")
@click.argument("recipes", nargs=-1)
@output_option
@click.pass_obj
def check(context: Context, recipes: tuple[str, ...]) -> int:
    """Run each stand-in's own check in a container without network; exit 1 when one fails."""
    from localenv.cli.render import images as render
    from localenv.wiring import images as wiring

    with wiring.images() as told:
        checks = told.actions.check(recipes)
    if context.output == "json":
        click.echo(json.dumps(render.checks_document(checks), ensure_ascii=False))
    else:
        render.show_checks(checks)
    return 1 if any(each.state == "fails" for each in checks) else 0
