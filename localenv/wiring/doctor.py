"""``doctor`` with everything that it looks at."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from localenv.actions.doctor import Doctor
from localenv.actions.doctor_more import look_at_audit, look_at_data, look_at_images, look_at_programs, look_at_trust
from localenv.adapters.router.holders import holder_of
from localenv.adapters.trust_stores import SystemTrustStores
from localenv.wiring.services import Services

__all__ = ["doctor"]


def doctor(told: Services) -> Doctor:
    """The checks of this machine."""
    return Doctor(
        told.engine,
        told.compose,
        told.host,
        told.router,
        told.ledger,
        pool=told.pool,
        home=str(told.place.home),
        trust=partial(look_at_trust, told.certificates, SystemTrustStores(told.processes, home=Path.home())),
        more={
            "programs": partial(look_at_programs, told.processes),
            "images": lambda: look_at_images(told.image_actions.registries, can_bootstrap=shutil.which("mmdebstrap") is not None),
            "audit": lambda: look_at_audit(told.ledger),
            "data": lambda: look_at_data(told.snapshots, told.layers),
        },
        holder=holder_of,
    )
