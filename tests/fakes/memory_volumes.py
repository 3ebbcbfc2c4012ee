"""A volume store in memory, on top of the engine in memory: layers are dicts of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from uuid import uuid4

import msgspec

from localenv.core import labels as label
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import (
    Method,
    Snapshot,
    SnapshotVolume,
    StoredVolume,
    VolumeToFreeze,
    decode_snapshot,
    encode,
)
from localenv.errors import LocalenvError, NotFound
from localenv.errors.engine import ForeignObject
from localenv.ports.engine import VolumeSpec
from localenv.ports.volumes import Frozen, Garbage
from tests.fakes.memory_engine import MemoryEngine

__all__ = ["MemoryVolumeStore"]

_SLOTS = 3


class MemoryVolumeStore:
    """``ports.volumes.VolumeStore`` without a keeper."""

    def __init__(self, engine: MemoryEngine) -> None:
        self.engine = engine
        self.layers: dict[str, dict[str, bytes]] = {}
        self.records: dict[str, StoredVolume] = {}
        self.manifests: dict[str, bytes] = {}
        self.contents: dict[str, dict[str, bytes]] = {}
        self.making: dict[str, EnvironmentId] = {}

    @property
    def method(self) -> Method | None:
        return "overlay"

    def exists(self) -> bool:
        return bool(self.records or self.manifests)

    def mend(self) -> None:
        """Nothing runs here."""

    def stored(self) -> Mapping[str, StoredVolume]:
        return dict(self.records)

    def create(
        self,
        name: str,
        environment: EnvironmentId,
        labels: Mapping[str, str],
        *,
        source: tuple[Snapshot, SnapshotVolume] | None = None,
    ) -> None:
        if name not in self.records:
            if source is not None and source[0] not in self.snapshots():
                raise NotFound("the snapshot was removed meanwhile", code="no-snapshot")
            self.records[name] = StoredVolume(
                name=name,
                project=environment.project,
                environment=environment.name,
                method="overlay",
                folder=uuid4().hex,
                layers=source[1].layers if source else (),
                slots=tuple(uuid4().hex for _ in range(_SLOTS)),
                snapshot=source[0].id if source else None,
                labels=dict(labels) | ({label.SNAPSHOT: source[0].id} if source else {}),
            )
            self.contents[name] = self._whole(source[1].layers if source else ())
        self.engine.create_volume(VolumeSpec(name=name, labels=self.records[name].labels))
        if (made := self.engine.volumes.get(name)) is not None:
            made.files = self.contents[name]

    def _whole(self, layers: Sequence[str]) -> dict[str, bytes]:
        return dict(self.layers[layers[0]]) if layers else {}

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            known = self.records.pop(name, None)
            self.contents.pop(name, None)
            with suppress(ForeignObject) if known else nullcontext():
                self.engine.remove_volume(name)

    def snapshots(self) -> Sequence[Snapshot]:
        found = []
        for name, content in self.manifests.items():
            with suppress(LocalenvError):
                found.append(decode_snapshot(content, name))
        return sorted(found, key=lambda each: (each.created, each.id), reverse=True)

    def damaged(self) -> Mapping[str, str]:
        found = {}
        for name, content in self.manifests.items():
            try:
                decode_snapshot(content, name)
            except LocalenvError as error:
                found[name] = error.message
        return found

    def sizes(self, names: Sequence[str]) -> Mapping[str, int]:
        return {name: sum(map(len, self.contents[name].values())) for name in names if name in self.records}

    def used(self) -> int:
        return sum(len(content) for layer in self.layers.values() for content in layer.values())

    def can_freeze_in_place(self, names: Sequence[str]) -> bool:
        return all(name in self.records and self.records[name].slots for name in names)

    def copy(self, environment: EnvironmentId, volumes: Sequence[VolumeToFreeze]) -> Frozen:
        made = {volume.key: uuid4().hex for volume in volumes}
        for volume in volumes:
            self.layers[made[volume.key]] = dict(self.engine.volumes[volume.name].files)
            self.making[made[volume.key]] = environment
        return Frozen(environment=environment, layers=made, volumes=tuple(volumes))

    def freeze(self, environment: EnvironmentId, volumes: Sequence[VolumeToFreeze]) -> Frozen:
        for volume in volumes:
            if not self.records[volume.name].slots:
                raise LocalenvError(f"volume {volume.name} has no slot left", code="layers")
        made = {volume.key: self.records[volume.name].slots[0] for volume in volumes}
        for volume in volumes:
            record = self.records[volume.name]
            self.layers[made[volume.key]] = dict(self.contents[volume.name])
            self.records[volume.name] = msgspec.structs.replace(
                record, slots=record.slots[1:], layers=(made[volume.key], *record.layers)
            )
        return Frozen(environment=environment, layers=made, volumes=tuple(volumes), in_place=True)

    def seal(self, frozen: Frozen, make: Callable[[tuple[SnapshotVolume, ...]], Snapshot]) -> Snapshot:
        volumes = tuple(
            SnapshotVolume(
                key=volume.key,
                layers=(frozen.layers[volume.key],),
                classification=volume.classification,
                size=sum(map(len, self.layers[frozen.layers[volume.key]].values())),
            )
            for volume in frozen.volumes
        )
        snapshot = make(volumes)
        self.manifests[snapshot.id] = encode(snapshot)
        for layer in frozen.layers.values():
            self.making.pop(layer, None)
        return snapshot

    def abandon(self, frozen: Frozen) -> None:
        for layer in () if frozen.in_place else frozen.layers.values():
            self.layers.pop(layer, None)
            self.making.pop(layer, None)

    def forget(self, snapshots: Sequence[Snapshot]) -> None:
        for snapshot in snapshots:
            self.manifests.pop(snapshot.id, None)

    def garbage(self, *, busy: Callable[[EnvironmentId], bool], unneeded: Callable[[Snapshot], bool]) -> Garbage:
        cloned = {record.snapshot for record in self.records.values()}
        dropped = tuple(each for each in self.snapshots() if each.id not in cloned and unneeded(each))
        used = {layer for record in self.records.values() for layer in record.layers}
        used |= {layer for each in self.snapshots() if each not in dropped for volume in each.volumes for layer in volume.layers}
        held = {layer for layer, environment in self.making.items() if busy(environment)}
        left = set(self.layers) - used - held
        sizes = {layer: sum(map(len, self.layers[layer].values())) for layer in sorted(left)}
        return Garbage(
            snapshots=dropped,
            layers={} if self.damaged() else {layer: size for layer, size in sizes.items() if layer not in self.making},
            leftovers={layer: size for layer, size in sizes.items() if layer in self.making},
        )

    def collect(self, *, busy: Callable[[EnvironmentId], bool], unneeded: Callable[[Snapshot], bool]) -> Garbage:
        found = self.garbage(busy=busy, unneeded=unneeded)
        self.forget(found.snapshots)
        for layer in (*found.layers, *found.leftovers):
            del self.layers[layer]
            self.making.pop(layer, None)
        return found
