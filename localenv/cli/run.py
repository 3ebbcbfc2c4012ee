"""``localenv run``."""

from __future__ import annotations

import sys

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_words, in_container_options

__all__ = ["command"]


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@in_container_options
@click.argument(
    "words",
    metavar="[ENV] SERVICE [--] [COMMAND...]",
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
    no_tty: bool,  # noqa: FBT001 - a flag
    confirm: str | None,
    reason: str | None,
) -> int:
    """Run a command in a new container of a service, and exit with its code.

    The container has the environment's networks, volumes and secrets, and is removed at the end. Services of a
    Compose profile that is not active here run too. Without COMMAND the service's own runs.
    """
    from localenv.actions.run import RunRequest
    from localenv.cli.guards import settle
    from localenv.cli.render.progress import display
    from localenv.core.guards import Answer
    from localenv.wiring import environments as wiring
    from localenv.wiring.run import run, split_run

    with wiring.services() as services:
        found, service, arguments = split_run(services, context.directory, words)
        request = RunRequest(
            id=found,
            service=service,
            command=arguments,
            terminal=not no_tty and sys.stdin.isatty() and sys.stdout.isatty(),
            user=user,
            workdir=workdir,
            variables=variables,
        )
        with settle(services, found, "exec", Answer(yes=context.yes, confirm=confirm, reason=reason)):
            with display("text") as progress:
                services.show(progress)
                action = run(services)
                prepared = action.prepared(request)
            return action.start(prepared)
