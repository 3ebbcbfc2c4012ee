"""``repair`` with what it needs."""

from __future__ import annotations

from localenv.actions.repair import Repair
from localenv.core.configuration.environments import find_tier
from localenv.core.configuration.tier import TierProfile
from localenv.errors import LocalenvError
from localenv.wiring.services import Services

__all__ = ["repair"]


def repair(told: Services) -> Repair:
    """The action."""

    def tier(name: str, directory: str) -> TierProfile:
        """Without asking the ledger for the project's name: it may be what is damaged."""
        try:
            return find_tier(told.load_settings(directory).settings, name)
        except LocalenvError:
            return told.shipped_tier(name)

    return Repair(
        engine=told.engine,
        ledger=told.ledger,
        locks=told.locks,
        store=told.store,
        router=told.router,
        volumes=told.volumes,
        releases=told.releases,
        tier=tier,
    )
