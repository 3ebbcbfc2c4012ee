"""What ``status`` tells of an environment beside its state."""

from __future__ import annotations

import json
from contextlib import suppress

from localenv.actions.approvals import Standing
from localenv.core.summary import EnvironmentSummary
from localenv.errors import LocalenvError
from localenv.ports.state import EnvironmentRecord
from localenv.wiring.diff import drift
from localenv.wiring.services import Services
from localenv.wiring.standing import standing

__all__ = ["status_notes"]


def _merged(record: EnvironmentRecord) -> str | None:
    """What its source is a merge of."""
    base, *branches = json.loads(record.merged) or [""]
    if not branches:
        return None
    commit = (record.revision or "")[:12]
    return f"{', '.join(branches)} merged into {base} (commit {commit}); localenv up {record.id.name} goes back"


def _preview(record: EnvironmentRecord) -> str | None:
    """Which branch it shows, and until when."""
    if record.kind != "preview":
        return None
    end = f"until {record.expires}" if record.expires else "until it is removed"
    shows = f"branch {record.branch}, " if record.branch else ""
    return f"preview of {shows}commit {(record.revision or 'none so far')[:12]}, {end}"


def _older_baseline(told: Services, record: EnvironmentRecord) -> str | None:
    """That its data was made from what has changed since: a migration, a fixture, an image, the profile."""
    if record.baseline is None:
        return None
    with suppress(LocalenvError):
        now = told.up.baseline_key(record.directory, record.id.name)
        if now is not None and now != record.baseline:
            return f"its data stands on an older baseline: localenv data reset {record.id.name} begins with what it is now"
    return None


def _delivered(stands: Standing) -> str:
    deployment = stands.deployment
    origin = f" from {deployment.source}" if deployment.source else ""
    forced = ", past its gates" if deployment.forced else ""
    approved = f", approved by {stands.approval.actor}" if stands.approval else ""
    name = deployment.id.name
    return f"{deployment.release} came by {deployment.kind}{origin}{forced}{approved}: localenv history {name}"


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
    if record and record.release and (stands := standing(told, record.id)) is not None:
        notes.append(_delivered(stands))
    if record:
        notes += [told_of for told_of in (_preview(record), _merged(record)) if told_of]
    if record and (older := _older_baseline(told, record)):
        notes.append(older)
    if drifted := drift(told, summary.id):
        notes.append(drifted)
    return notes
