"""What ``status`` tells of an environment beside its state."""

from __future__ import annotations

from contextlib import suppress

from localenv.core import labels
from localenv.core.observed import Observed
from localenv.core.summary import EnvironmentSummary
from localenv.errors import LocalenvError
from localenv.ports.state import EnvironmentRecord
from localenv.wiring.diff import drift
from localenv.wiring.services import Services

__all__ = ["status_notes", "volume_data"]


def _older_baseline(told: Services, record: EnvironmentRecord) -> str | None:
    """That its data was made from what has changed since: a migration, a fixture, an image, the profile."""
    if record.baseline is None:
        return None
    with suppress(LocalenvError):
        now = told.up.baseline_key(record.directory, record.id.name)
        if now is not None and now != record.baseline:
            return f"its data stands on an older baseline: localenv data reset {record.id.name} begins with what it is now"
    return None


def volume_data(told: Services, observed: Observed) -> dict[str, tuple[int, int, str | None, str]]:
    """By volume: bytes of its own, bytes shared, the snapshot it stands on and what a person calls that."""
    stored = told.volumes.stored()
    names = [volume.name for volume in observed.volumes if volume.name in stored]
    if not names:
        return {}
    snapshots = {each.id: each for each in told.volumes.snapshots()}
    own = told.volumes.layers.sizes(names)
    found: dict[str, tuple[int, int, str | None, str]] = {}
    for volume in observed.volumes:
        snapshot = snapshots.get(stored[volume.name].snapshot or "") if volume.name in stored else None
        below = snapshot.volume(volume.labels.get(labels.COMPOSE_VOLUME, "")) if snapshot else None
        if volume.name in own:
            word = "baseline" if snapshot and snapshot.kind == "baseline" else "snapshot"
            origin = f"{word} {snapshot.label}" if snapshot else ""
            found[volume.name] = (own[volume.name], below.size if below else 0, stored[volume.name].snapshot, origin)
    return found


def status_notes(told: Services, summary: EnvironmentSummary) -> list[str]:
    """What a person should know of an environment beside its state."""
    notes = [
        f"{service.name} has one replica: when it is lost, it does not answer until it is started again"
        for service in summary.services
        if summary.tier == "production" and service.replicas == 1 and service.state not in {"done", "stopped"}
    ]
    record = told.ledger.record(summary.id)
    if record and record.holds_binds:
        notes.append("holds the project's live source binds")
    if record and (older := _older_baseline(told, record)):
        notes.append(older)
    if drifted := drift(told, summary.id):
        notes.append(drifted)
    return notes
