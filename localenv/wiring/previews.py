"""``preview`` with what it needs."""

from __future__ import annotations

from localenv.actions.bring_preview import BringPreview
from localenv.actions.previews import Previews
from localenv.actions.remove_previews import RemovePreviews
from localenv.wiring.environments import audit, services, tier_of
from localenv.wiring.services import Services

__all__ = ["previews", "remove_previews", "services"]


def previews(told: Services) -> Previews:
    """Makes, matches, lists and removes previews."""
    return Previews(
        project=told.project,
        git=told.git,
        bring=BringPreview(
            worktrees=told.worktrees,
            up=told.up,
            lifecycle=told.lifecycle,
            discard=told.discard,
            engine=told.engine,
            ledger=told.ledger,
            locks=told.locks,
            clock=told.clock,
        ),
        remove=remove_previews(told),
        environments=told.environments,
        ledger=told.ledger,
        locks=told.locks,
        clock=told.clock,
    )


def remove_previews(told: Services) -> RemovePreviews:
    """Removes them."""
    return RemovePreviews(
        lifecycle=told.lifecycle,
        ledger=told.ledger,
        clock=told.clock,
        rules=lambda found: tier_of(told, found),
        audit=lambda found, reason: audit(told, found, "destroy", reason=reason),
    )
