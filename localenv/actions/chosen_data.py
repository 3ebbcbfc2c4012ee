"""The snapshot or data profile that a person names for an environment, held against what is there."""

from __future__ import annotations

from localenv.actions.prepare import Prepared
from localenv.actions.volumes import Volumes
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Snapshot
from localenv.errors import LocalenvError

__all__ = ["has_data", "refuse_other_profile", "snapshot_named"]


def has_data(environment: EnvironmentId, chosen: Snapshot) -> LocalenvError:
    """The error for a snapshot that was asked for where there is data already."""
    return LocalenvError(
        f"{environment.name} has data already, so it does not begin as snapshot {chosen.label}",
        hints=(f"localenv snapshot restore {chosen.name or chosen.id[:12]} {environment.name}",),
        code="has-data",
    )


def refuse_other_profile(prepared: Prepared, asked: str | None) -> None:
    """Raises ``LocalenvError`` (code ``has-data``) for a data profile that was asked for where there is other data already."""
    if asked is None or not prepared.data:
        return
    filled = {name for each in prepared.wanted.services if each.name in prepared.data.services for name in each.volumes}
    filled |= set(prepared.data.volumes)
    there = {seen.profile for seen in prepared.observed.volumes if seen.name in filled}
    if not there or asked in there:
        return
    name = prepared.id.name
    raise LocalenvError(
        f"{name} has data already, which is not what profile {asked} makes",
        hints=(f"localenv data reset {name} --data {asked}",),
        code="has-data",
    )


def snapshot_named(volumes: Volumes, text: str, project: str | None = None) -> Snapshot:
    """The snapshot that a person means: by name, the newest first, or by the start of its identifier.

    Raises ``LocalenvError`` (code ``no-snapshot``).
    """
    found = [each for each in volumes.snapshots() if project in {None, each.project}]
    for each in sorted(found, key=lambda each: each.kind == "baseline"):
        if each.name == text:
            return each
    matches = [each for each in found if each.id.startswith(text)] if text else []
    if len(matches) == 1:
        return matches[0]
    names = ", ".join(dict.fromkeys(each.name or each.id[:12] for each in found if each.kind != "baseline"))
    raise LocalenvError(
        f"there is no snapshot {text[:80]!a}" if not matches else f"{text} is the start of {len(matches)} snapshots",
        details=(f"there are: {names}",) if names else (),
        hints=("localenv snapshot ls",),
        code="no-snapshot",
    )
