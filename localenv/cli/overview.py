"""``localenv`` alone: what runs here, and what makes sense next."""

from __future__ import annotations

from pathlib import Path

import click

from localenv.cli.context import Context
from localenv.core.summary import EnvironmentSummary

__all__ = ["command"]


@click.command("overview", hidden=True)
@click.pass_obj
def command(context: Context) -> None:
    """Show what runs here and the commands that make sense next."""
    from localenv.cli.render.listing import environments_table
    from localenv.cli.render.tables import show
    from localenv.wiring import environments as wiring
    from localenv.wiring.standing import waiting_for_approval

    with wiring.services() as services:
        project = wiring.project_here(services, context.directory)
        everything = services.environments.listed(None)
        waiting = waiting_for_approval(services, project) if project else ()
        here = tuple(summary for summary in everything.environments if summary.id.project == project)
        others = tuple(summary for summary in everything.environments if summary.id.project != project)
        if project is None:
            shown = others
            show(f"[bold]no project here[/]  [dim]{_short(context.directory)}[/]\n")
        else:
            shown = here
            show(f"[bold]{project}[/]  [dim]{_short(context.directory)}[/]   [dim]router {wiring.router_line(services)}[/]\n")
        if shown:
            show(environments_table(shown, everything.memory, services.clock.now(), with_project=project is None))
        else:
            show("nothing runs here yet")
        show("")
        for name, release in waiting:
            show(f"{name} has {release}, approved by nobody yet:  [bold]localenv approve {name} --as NAME[/]")
        for line in _next_steps(project, here, others):
            show(line)


def _next_steps(project: str | None, here: tuple[EnvironmentSummary, ...], others: tuple[EnvironmentSummary, ...]) -> list[str]:
    if project is None:
        lines = ["go to a directory with a Compose file, then:  [bold]localenv up[/]"]
        return lines if others else [*lines, "or see it all at once:                         [bold]localenv demo[/]"]
    lines = (
        ["in full:          [bold]localenv status ENV[/]", "another tier:     [bold]localenv up staging[/]"]
        if here
        else [
            "bring it up:      [bold]localenv up[/]",
            "look first:       [bold]localenv up --dry-run[/]",
            "every tier:       [bold]localenv tiers[/]",
        ]
    )
    if others:
        projects = {summary.id.project for summary in others}
        noun = "project runs" if len(projects) == 1 else "projects run"
        lines.append(f"{len(projects)} other {noun} here:  [bold]localenv ls --all[/]")
    return lines


def _short(directory: Path) -> str:
    home = Path.home()
    return f"~/{directory.relative_to(home)}" if directory.is_relative_to(home) and directory != home else str(directory)
