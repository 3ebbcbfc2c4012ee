"""How releases stand in their environments: what screens tell beside the state."""

from __future__ import annotations

from collections.abc import Sequence

from localenv.actions.approvals import Approve, Standing
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError
from localenv.wiring.services import Services

__all__ = ["approve", "standing", "waiting_for_approval"]

_APPROVED = "approved in "


def approve(told: Services) -> Approve:
    """The action of ``approve``."""
    return Approve(ledger=told.ledger, deliveries=told.deliveries, clock=told.clock)


def standing(told: Services, environment: EnvironmentId) -> Standing | None:
    """The deployment that an environment stands on, and who approved it; ``None`` where it runs no release."""
    return approve(told).standing(environment)


def waiting_for_approval(told: Services, project: str) -> Sequence[tuple[str, str]]:
    """Names of environments whose release another tier waits for a word on, with that release."""
    records = {record.id.name: record for record in told.ledger.records() if record.id.project == project}
    if not any(record.release for record in records.values()):
        return ()
    try:
        settings = told.project(next(iter(records.values())).directory).settings
    except LocalenvError:
        return ()
    gates = {gate for tier in settings.tiers.values() for gate in tier.gates if gate.startswith(_APPROVED)}
    found: list[tuple[str, str]] = []
    for name in sorted(gate.removeprefix(_APPROVED) for gate in gates):
        stands = standing(told, EnvironmentId(project=project, name=name))
        if stands is not None and stands.approval is None:
            found.append((name, stands.deployment.release))
    return found
