"""``localenv router up|down|status|logs``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from localenv.cli.context import Context
from localenv.cli.options import dry_run_option, output_option

if TYPE_CHECKING:
    from localenv.ports.router import RouterStatus

__all__ = ["command"]

_PORT = click.IntRange(1, 65535)


@click.group("router")
def command() -> None:
    """The router that serves every environment's hostnames.

    It starts by itself with the first environment. Ports other than 80 and 443 are remembered.
    """


@command.command("up")
@click.option(
    "--mode", type=click.Choice(["auto", "host", "attached"]), help="How it reaches containers; default: the project's."
)
@click.option("--inside", is_flag=True, help="Let services reach their own environment's public URLs.")
@click.option("--http-port", type=_PORT, help="Port for HTTP, from now on.")
@click.option("--https-port", type=_PORT, help="Port for HTTPS, from now on.")
@dry_run_option
@output_option
@click.pass_obj
def up(context: Context, mode: str | None, http_port: int | None, https_port: int | None, *, inside: bool, dry_run: bool) -> None:
    """Start the router, or make it what is asked."""
    from localenv.wiring import router as wiring

    with wiring.services() as told:
        wanted, inside_wanted = wiring.mode_here(told, context.directory)
        manage = wiring.manage_router(told)
        if dry_run:
            _tell(context, manage.status())
            return
        status = manage.up(mode=mode or wanted, inside=inside or inside_wanted, ports=(http_port, https_port))
    _tell(context, status)


@command.command("down")
@dry_run_option
@output_option
@click.pass_obj
def down(context: Context, *, dry_run: bool) -> None:
    """Stop the router. Environments keep running; their hostnames answer again after the next start."""
    from localenv.wiring import router as wiring

    with wiring.services() as told:
        manage = wiring.manage_router(told)
        before = manage.down(dry_run=dry_run)
        after = manage.status()
    if context.output == "json":
        _tell(context, after)
        return
    count = len(before.environments)
    if dry_run:
        click.echo(f"  the router would go down; {count} environments would lose their hostnames")
        return
    click.echo(f"  the router is down; {count} environments lost their hostnames")
    click.echo("  next: localenv router up")


@command.command("status")
@output_option
@click.pass_obj
def status(context: Context) -> None:
    """Say whether it runs, on which ports, and what it serves."""
    from localenv.wiring import router as wiring

    with wiring.services() as told:
        found = wiring.manage_router(told).status()
    _tell(context, found)


@command.command("logs")
@click.option("--tail", "-n", type=click.IntRange(min=1), default=100, show_default=True, help="How many of the last lines.")
@output_option
@click.pass_obj
def logs(context: Context, tail: int) -> None:
    """Print what it complained about. Requests are not logged."""
    from localenv.cli.render.errors import clean
    from localenv.cli.render.router import logs_document
    from localenv.wiring import router as wiring

    with wiring.services() as told:
        lines = wiring.manage_router(told).logs(tail)
    if context.output == "json":
        click.echo(json.dumps(logs_document(lines), ensure_ascii=False))
        return
    for line in lines:
        click.echo(clean(line))


def _tell(context: Context, status: RouterStatus) -> None:
    from localenv.cli.render import router as render

    if context.output == "json":
        click.echo(json.dumps(render.router_document(status), ensure_ascii=False))
    else:
        render.show_router(status)
