"""``localenv watch``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_services, environment_argument

__all__ = ["command"]


@click.command("watch")
@environment_argument
@click.argument("services", nargs=-1, shell_complete=complete_services)
@click.pass_obj
def command(context: Context, environment: str, services: tuple[str, ...]) -> int:
    """Sync source changes into running containers, as docker compose watch does, until Ctrl-C.

    For environments whose tier works on the live source. What to sync stands under develop.watch of the Compose file.
    """
    from localenv.wiring import environments as wiring
    from localenv.wiring.watch import watch

    with wiring.services() as told:
        found = wiring.environment(told, context.directory, environment)
        return watch(told, found, services)
