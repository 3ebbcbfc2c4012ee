"""``localenv exec``."""

from __future__ import annotations

import sys

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_words, in_container_options

__all__ = ["command"]


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@in_container_options
@click.option("--index", type=click.IntRange(min=1), default=1, show_default=True, help="Which replica.")
@click.argument(
    "words",
    metavar="[ENV] SERVICE [--] COMMAND...",
    nargs=-1,
    required=True,
    type=click.UNPROCESSED,
    shell_complete=complete_words,
)
@click.pass_obj
def command(
    context: Context,
    words: tuple[str, ...],
    user: str | None,
    workdir: str | None,
    variables: tuple[str, ...],
    index: int,
    no_tty: bool,  # noqa: FBT001 - a flag
    confirm: str | None,
    reason: str | None,
) -> int:
    """Run a command in a running service and exit with its code."""
    from localenv.cli.guards import settle
    from localenv.core.argv.docker import exec_arguments
    from localenv.core.guards import Answer
    from localenv.wiring import environments as wiring

    with wiring.services() as services:
        found, service, arguments = wiring.split_words(services, context.directory, words)
        container = wiring.running_container(services, found, service, index)
        answer = Answer(yes=context.yes, confirm=confirm, reason=reason)
        with settle(services, found, "exec", answer):
            return services.processes.attach(
                exec_arguments(
                    container,
                    arguments,
                    terminal=not no_tty and sys.stdin.isatty() and sys.stdout.isatty(),
                    user=user,
                    workdir=workdir,
                    variables=variables,
                )
            )
