"""What ``status`` tells of an environment beside its state."""

from __future__ import annotations

from localenv.core.summary import EnvironmentSummary
from localenv.wiring.diff import drift
from localenv.wiring.services import Services

__all__ = ["status_notes"]


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
    if drifted := drift(told, summary.id):
        notes.append(drifted)
    return notes
