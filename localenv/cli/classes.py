"""A class of data claimed by a person: raised by anybody, lowered only with a name and a reason, which are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import CLASS_RANK, highest_class
from localenv.errors import LocalenvError

if TYPE_CHECKING:
    from localenv.core.configuration.tier import Classification
    from localenv.wiring.services import Services

__all__ = ["settle_class"]


def settle_class(
    told: Services, found: EnvironmentId, claimed: str | None, person: str | None, reason: str | None, *, dry_run: bool
) -> Classification | None:
    """The class that a copy gets instead of its origin's; a lower one is written to the audit log."""
    from localenv.wiring import snapshots as wiring

    if claimed is None:
        return None
    own = highest_class(told.snapshots.classes(found).values())
    if CLASS_RANK[claimed] < CLASS_RANK[own]:
        if not person or not reason:
            raise LocalenvError(
                f"{found.name} holds {own} data; calling a copy of it {claimed} is somebody's decision",
                details=("it takes a name and a reason, which are kept in the audit log",),
                hints=(f"--class {claimed} --as NAME --reason WHY",),
                code="class-lowered",
            )
        if not dry_run:
            wiring.audit(told, found, f"class {own} -> {claimed}", actor=person, reason=reason)
            click.echo(f"  note  class {own} -> {claimed} by {person}, in the audit log", err=True)
    return highest_class((claimed,))
