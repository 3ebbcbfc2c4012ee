"""The tiers' guards: what a person must have said before something is lost."""

from __future__ import annotations

from typing import Literal

from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError
from localenv.values import dataclass

__all__ = ["Answer", "GuardedAction", "Question", "question_for"]

GuardedAction = Literal["destroy", "reset", "restore", "exec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the command line says in advance."""

    yes: bool = False
    confirm: str | None = None
    """The environment's name, typed."""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What must still be asked: ``typed`` wants the environment's name, else yes or no."""

    text: str
    typed: str | None
    wants_reason: bool


def question_for(action: GuardedAction, environment: EnvironmentId, tier: TierProfile, answer: Answer) -> Question | None:
    """Return what is to be asked before ``action``, or ``None`` when nothing is.

    Raises ``LocalenvError`` (code ``wrong-name``) when the typed name is another environment's.
    """
    guard = getattr(tier.guards, action)
    if answer.confirm is not None and answer.confirm != environment.name:
        raise LocalenvError(
            f"--confirm says {answer.confirm!r}, but this is about {environment.name!r}",
            hints=(f"--confirm {environment.name}",),
            code="wrong-name",
        )
    wants_reason = tier.guards.reason and guard == "typed" and not answer.reason
    if guard == "typed" and (answer.confirm is None or wants_reason):
        typed = environment.name if answer.confirm is None else None
        return Question(text=f"{action} {environment} (tier {tier.tier})", typed=typed, wants_reason=wants_reason)
    if guard == "ask" and not answer.yes and answer.confirm is None:
        return Question(text=f"{action} {environment} with its data?", typed=None, wants_reason=False)
    return None
