"""Options and arguments that several commands share, so that each means the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from localenv.cli.context import Context

__all__ = [
    "classification_options",
    "complete_branches",
    "complete_environments",
    "complete_previews",
    "complete_profiles",
    "complete_releases",
    "complete_services",
    "complete_snapshots",
    "complete_tiers",
    "complete_words",
    "dry_run_option",
    "environment_argument",
    "environments_argument",
    "how_option",
    "in_container_options",
    "output_option",
    "scale_option",
    "yes_option",
]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Decorator = Callable[[Decorated], Decorated]


def output_option(function: Decorated) -> Decorated:
    """``--output text|json``: what a script reads is one JSON object with a ``schema`` key."""
    return click.option(
        "--output",
        "-o",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        expose_value=False,
        callback=_take("output"),
        help="Text for people or one JSON object for scripts.",
    )(function)


def yes_option(function: Decorated) -> Decorated:
    """``--yes``: do not ask."""
    return click.option("--yes", "-y", is_flag=True, expose_value=False, callback=_take("yes"), help="Do not ask.")(function)


def dry_run_option(function: Decorated) -> Decorated:
    """``--dry-run``: print the plan, change nothing."""
    return click.option("--dry-run", is_flag=True, help="Print the plan and change nothing.")(function)


def environment_argument(function: Decorated) -> Decorated:
    """``[ENV]``, development unless told."""
    return click.argument("environment", metavar="[ENV]", default="development", shell_complete=complete_environments)(function)


def environments_argument(function: Decorated) -> Decorated:
    """``[ENV]...``: one or several."""
    return click.argument("environments", metavar="[ENV]...", nargs=-1, shell_complete=complete_environments)(function)


def how_option(function: Decorated) -> Decorated:
    """``--how``: whether an environment is paused or its services stopped while its data is frozen."""
    return click.option(
        "--how",
        type=click.Choice(["auto", "paused", "stopped"]),
        default="auto",
        show_default=True,
        help="Pause it and copy what it wrote, or stop its services and copy nothing; auto goes by the size.",
    )(function)


def scale_option(function: Decorated) -> Decorated:
    """``--scale``: more or fewer rows than the data profile says."""
    return click.option(
        "--scale",
        metavar="FACTOR",
        type=click.FloatRange(min=0, min_open=True, max=1e6),
        callback=_finite,
        help="Multiply the rows that the data profile generates.",
    )(function)


def _finite(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """Not-a-number is in every range."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter("not a number")
    return value


def classification_options(function: Decorated) -> Decorated:
    """A class for the copy other than the origin's: a lower one needs a person and a reason."""
    for option in (
        click.option("--reason", help="Why, for the audit log."),
        click.option("--as", "person", metavar="NAME", help="Who says so, for the audit log."),
        click.option(
            "--class",
            "classification",
            type=click.Choice(["synthetic", "masked", "real"]),
            help="Class of the copy; a lower one than the origin's needs --as and --reason.",
        ),
    ):
        function = option(function)
    return function


def in_container_options(function: Decorated) -> Decorated:
    """What ``exec`` and ``run`` take alike: as whom, where, with what, and what the tier's guard asks."""
    for option in (
        yes_option,
        click.option("--reason", help="Why, for the audit log."),
        click.option("--confirm", metavar="NAME", help="The environment's name, where its tier demands it."),
        click.option("--no-tty", "-T", is_flag=True, help="No terminal, also when this is one."),
        click.option("--env", "-e", "variables", multiple=True, metavar="NAME[=VALUE]", help="Set a variable."),
        click.option("--workdir", "-w", help="Directory in the container."),
        click.option("--user", "-u", help="User in the container."),
    ):
        function = option(function)
    return function


def complete_environments(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of environments that exist and of tiers; completion never fails loudly."""
    from localenv.wiring import completion

    return [CompletionItem(name) for name in completion.environment_names() if name.startswith(incomplete)]


def complete_branches(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Branches of the repository here."""
    from localenv.wiring import completion

    return [CompletionItem(name) for name in completion.branch_names() if name.startswith(incomplete)]


def complete_previews(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Previews of the project here."""
    from localenv.wiring import completion

    return [CompletionItem(name) for name in completion.preview_names() if name.startswith(incomplete)]


def complete_snapshots(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Snapshots of the project here."""
    from localenv.wiring import completion

    return [CompletionItem(name) for name in completion.snapshot_names() if name.startswith(incomplete)]


def complete_releases(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Releases of the project here."""
    from localenv.wiring import completion

    return [CompletionItem(name) for name in completion.release_names() if name.startswith(incomplete)]


def complete_tiers(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Tiers of the project here."""
    from localenv.wiring import completion

    return [CompletionItem(name) for name in completion.tier_names() if name.startswith(incomplete)]


def complete_profiles(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Data profiles of the project here."""
    from localenv.wiring import completion

    return [CompletionItem(name) for name in completion.profile_names() if name.startswith(incomplete)]


def complete_services(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Services of the environment that stands before on the line."""
    from localenv.wiring import completion

    environment = str(context.params.get("environment") or "development")
    return [CompletionItem(name) for name in completion.service_names(environment) if name.startswith(incomplete)]


def complete_words(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``[ENV] SERVICE``: environments and services of development first, then services of the environment named."""
    from localenv.wiring import completion

    words = context.params.get("words") or ()
    names = (
        completion.service_names(words[0]) if words else completion.environment_names() + completion.service_names("development")
    )
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _take(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def take(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        told = context.ensure_object(Context)
        if value:
            setattr(told, name, value)

    return take
