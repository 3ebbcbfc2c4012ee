"""``localenv ci``."""

from __future__ import annotations

from pathlib import Path

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_profiles, complete_snapshots, complete_tiers, dry_run_option, scale_option

__all__ = ["command"]


@click.command("ci", context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False})
@click.option("--tier", shell_complete=complete_tiers, help="Tier of the environment; default: development.")
@click.option("--data", metavar="PROFILE", shell_complete=complete_profiles, help="Data profile.")
@scale_option
@click.option(
    "--from", "snapshot", metavar="SNAPSHOT", shell_complete=complete_snapshots, help="Snapshot that its data begins as."
)
@click.option("--build", is_flag=True, help="Build images again, also when their sources are the same.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds to become healthy.")
@click.option(
    "--artifacts",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write logs, health, plan and summary.json there, also when it does not come up.",
)
@click.option(
    "--junit",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write JUnit XML there: a case for each service, one for the command.",
)
@click.option("--name", help="Name of the environment; default: one that is free, ci-...")
@click.option("--keep", is_flag=True, help="Leave it up in the end, to look around in it.")
@dry_run_option
@click.argument("words", metavar="[--] COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def command(
    context: Context,
    words: tuple[str, ...],
    tier: str | None,
    data: str | None,
    scale: float | None,
    snapshot: str | None,
    build: bool,  # noqa: FBT001 - a flag
    timeout: float,
    artifacts: Path | None,
    junit: Path | None,
    name: str | None,
    keep: bool,  # noqa: FBT001 - a flag
    dry_run: bool,  # noqa: FBT001 - a flag
) -> int:
    """Run a command on this machine with an environment of its own, and exit with its code.

    The environment is new, has a private copy of the working tree, and is removed in the end: also after a failure, ^C,
    SIGTERM or SIGHUP, which the command gets first. What a SIGKILL leaves the next ci or gc removes.

    The command finds it by LOCALENV_URL, LOCALENV_URL_<SERVICE>, LOCALENV_HOST_<SERVICE>, LOCALENV_PORT_<SERVICE>, LOCALENV_CA
    and their kin. Exit codes: the command's own; 127 where there is no such command; 128 + n where signal n ended it; 1 when
    the environment does not come up.
    """
    from functools import partial

    from localenv.actions.ci import CiRequest
    from localenv.actions.ci_reports import CiPlaces
    from localenv.cli.render import ci as render
    from localenv.cli.render.progress import display
    from localenv.wiring import ci as wiring

    request = CiRequest(
        directory=str(context.directory),
        command=words,
        name=name,
        tier=tier,
        data=data,
        scale=scale,
        snapshot=snapshot,
        build=build,
        timeout=timeout,
        places=CiPlaces(
            artifacts=str(context.directory / artifacts) if artifacts else None,
            junit=str(context.directory / junit) if junit else None,
        ),
        keep=keep,
    )
    with wiring.services() as told, wiring.ci(told, partial(display, "text")) as action:
        if dry_run:
            render.tell_planned(action.planned(request), words, wiring.abandoned(told).listed())
            return 0
        result = action(request)
    return render.tell_ended(result)
