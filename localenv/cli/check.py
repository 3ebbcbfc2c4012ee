"""``localenv check``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_environments, output_option

__all__ = ["command"]


@click.command("check")
@click.argument("environment", metavar="[ENV]", default="development", shell_complete=complete_environments)
@click.argument("names", metavar="[CHECK]...", nargs=-1)
@output_option
@click.pass_obj
def command(context: Context, environment: str, names: tuple[str, ...]) -> int:
    """Run the project's checks against an environment, as a gate does; exit code 1 when one fails."""
    from localenv.cli.render.checks import tell_checks
    from localenv.cli.render.progress import display
    from localenv.wiring import delivery as wiring

    with display(context.output, several=False) as progress, wiring.services(progress) as told:
        (found,) = wiring.existing(told, context.directory, (environment,))
        results = wiring.checks(told)(found, names)
    tell_checks(found, results, json_wanted=context.output == "json")
    return 0 if all(result.passed for result in results) else 1
