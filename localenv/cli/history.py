"""``localenv history``."""

from __future__ import annotations

import click

from localenv.cli.context import Context
from localenv.cli.options import complete_environments, output_option

__all__ = ["command"]

_ALL = 1_000_000
_SHOWN = 100
"""Lines on a screen; a document has all."""


@click.command("history")
@click.argument("what", metavar="[ENV|RELEASE]", required=False, shell_complete=complete_environments)
@click.option("--audit", is_flag=True, help="The audit log instead: who did what, why, and whether it is as it was written.")
@output_option
@click.pass_obj
def command(context: Context, what: str | None, *, audit: bool) -> None:
    """What was promoted, approved and rolled back: of an environment, of a release, or of the whole project.

    With --audit and --output json the whole audit log is exported, each line with its number and its hash.
    """
    from localenv.cli.render import history as render
    from localenv.wiring import delivery as wiring

    json_wanted = context.output == "json"
    with wiring.services() as told:
        now = told.clock.now()
        if audit:
            only = wiring.environment(told, context.directory, what).compose_project if what else None
            entries = told.ledger.audit_entries(only, limit=_ALL if json_wanted else _SHOWN)
            render.show_audit(entries, told.ledger.audit_break(), now, json_wanted=json_wanted)
            return
        deployments, approvals = wiring.history_of(told, context.directory, what, limit=_ALL if json_wanted else _SHOWN)
    render.show_history(deployments, approvals, now, json_wanted=json_wanted)
