"""``localenv ca path|install``."""

from __future__ import annotations

import json
import sys

import click

from localenv.cli.context import Context
from localenv.cli.options import dry_run_option, output_option

__all__ = ["command"]


@click.group("ca")
def command() -> None:
    """The certificate authority of this machine.

    It can sign nothing but names under the project's domain. Its key stays in the state directory.
    """


@command.command("path", short_help="Print where its certificate is.")
@click.option("--domain", help="Domain whose authority is meant; default: the project's, else localhost.")
@output_option
@click.pass_obj
def path(context: Context, domain: str | None) -> None:
    """Print where the authority's certificate is, for programs that want it by file."""
    from localenv.cli.render.router import authority_document
    from localenv.wiring import router as wiring

    with wiring.services() as told:
        wanted = domain or wiring.domain_here(told, context.directory)
        found = wiring.authority(told, interactive=False).authority(wanted)
    click.echo(json.dumps(authority_document(found), ensure_ascii=False) if context.output == "json" else found.path)


@command.command("install", short_help="Make browsers and the system trust it.")
@click.option("--domain", help="Domain whose authority is to be trusted too; default: the project's, else localhost.")
@dry_run_option
@output_option
@click.pass_obj
def install(context: Context, domain: str | None, *, dry_run: bool) -> int:
    """Make browsers and the system trust the authority; exit 1 when a store could not be changed.

    mkcert does it where it is installed. The system's store may ask for your password.
    """
    from localenv.cli.render import router as render
    from localenv.wiring import router as wiring

    interactive = context.output == "text" and sys.stdin.isatty()
    with wiring.services() as told:
        wanted = domain or wiring.domain_here(told, context.directory)
        action = wiring.authority(told, interactive=interactive)
        found = action.look(wanted) if dry_run else action.install(wanted)
    if context.output == "json":
        click.echo(json.dumps(render.trust_document(found), ensure_ascii=False))
    else:
        render.show_trust(found)
    return 1 if any(store.state == "failed" for one in found for store in one.stores) and not dry_run else 0
