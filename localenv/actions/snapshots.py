"""Snapshots of whole environments: taken, listed, removed; and what nothing needs any more."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field

import msgspec

from localenv.actions.chosen_data import snapshot_named
from localenv.actions.executor.executor import Executor
from localenv.actions.executor.values import Execution
from localenv.actions.volumes import Volumes
from localenv.core import labels
from localenv.core.baselines import secrets_within
from localenv.core.configuration.tier import Classification
from localenv.core.names import EnvironmentId
from localenv.core.plan import Plan
from localenv.core.plan.data_steps import TakeSnapshot
from localenv.core.plan.graph import dependencies, levels
from localenv.core.plan.value import assemble
from localenv.core.snapshots.choosing import How, copies, superfluous, unneeded
from localenv.core.snapshots.model import Snapshot, SnapshotKind, VolumeToFreeze, highest_class
from localenv.core.wanted import ServiceWanted
from localenv.errors import LocalenvError, NotFound
from localenv.ports.engine import Engine
from localenv.ports.state import Ledger, Locks, Store
from localenv.ports.volumes import Garbage
from localenv.values import dataclass

__all__ = ["Listed", "Snapshots", "TakeRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRequest:
    """One environment to snapshot."""

    id: EnvironmentId
    tier: str
    kind: SnapshotKind = "named"
    name: str | None = None
    reason: str = ""
    how: How = "auto"
    data_only: bool = False
    """Without volumes that hold a copy of the project's source: those come with the release."""
    spare: Snapshot | None = None
    """What the data is about to be replaced by: it stays, whatever its age."""
    classification: Classification | None = None
    """Claimed for its volumes instead of their own: only ever together with ``reason``, by a named person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Snapshots, and who stands on them."""

    snapshots: tuple[Snapshot, ...]
    clones: Mapping[str, tuple[EnvironmentId, ...]] = field(default_factory=dict)
    """Environments by identifier of the snapshot."""
    damaged: Mapping[str, str] = field(default_factory=dict)
    """Why, by name of the manifest."""


class Snapshots:
    """What is done with snapshots, but for beginning an environment on one."""

    def __init__(
        self, *, engine: Engine, ledger: Ledger, locks: Locks, store: Store, volumes: Volumes, executor: Executor
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._locks = locks
        self._store = store
        self._volumes = volumes
        self._executor = executor

    def interrupt(self) -> None:
        """End what is under way."""
        self._executor.interrupt()

    def listed(self, project: str | None = None) -> Listed:
        """All of them, of one project when named, the newest first."""
        clones: dict[str, dict[EnvironmentId, None]] = {}
        for volume in self._volumes.stored().values():
            if volume.snapshot is not None:
                clones.setdefault(volume.snapshot, {})[volume.owner] = None
        return Listed(
            snapshots=tuple(each for each in self._volumes.snapshots() if project in {None, each.project}),
            clones={name: tuple(found) for name, found in clones.items()},
            damaged=self._volumes.damaged(),
        )

    def named(self, text: str, project: str | None) -> Snapshot:
        """The one that a person means. Raises ``LocalenvError`` (code ``no-snapshot``)."""
        return snapshot_named(self._volumes, text, project)

    def kept(self, identifier: str | None) -> Snapshot | None:
        """The one that was noted under this identifier, where it is still there."""
        return self._volumes.snapshot(identifier)

    def last_automatic(self, environment: EnvironmentId) -> Snapshot:
        """What was taken before the environment's data was last replaced. Raises ``NotFound``."""
        for each in self._volumes.snapshots():
            if each.kind == "automatic" and each.owner == environment:
                return each
        raise NotFound(
            f"nothing was replaced in {environment.name} yet, so there is no automatic snapshot of it",
            hints=("localenv snapshot ls",),
            code="no-snapshot",
        )

    def classes(self, environment: EnvironmentId) -> Mapping[str, Classification]:
        """Class by key of each volume of an environment."""
        observed = self._engine.observe(environment.project, environment.name, details=False)
        return {volume.key: volume.classification for volume in _with_classes(self._volumes.marks(environment, observed))}

    def plan(self, request: TakeRequest) -> Plan:
        """What taking it does. Raises ``NotFound`` for an environment without volumes."""
        observed = self._engine.observe(request.id.project, request.id.name)
        services = self._store.services(request.id)
        marks = self._volumes.marks(request.id, observed)
        if request.data_only:
            marks = {name: found for name, found in marks.items() if labels.SOURCE not in found}
        volumes = _to_freeze(request, marks)
        if not volumes:
            raise NotFound(
                f"{request.id.name} has no volume, so there is nothing to snapshot",
                hints=("localenv ls", f"localenv status {request.id.name}"),
                code="no-volumes",
            )
        names = [volume.name for volume in volumes]
        writers = _writers(services, names)
        store = self._volumes.needed()
        record = self._ledger.record(request.id)
        running = any(seen.state in {"running", "paused", "restarting"} for seen in observed.containers)
        step = TakeSnapshot(
            target=request.name or request.id.name,
            cause=request.reason or "asked for",
            snapshot_kind=request.kind,
            name=request.name,
            profile=_profile(marks),
            reason=request.reason,
            tier=request.tier,
            volumes=volumes,
            images={service.name: service.image_id for service in writers if service.image_id},
            one_shots=json.loads(record.done) if record else {},
            secrets=self._secrets(request.id, writers),
            stops=writers,
            bystanders=tuple(sorted(service.name for service in services if not set(names) & set(service.volumes))),
            copies=copies(
                request.how,
                sum(store.sizes(names).values()),
                in_place=store.can_freeze_in_place(names),
                running=running,
            ),
        )
        return assemble(request.id, (step,))

    def take(self, request: TakeRequest) -> Snapshot:
        """Freeze the environment's volumes at one instant. Raises ``LocalenvError`` for a name that is taken."""
        if request.name is not None:
            self._refuse_taken(request.name, request.id.project)
        with self._locks.environment(request.id, "snapshot"):
            return self.take_held(request)

    def take_held(self, request: TakeRequest) -> Snapshot:
        """The same while the environment's lock is held."""
        before = {each.id for each in self._volumes.snapshots()}
        plan = self.plan(request)
        self._executor.run(plan, Execution())
        found = next(each for each in self._volumes.snapshots() if each.id not in before and _is_of(each, request))
        if request.kind == "automatic":
            spare = {request.spare.id} if request.spare else set()
            self._volumes.needed().forget(superfluous(self._volumes.snapshots(), request.id, spare=spare))
        return found

    def remove(self, snapshots: Sequence[Snapshot]) -> None:
        """Remove manifests; what clones stand on stays until they are gone, then ``gc`` takes it."""
        self._volumes.needed().forget(snapshots)

    def garbage(self, *, every_baseline: bool = False) -> Garbage:
        """What nothing needs."""
        gone = self._unneeded(every_baseline=every_baseline)
        return self._volumes.layers.garbage(busy=self._locks.is_held, unneeded=lambda each: each.id in gone)

    def collect(self, *, every_baseline: bool = False) -> Garbage:
        """Remove it."""
        gone = self._unneeded(every_baseline=every_baseline)
        return self._volumes.layers.collect(busy=self._locks.is_held, unneeded=lambda each: each.id in gone)

    def _unneeded(self, *, every_baseline: bool) -> frozenset[str]:
        records = self._ledger.records()
        existing = {record.id for record in records} | {volume.owner for volume in self._volumes.stored().values()}
        wished = {record.snapshot for record in records if record.snapshot}
        return unneeded(self._volumes.snapshots(), existing, spare=wished, every_baseline=every_baseline)

    def _refuse_taken(self, name: str, project: str) -> None:
        for each in self._volumes.snapshots():
            if each.name == name and each.project == project and each.kind == "named":
                raise LocalenvError(
                    f"there is a snapshot {name} already, of {each.environment}, taken {each.created}",
                    hints=(f"localenv snapshot rm {name}", f"localenv snapshot create --name {name}-2"),
                    code="exists",
                )

    def _secrets(self, environment: EnvironmentId, writers: Sequence[ServiceWanted]) -> dict[str, str]:
        """Generated values that the services which write are given, by variables or by files."""
        kept = self._store.kept_secrets(environment)
        model = self._store.rendered(environment)
        found = secrets_within(model, [service.name for service in writers], kept) if model else {}
        injected = [file.content for service in writers for file in service.injected]
        return found | {name: value for name, value in kept.items() if any(value.encode() in content for content in injected)}


def _profile(marks: Mapping[str, Mapping[str, str]]) -> str | None:
    """The data profile that filled the volumes."""
    told = (found.get(labels.PROFILE, "none") for found in marks.values())
    return next((name for name in told if name != "none"), None)


def _to_freeze(request: TakeRequest, marks: Mapping[str, Mapping[str, str]]) -> tuple[VolumeToFreeze, ...]:
    found = _with_classes(marks)
    if request.classification is None:
        return found
    return tuple(msgspec.structs.replace(volume, classification=request.classification) for volume in found)


def _with_classes(marks: Mapping[str, Mapping[str, str]]) -> tuple[VolumeToFreeze, ...]:
    """Volumes by their labels.

    One with a driver of its own has no class there, and no clone gets its content: it counts as the highest of the others.
    """
    highest = highest_class(found[labels.CLASSIFICATION] for found in marks.values() if labels.CLASSIFICATION in found)
    return tuple(
        VolumeToFreeze(
            key=found.get(labels.COMPOSE_VOLUME, name),
            name=name,
            classification=highest_class((found.get(labels.CLASSIFICATION, highest),)),
        )
        for name, found in sorted(marks.items())
    )


def _writers(services: Sequence[ServiceWanted], volumes: Sequence[str]) -> tuple[ServiceWanted, ...]:
    """Services that mount one of the volumes and go on running, those first that others need."""
    depth = levels(dependencies(services))
    writers = [service for service in services if not service.one_shot and set(volumes) & set(service.volumes)]
    return tuple(sorted(writers, key=lambda service: (depth[service.name], service.name)))


def _is_of(snapshot: Snapshot, request: TakeRequest) -> bool:
    return (snapshot.owner, snapshot.kind) == (request.id, request.kind)
