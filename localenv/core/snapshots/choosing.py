"""How a snapshot is taken, and which snapshots nothing needs any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal

from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Snapshot

__all__ = ["AUTOMATIC_KEPT", "How", "copies", "superfluous", "unneeded"]

How = Literal["auto", "paused", "stopped"]

AUTOMATIC_KEPT: Final = 3
"""Automatic snapshots of an environment that stay: as many mistakes in a row can be undone."""
COPIED_AT_MOST: Final = 256 * 1024 * 1024
"""Bytes that are copied while an environment stands still: about a second. For more its services are stopped instead."""


def copies(how: How, written: int, *, in_place: bool, running: bool) -> bool:
    """Whether what was ``written`` (bytes) is copied while the environment is paused, not renamed while it is stopped."""
    if not in_place or how == "paused":
        return True
    return running and how == "auto" and written <= COPIED_AT_MOST


def superfluous(
    snapshots: Sequence[Snapshot], environment: EnvironmentId, *, spare: Collection[str] = ()
) -> tuple[Snapshot, ...]:
    """Automatic ones of an environment beyond those that stay; ``snapshots`` has the newest first.

    ``spare`` has identifiers of those that data is about to be made from.
    """
    mine = [each for each in snapshots if each.kind == "automatic" and each.owner == environment]
    return tuple(each for each in mine[AUTOMATIC_KEPT:] if each.id not in spare)


def unneeded(
    snapshots: Sequence[Snapshot],
    existing: Collection[EnvironmentId],
    *,
    spare: Collection[str] = (),
    every_baseline: bool = False,
) -> frozenset[str]:
    """Identifiers of what may go when no volume stands on it; ``snapshots`` has the newest first.

    ``spare`` has those that an environment is to begin with. A snapshot with a person's name never goes. A baseline does
    once a newer one took its place.
    """
    gone = {each.id for each in snapshots if each.kind == "clone"}
    for each in snapshots:
        if each.kind == "automatic" and (each.owner not in existing or each in superfluous(snapshots, each.owner, spare=spare)):
            gone.add(each.id)
    baselines = [each for each in snapshots if each.kind == "baseline"]
    return frozenset(gone | {each.id for each in (baselines if every_baseline else _replaced(baselines))})


def _replaced(baselines: Iterable[Snapshot]) -> list[Snapshot]:
    newest: set[tuple[str, str | None, str]] = set()
    found = []
    for each in baselines:
        kind = (each.project, each.name, each.tier)
        if kind in newest:
            found.append(each)
        newest.add(kind)
    return found
