"""``localenv data infer``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from localenv.cli.context import Context
from localenv.cli.options import environment_argument

if TYPE_CHECKING:
    from localenv.actions.infer_profile import InferredProfile

__all__ = ["command"]

_STDOUT = "-"


@click.group("data")
def command() -> None:
    """Data profiles: what the volumes of a new environment hold."""


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
        for warning in service.warnings:
            click.echo(clean(f"  warning: {warning}"), err=True)
    if output is not None:
        click.echo(f"  written: {output}", err=True)
