"""What ``data reset`` and ``snapshot restore`` do alike: ask as the tier demands, replace, tell what became of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from localenv.cli.context import Context
from localenv.cli.options import Decorated, dry_run_option, output_option, yes_option

if TYPE_CHECKING:
    from localenv.actions.replace_data import ReplaceRequest
    from localenv.core.names import EnvironmentId
    from localenv.wiring.services import Services

__all__ = ["replace_data", "replacing_options"]


def replacing_options(function: Decorated) -> Decorated:
    """Whether what is replaced is kept, and what the tier's guard asks."""
    for option in (
        output_option,
        yes_option,
        dry_run_option,
        click.option("--reason", help="Why, for the audit log."),
        click.option("--confirm", metavar="NAME", help="The environment's name, where its tier demands it."),
        click.option("--no-backup", is_flag=True, help="Do not keep what is replaced."),
    ):
        function = option(function)
    return function


def replace_data(
    context: Context,
    environment: str,
    wish: Callable[[Services, EnvironmentId], tuple[ReplaceRequest, str]],
    *,
    confirm: str | None,
    reason: str | None,
    no_backup: bool,
    dry_run: bool,
) -> None:
    """``wish`` gives what is to be there instead and what a person calls that."""
    from localenv.cli.guards import settle
    from localenv.cli.render import snapshots as render
    from localenv.cli.render.progress import display
    from localenv.core.guards import Answer
    from localenv.wiring import snapshots as wiring

    with wiring.services() as told:
        (found,) = wiring.existing(told, context.directory, (environment,))
        request, source = wish(told, found)
        answer = Answer(yes=context.yes, confirm=confirm, reason=reason)
        with nullcontext() if dry_run else settle(told, found, request.verb, answer), display(context.output) as progress:
            told.show(progress)
            outcome = wiring.replace_data(told)(replace(request, backup=not no_backup, dry_run=dry_run))
    render.tell_replaced(outcome, found, source, json_wanted=context.output == "json", dry_run=dry_run)
