"""What the ledger is told of an environment on its way up, and once it is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from localenv.actions.configuration import Loaded
from localenv.actions.origins import Origins
from localenv.actions.prepare import Prepared
from localenv.actions.up_request import UpRequest
from localenv.core.documents_json import exposure_document
from localenv.core.plan import DataOrigin, Plan
from localenv.ports.clock import Clock
from localenv.ports.router import RouterStatus
from localenv.ports.state import EnvironmentRecord, Ledger, Store

__all__ = ["RememberEnvironment", "exposures_told"]


class RememberEnvironment:
    """Writes to the ledger and the environment's folder."""

    def __init__(self, *, origins: Origins, ledger: Ledger, store: Store, clock: Clock) -> None:
        self._origins = origins
        self._ledger = ledger
        self._store = store
        self._clock = clock

    def begun(self, prepared: Prepared, request: UpRequest, loaded: Loaded, router: RouterStatus, origin: DataOrigin) -> None:
        """Before anything is made, so that whoever finds half of it knows what it was to be."""
        self._store.save_services(prepared.id, prepared.wanted.services)
        before = self._ledger.record(prepared.id)
        self._ledger.save(
            replace(
                before or EnvironmentRecord(id=prepared.id, tier=prepared.tier.tier, directory=loaded.directory),
                tier=prepared.tier.tier,
                directory=loaded.directory,
                origin=loaded.origin,
                release=before.release if before and loaded.release else None,
                merged=before.merged if before and loaded.origin else "[]",
                revision=before.revision if before and loaded.origin else None,
                data_profile=request.data or (before.data_profile if before else None),
                data_scale=prepared.profile.scale if prepared.profile else 1.0,
                holds_binds=prepared.holds_binds,
                stopped=False,
                exposures=json.dumps(exposures_told(prepared, router)),
                domain=loaded.settings.domain,
                snapshot=origin.snapshot.id if origin.snapshot else before.snapshot if before else None,
                baseline=_baseline_of(origin) or (before.baseline if before else None),
            )
        )

    def ended(self, prepared: Prepared, steps: Plan, loaded: Loaded, *, ready: bool) -> None:
        """What is known from now on; that it runs, only where somebody waited until it was ``ready``."""
        record = self._ledger.record(prepared.id)
        if record is None:
            return
        record = replace(record, release=loaded.release.name if loaded.release else None)
        if ready:
            record = replace(record, ready=self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
            if steps.changes:
                record = replace(record, done=json.dumps(dict(self._origins.done(prepared)), sort_keys=True))
        self._ledger.save(record)


def exposures_told(prepared: Prepared, router: RouterStatus) -> list[Mapping[str, object]]:
    """Its exposures as ``urls`` tells them."""
    return [
        exposure_document(exposure, https_port=router.https_port, postgres_port=router.postgres_port)
        for exposure in prepared.wanted.exposures
    ]


def _baseline_of(origin: DataOrigin) -> str | None:
    return origin.snapshot.key if origin.snapshot else origin.take.key if origin.take else None
