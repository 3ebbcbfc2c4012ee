"""What ``ci`` says when its command has ended: on standard error, since standard output is the command's own."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import click

from localenv.actions.ci import CiResult
from localenv.actions.up_request import UpResult
from localenv.cli.render import errors
from localenv.cli.render import up as render_up
from localenv.core.names import EnvironmentId

__all__ = ["tell_ended", "tell_planned"]


def tell_planned(result: UpResult, command: Sequence[str], abandoned: Sequence[EnvironmentId]) -> None:
    """The plan, and what else would be done around it."""
    for environment in abandoned:
        click.echo(f"  remove   {environment}: its command was killed")
    click.echo(render_up.text([result], dry_run=True).rstrip("\n"))
    if not result.refusals:
        click.echo(errors.clean(f"  then run {shlex.join(command)}, then remove {result.id.name}"))


def tell_ended(result: CiResult) -> int:
    """What a person must know, and localenv's exit code. Raises why the command did not run."""
    run = result.run
    for problem in result.unwritten:
        click.echo(errors.text(problem), err=True)
    if run.kept:
        click.echo(f"  {run.id.name} is kept   localenv status {run.id.name}   localenv destroy {run.id.name} --yes", err=True)
    if result.left is not None:
        click.echo(errors.text(result.left), err=True)
        click.echo(f"  {run.id.name} could not be removed whole   localenv gc", err=True)
    if run.ended_by is not None:
        gone = "" if run.kept or result.left else f", {run.id.name} is removed"
        click.echo(f"interrupted by {run.ended_by}{gone}", err=True)
    elif run.error is not None:
        raise run.error
    return run.exit_code or int(bool(result.left or result.unwritten))
