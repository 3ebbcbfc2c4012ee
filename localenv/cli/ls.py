"""``localenv ls``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import output_option

__all__ = ["command"]


@click.command("ls")
@click.option("--all", "-a", "every", is_flag=True, help="Environments of every project, also inside a project.")
@output_option
@click.pass_obj
def command(context: Context, *, every: bool) -> None:
    """List environments: those of this project, or all of them where there is no project."""
    from localenv.core.documents_json import ls_document
    from localenv.wiring import environments as wiring

    with wiring.services() as services:
        project = None if every else wiring.project_here(services, context.directory)
        listed = services.environments.listed(project)
        if context.output == "json":
            click.echo(json.dumps(ls_document(listed.environments, listed.memory), ensure_ascii=False))
            return
        if not listed.environments:
            click.echo(f"  no environments{f' of {project}' if project else ''} here yet; try: localenv up")
            return
        from localenv.cli.render.listing import environments_table
        from localenv.cli.render.tables import show

        projects = {summary.id.project for summary in listed.environments}
        show(
            environments_table(
                listed.environments, listed.memory, services.clock.now(), with_project=project is None or len(projects) > 1
            )
        )
