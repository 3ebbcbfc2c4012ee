"""``localenv demo``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import output_option

__all__ = ["command"]


@click.command("demo")
@click.option("--down", is_flag=True, help="Remove all of it.")
@click.option(
    "--tour", is_flag=True, help="Walk through the whole story instead: release, promotion, approval, a bad release, a preview."
)
@output_option
@click.pass_obj
def command(context: Context, *, down: bool, tour: bool) -> int:
    """Bring the demo shop up in all five tiers, with data, and ask each over HTTPS who it is.

    The first time builds images, for a few minutes; after that it takes seconds.
    """
    if tour:
        if down or context.output == "json":
            raise click.UsageError("--tour is for people to watch: leave out the other options")
        from localenv.cli.tour import walk

        return walk()
    from localenv.cli.render import demo as render
    from localenv.cli.render.progress import display
    from localenv.wiring.demo import demo

    with demo() as told:
        with display(context.output, several=True) as progress:
            told.services.show(render.without_notes(progress))
            removed = told.down() if down else None
            result = told.up() if not down else None
        if context.output == "json":
            document = render.removed_document(removed) if removed is not None else render.document(result) if result else {}
            click.echo(json.dumps(document, ensure_ascii=False))
        elif removed is not None:
            render.show_removed(removed)
        elif result is not None:
            render.show_result(result)
    return 0 if result is None or result.well else 1
