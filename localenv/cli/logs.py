"""``localenv logs``."""

from __future__ import annotations

import json
import re
from typing import Any

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_words, output_option

__all__ = ["command"]

_COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "bright_cyan", "bright_yellow", "bright_green", "bright_magenta")


@click.command("logs")
@click.argument("words", metavar="[ENV] [SERVICE]...", nargs=-1, shell_complete=complete_words)
@click.option("--follow", "-f", is_flag=True, help="Go on as lines come.")
@click.option("--tail", "-n", type=click.IntRange(min=0), help="Only the newest N lines of each replica.")
@click.option("--since", metavar="TIME", help="Since a time (RFC 3339) or for a duration (10m).")
@click.option("--until", metavar="TIME", help="Up to a time or a duration ago.")
@click.option("--grep", metavar="PATTERN", help="Only lines that match this regular expression.")
@click.option("--timestamps", "-t", is_flag=True, help="Show when each line was printed.")
@output_option
@click.pass_obj
def command(context: Context, /, words: tuple[str, ...], follow: bool, grep: str | None, timestamps: bool, **which: Any) -> None:  # noqa: FBT001 - click passes what the options name
    """Show what an environment's services print, merged in the order of time."""
    from localenv.actions.logs import LogRequest
    from localenv.wiring import environments as wiring

    pattern = _pattern(grep)
    with wiring.services() as told:
        environment, services = wiring.split_environment(told, context.directory, words)
        containers = wiring.containers(told, environment, services)
        width = max((len(f"{c.service}-{c.number}") for c in containers), default=0)
        colours = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(sorted({c.service for c in containers}))}
        request = LogRequest(follow=follow, **which)
        for line in told.logs(containers, request):
            if pattern and not pattern.search(line.text):
                continue
            if context.output == "json":
                click.echo(json.dumps({"at": line.at, "service": line.service, "number": line.number, "text": line.text}))
                continue
            name = click.style(f"{line.service}-{line.number}".ljust(width), fg=colours[line.service])
            stamp = f"{line.at[:23]}Z " if timestamps else ""
            click.echo(f"{name} | {stamp}{line.text}")


def _pattern(grep: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(grep) if grep else None
    except re.error as error:
        raise click.BadParameter(f"not a regular expression: {error}", param_hint="--grep") from error
