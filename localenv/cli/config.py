"""``localenv config show|check|schema``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import output_option

__all__ = ["command"]


@click.group("config")
def command() -> None:
    """Show, check and describe the configuration."""


@command.command("show", short_help="Show what counts here, and where it comes from.")
@click.option("--all", "-a", "every", is_flag=True, help="Also the rules of tiers that are as they ship.")
@output_option
@click.pass_obj
def show(context: Context, *, every: bool) -> None:
    """Show what counts in this project, and where each value comes from."""
    from localenv.cli.render import configuration as render
    from localenv.wiring import configuration as wiring

    shown = wiring.show_configuration()(str(context.directory))
    if context.output == "json":
        click.echo(json.dumps(render.document(shown), ensure_ascii=False))
    else:
        render.show_configuration(shown, every=every)


@command.command("check", short_help="Check every file that configures this project.")
@output_option
@click.pass_obj
def check(context: Context) -> None:
    """Check every file that configures this project; needs neither Compose nor an engine."""
    from localenv.cli.render import configuration as render
    from localenv.wiring import configuration as wiring

    checked = wiring.check_configuration()(str(context.directory))
    if context.output == "json":
        click.echo(json.dumps(render.checked_document(checked), ensure_ascii=False))
    else:
        render.show_checked(checked)


@command.command("schema")
@click.option(
    "--of",
    "kind",
    type=click.Choice(["settings", "tier", "data"]),
    default="settings",
    show_default=True,
    help="localenv.yaml, a file of profiles/tiers, or one of profiles/data.",
)
def schema(kind: str) -> None:
    """Print the JSON Schema of localenv.yaml, for editors."""
    from localenv.wiring import configuration as wiring

    click.echo(json.dumps(wiring.configuration_schema()(kind), indent=2, ensure_ascii=False))
