"""An environment's data replaced: by a snapshot, or by what its data profile makes. Killed anywhere, ``up`` finishes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from localenv.actions.executor.executor import Executor
from localenv.actions.snapshots import Snapshots, TakeRequest
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest, UpResult
from localenv.actions.volumes import Volumes
from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.core.observed import Observed
from localenv.core.plan import Plan
from localenv.core.plan.graph import closure, dependencies
from localenv.core.plan.steps import RemoveContainer, RemoveVolume, Step
from localenv.core.plan.value import assemble
from localenv.core.snapshots.model import Snapshot
from localenv.core.wanted import ServiceWanted
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine
from localenv.ports.state import EnvironmentRecord, Ledger, Locks, Store
from localenv.values import dataclass

__all__ = ["ReplaceData", "ReplaceRequest", "Replaced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRequest:
    """One environment; ``snapshot`` ``None`` is what its data profile makes."""

    id: EnvironmentId
    tier: str
    verb: Literal["reset", "restore"]
    snapshot: Snapshot | None = None
    data: str | None = None
    """Another data profile than it has."""
    scale: float | None = None
    """Multiplies the rows that the data profile generates; ``None``: as before, or once for another profile."""
    release: str | None = None
    """Another release than it runs, to be brought with the data."""
    backup: bool = True
    """Whether what is replaced is kept as an automatic snapshot."""
    timeout: float = 300.0
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What became of it."""

    plan: Plan
    """What was removed."""
    backup: Snapshot | None
    up: UpResult | None


class ReplaceData:
    """Removes the volumes and what works on them, and has ``up`` make them anew. Names, addresses and ports stay."""

    def __init__(  # noqa: PLR0913 - what it touches, handed in once by the wiring
        self,
        *,
        engine: Engine,
        ledger: Ledger,
        locks: Locks,
        store: Store,
        volumes: Volumes,
        snapshots: Snapshots,
        executor: Executor,
        up: Up,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._locks = locks
        self._store = store
        self._volumes = volumes
        self._snapshots = snapshots
        self._executor = executor
        self._up = up

    def __call__(self, request: ReplaceRequest) -> Replaced:
        """Raises ``DataRefused``, ``InvalidInput`` and ``Refused`` before anything is touched, and what ``up`` raises."""
        record = self._ledger.record(request.id)
        if record is None:
            raise LocalenvError(
                f"nothing is recorded of {request.id}", hints=("localenv repair", "localenv ls"), code="no-environment"
            )
        after = UpRequest(
            directory=record.directory,
            project=request.id.project,
            names=(request.id.name,),
            data=request.data,
            scale=request.scale,
            release=request.release,
            deploying=True,
            worktree=(request.release or record.release) is None,
            timeout=request.timeout,
        )
        self._up.check(after, request.snapshot)
        if request.dry_run:
            return Replaced(plan=self._plan(request), backup=None, up=None)
        with self._locks.environment(request.id, request.verb):
            backup = self._backup(request) if request.backup else None
            plan = self._plan(request)
            self._remember(record, request)
            self._executor.run(plan)
        return Replaced(plan=plan, backup=backup, up=self._up(after)[0])

    def _backup(self, request: ReplaceRequest) -> Snapshot | None:
        """``None`` where there is nothing to lose: a run that was killed has removed it already."""
        observed = self._engine.observe(request.id.project, request.id.name, details=False)
        if not observed.volumes and not self._volumes.of(request.id):
            return None
        told = f" {request.snapshot.label}" if request.snapshot else ""
        reason = f"before {request.verb}{told}"
        return self._snapshots.take_held(
            TakeRequest(id=request.id, tier=request.tier, kind="automatic", reason=reason, spare=request.snapshot)
        )

    def _remember(self, record: EnvironmentRecord, request: ReplaceRequest) -> None:
        """Before anything is removed, so that ``up`` makes of a half-done replacement what was asked for."""
        self._ledger.save(
            replace(
                record,
                snapshot=request.snapshot.id if request.snapshot else None,
                data_profile=request.data or record.data_profile,
                data_scale=request.scale or (1.0 if request.data else record.data_scale),
                done=json.dumps(dict(request.snapshot.one_shots)) if request.snapshot else "{}",
            )
        )

    def _plan(self, request: ReplaceRequest) -> Plan:
        observed = self._engine.observe(request.id.project, request.id.name)
        volumes = self._to_remove(request, observed)
        services = self._store.services(request.id)
        concerned = _concerned(services, volumes)
        steps: list[Step] = [
            RemoveContainer(
                target=seen.name,
                cause=f"its data is replaced ({request.verb})",
                container=seen.id,
                service=seen.service,
                number=seen.number,
                grace=None,
            )
            for seen in observed.containers
            if seen.service in concerned or not services
        ]
        gone = tuple(step.id for step in steps)
        steps += [RemoveVolume(target=name, cause=request.verb, after=gone) for name in volumes]
        return assemble(request.id, steps)

    def _to_remove(self, request: ReplaceRequest, observed: Observed) -> tuple[str, ...]:
        """Volumes that the snapshot has, or all: a copy of source is made again from the source."""
        names = self._volumes.marks(request.id, observed)
        kept = {volume.key for volume in request.snapshot.volumes} if request.snapshot else None
        return tuple(sorted(name for name, found in names.items() if kept is None or found.get(labels.COMPOSE_VOLUME) in kept))


def _concerned(services: Sequence[ServiceWanted], volumes: Sequence[str]) -> frozenset[str]:
    """Services that mount one of the volumes, and all that depend on those: they know the old data."""
    graph = dependencies(services)
    holders = {service.name for service in services if set(volumes) & set(service.volumes)}
    return frozenset(service.name for service in services if service.name in holders or closure(graph, service.name) & holders)
