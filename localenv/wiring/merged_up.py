"""``up`` with what it needs: apart from previews, because every ``up`` begins here."""

from __future__ import annotations

from localenv.actions.merged_up import MergedUp
from localenv.wiring.services import Services

__all__ = ["merged_up"]


def merged_up(told: Services) -> MergedUp:
    """Brings environments up from the working tree, or from a merge of branches."""
    return MergedUp(
        project=told.project,
        enter=told.enter,
        git=lambda: told.git,
        worktrees=lambda: told.worktrees,
        up=told.up,
        discard=told.discard,
        ledger=told.ledger,
        locks=told.locks,
    )
