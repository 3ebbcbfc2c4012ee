"""``localenv open``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.options import environment_argument

__all__ = ["command"]


@click.command("open")
@environment_argument
@click.argument("service", required=False)
@click.pass_obj
def command(context: Context, environment: str, service: str | None) -> None:
    """Open an environment's main URL, or a service's, in a browser."""
    from localenv.errors import NotFound
    from localenv.wiring import environments as wiring

    with wiring.services() as services:
        found = wiring.environment(services, context.directory, environment)
        exposures = [item for item in wiring.exposures(services, found) if item.get("url")]
    wanted = [item for item in exposures if (item["service"] == service if service else item.get("primary"))] or (
        [] if service else exposures
    )
    if not wanted:
        names = ", ".join(str(item["service"]) for item in exposures)
        raise NotFound(
            f"{service or 'nothing'} of {found} answers at a URL",
            details=(f"these do: {names}",) if names else (),
            hints=(f"localenv urls {found.name}",),
            code="no-url",
        )
    url = str(wanted[0]["service_url"] if service else wanted[0]["url"])
    click.echo(url)
    if click.launch(url) != 0:
        click.echo("  no browser could be opened here", err=True)
