"""Asking what a tier's guard demands, and writing to the audit log what was done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from localenv.core.guards import Answer, GuardedAction, Question, question_for
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError

if TYPE_CHECKING:
    from localenv.wiring.environments import Services

__all__ = ["ask", "settle"]

_COMMANDS: Final = {
    "destroy": "destroy {name} {options}",
    "reset": "data reset {name} {options}",
    "restore": "snapshot restore SNAPSHOT {name} {options}",
    "exec": "exec {options} {name} SERVICE -- COMMAND",
}
"""How each guarded action is answered on the command line."""


@contextmanager
def settle(services: Services, environment: EnvironmentId, action: GuardedAction, answer: Answer) -> Iterator[None]:
    """Ask what must be asked, let the work be done, and record how it ended."""
    from localenv.wiring import environments as wiring

    tier = wiring.tier_of(services, environment)
    question = question_for(action, environment, tier, answer)
    reason = ask(question, environment, action) if question else answer.reason
    recorded = action != "exec" or getattr(tier.guards, action) != "none"
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        if recorded:
            wiring.audit(services, environment, action, reason=reason or "", outcome=outcome)


def ask(question: Question, environment: EnvironmentId, action: GuardedAction) -> str | None:
    """Ask at the terminal; where there is none, say which options answer instead. Returns the reason given."""
    if not sys.stdin.isatty():
        options = f"--confirm {environment.name} --reason WHY" if question.typed or question.wants_reason else "--yes"
        command = _COMMANDS[action].format(name=environment.name, options=options)
        raise LocalenvError(
            f"{action} {environment} needs a yes, and there is no terminal to ask at",
            hints=(f"localenv {command}",),
            code="needs-confirmation",
        )
    click.echo(f"  {question.text}", err=True)
    if question.typed:
        typed = click.prompt(f"  type its name ({question.typed}) to go on", err=True, default="", show_default=False)
        if typed != question.typed:
            raise LocalenvError("nothing was done: that is not its name", code="not-confirmed")
    elif not question.wants_reason and not click.confirm("  go on?", err=True):
        raise LocalenvError("nothing was done", code="not-confirmed")
    if question.wants_reason:
        return str(click.prompt("  why", err=True))
    return None
