"""``localenv data ls|build|infer|reset``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_profiles, dry_run_option, environment_argument, output_option, scale_option
from localenv.cli.replacing import replace_data, replacing_options

if TYPE_CHECKING:
    from localenv.actions.infer_profile import InferredProfile
    from localenv.actions.replace_data import ReplaceRequest
    from localenv.core.names import EnvironmentId
    from localenv.wiring.services import Services

__all__ = ["command"]

_STDOUT = "-"
_WARNINGS_SHOWN = 10


@click.group("data")
def command() -> None:
    """Data profiles: what the volumes of a new environment hold."""


@command.command("ls", short_help="List data profiles and their baselines.")
@output_option
@click.pass_obj
def listing(context: Context) -> None:
    """List the project's data profiles with their class, and the baseline that new environments begin with."""
    from localenv.cli.render import snapshots as render
    from localenv.wiring import snapshots as wiring

    with wiring.services() as told:
        profiles = wiring.profile_classes(told, context.directory)
        listed = told.snapshots.listed(wiring.project_here(told, context.directory))
        if context.output == "json":
            click.echo(json.dumps(render.profiles_document(profiles, listed), ensure_ascii=False))
        else:
            render.show_profiles(profiles, listed, told.clock.now())


@command.command("build", short_help="Make the baseline of a data profile ahead of time.")
@click.argument("profile", required=False, shell_complete=complete_profiles)
@scale_option
@click.option("--tier", default="development", show_default=True, help="Tier whose configuration the data is made with.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds to become healthy.")
@dry_run_option
@output_option
@click.pass_obj
def build(context: Context, profile: str | None, scale: float | None, tier: str, timeout: float, *, dry_run: bool) -> None:
    """Make the baseline of a data profile, or of what the services make themselves, so that the first up is fast too.

    It is made once: a second call finds it there, unless the profile, a file of it, an image or a migration changed.
    """
    from localenv.actions.build_data import BuildDataRequest
    from localenv.cli.render import snapshots as render
    from localenv.cli.render.progress import display
    from localenv.wiring import snapshots as wiring

    with display(context.output) as progress, wiring.services(progress) as told:
        project = wiring.load(told, context.directory).settings.project
        request = BuildDataRequest(
            project=project,
            directory=str(context.directory),
            profile=profile,
            scale=scale,
            tier=tier,
            timeout=timeout,
            dry_run=dry_run,
        )
        built = wiring.build_data(told)(request)
    told_as = profile or "what the services make themselves"
    render.tell_built(built, told_as, json_wanted=context.output == "json", dry_run=dry_run)


@command.command("reset", short_help="Replace an environment's data by its profile's.")
@environment_argument
@click.option("--data", metavar="PROFILE", shell_complete=complete_profiles, help="Another data profile than it has.")
@scale_option
@replacing_options
@click.pass_obj
def reset(context: Context, /, environment: str, data: str | None, scale: float | None, **asked: Any) -> None:
    """Replace the data of an environment by what its data profile makes, as if it were new.

    What is replaced is kept as an automatic snapshot: localenv snapshot restore --last brings it back.
    """
    from localenv.actions.replace_data import ReplaceRequest
    from localenv.wiring import snapshots as wiring

    def wish(told: Services, found: EnvironmentId) -> tuple[ReplaceRequest, str]:
        tier = wiring.tier_of(told, found).tier
        source = f"profile {data}" if data else "a new environment"
        return ReplaceRequest(id=found, tier=tier, verb="reset", data=data, scale=scale), source

    replace_data(context, environment, wish, **asked)


@command.command("infer", short_help="Write a data profile from the tables of a running environment.")
@environment_argument
@click.option("--service", "-s", metavar="NAME", help="Only this database; default: all that run.")
@click.option("--rows", type=click.IntRange(1, 1_000_000_000), default=100, show_default=True, help="Rows of each table.")
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    default=_STDOUT,
    help="Where the profile goes, such as profiles/data/mine.yaml; - prints it (the default).",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def infer(context: Context, environment: str, service: str | None, rows: int, output: str, *, force: bool) -> None:
    """Read the tables of a running environment's databases and write a data profile that fills them.

    It can be loaded as it is. Comments in it say where something was guessed, and warnings what may need a hand.
    Tables that hold rows already, and those of migration tools, are left alone. No row is read, only counted.
    """
    from localenv.wiring import data as wiring

    path = None if output == _STDOUT else context.directory / output
    if path is not None:
        _check(path, output, force=force)
    with wiring.services() as told:
        found = wiring.infer(told, context.directory, environment, service, rows, path.stem if path else "inferred")
        if path is None:
            click.echo(found.text, nl=False)
        else:
            wiring.write(path, found.text)
    _tell(found, output if path else None)


def _check(path: Path, output: str, *, force: bool) -> None:
    from localenv.errors import InvalidInput

    if path.suffix not in {".yaml", ".yml"}:
        raise click.BadParameter(f"{output} does not end in .yaml, as profiles do", param_hint="--output")
    if path.exists() and not force:
        raise InvalidInput(f"{output} is there already", hints=(f"localenv data infer --output {output} --force",), code="exists")


def _tell(found: InferredProfile, output: str | None) -> None:
    """What became of it, beside the profile: on the error stream."""
    from localenv.cli.render.errors import clean

    for service in found.services:
        filled = sum(table.left_out is None for table in service.tables)
        click.echo(f"  {service.name}: rows for {filled} of {len(service.tables)} tables", err=True)
        for warning in service.warnings[:_WARNINGS_SHOWN]:
            click.echo(clean(f"  warning: {warning}"), err=True)
        if (more := len(service.warnings) - _WARNINGS_SHOWN) > 0:
            click.echo(f"  warning: {more} more; all of them are comments in the profile", err=True)
    if output is not None:
        click.echo(f"  written: {output}", err=True)
