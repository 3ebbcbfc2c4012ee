"""Content of volumes made into layers that never change, and manifests that name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Final
from uuid import uuid4

import msgspec

from localenv.adapters.volume_store import scripts
from localenv.adapters.volume_store.collecting import Collecting
from localenv.adapters.volume_store.keeper import ROOT, Entry, Keeper
from localenv.adapters.volume_store.probing import Probed, overlay_options
from localenv.core import labels as label
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Snapshot, SnapshotVolume, StoredVolume, VolumeToFreeze, encode, highest_class
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine, ToolSpec, VolumeSpec
from localenv.ports.volumes import Frozen

__all__ = ["DEEPEST", "Freezing", "slots_file"]

DEEPEST: Final = 8
"""Layers of a volume in a snapshot; one with more is squashed: looking a file up costs a step for each."""
_CAPABILITIES: Final = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP", "SYS_ADMIN")


class Freezing(Collecting):
    """The side of the store that takes snapshots."""

    def __init__(self, keeper: Keeper, engine: Engine, lock: Callable[[], AbstractContextManager[None]], probed: Probed) -> None:
        super().__init__(keeper, engine, lock)
        self._probed = probed

    def can_freeze_in_place(self, names: Sequence[str]) -> bool:
        """See the port."""
        records = self.stored()
        return records.keys() >= set(names) and all(self._spare(records[name] for name in names).values())

    def _spare(self, records: Iterable[StoredVolume]) -> dict[str, tuple[str, ...]]:
        """Slots that are empty, the lowest first, by name of the volume; none where clones are copies."""
        slots = {record.name: record.slots for record in records}
        asked = [slot for each in slots.values() for slot in each]
        empty = set(self._keeper.run(scripts.SPARE_SLOT, *asked).split()) if asked else set()
        return {name: tuple(slot for slot in each if slot in empty) for name, each in slots.items()}

    def copy(self, environment: EnvironmentId, volumes: Sequence[VolumeToFreeze]) -> Frozen:
        """See the port."""
        records = self.stored()
        layers = {volume.key: uuid4().hex[:12] for volume in volumes}
        whole = {v.key for v in volumes if v.name not in records or records[v.name].method != "overlay"}
        frozen = Frozen(environment=environment, layers=layers, volumes=tuple(volumes), whole=frozenset(whole))
        try:
            self._note(environment, layers.values())
            kept = [volume for volume in volumes if volume.name in records]
            if kept:
                pairs = ((_written(records[volume.name]), layers[volume.key]) for volume in kept)
                self._keeper.run(scripts.COPY, *(word for pair in pairs for word in pair))
            for volume in volumes:
                if volume.name not in records:
                    self._copy_plain(volume.name, layers[volume.key])
        except BaseException:
            self.abandon(frozen)
            raise
        return frozen

    def _note(self, environment: EnvironmentId, layers: Iterable[str]) -> None:
        """Say whose the layers are that are about to be made, so that what a killed command leaves can be told."""
        note = msgspec.json.encode({"project": environment.project, "environment": environment.name})
        self._keeper.put([Entry(path=f"notes/{layer}.json", content=note, mode=0o600) for layer in layers])

    def _copy_plain(self, volume: str, layer: str) -> None:
        """A volume whose content is not kept here is copied whole, through a container that mounts both."""
        self._tool(f"localenv-copy-{layer}", 'cp -a -T -- /from "$1"', f"{ROOT}/partial/{layer}", f"{volume}:/from:ro")

    def _tool(self, name: str, script: str, argument: str, bind: str) -> None:
        result = self._engine.run_tool(
            ToolSpec(
                name=name,
                image=self._keeper.image,
                entrypoint=("sh",),
                command=("-euc", script, "localenv", argument),
                binds=(bind, f"{self._keeper.volume}:{ROOT}"),
                capabilities=_CAPABILITIES,
            )
        )
        if result is not None and result.exit_code != 0:
            raise self._keeper.failure("a volume could not be copied", result.stderr.decode("utf-8", "replace").strip())

    def freeze(self, environment: EnvironmentId, volumes: Sequence[VolumeToFreeze]) -> Frozen:
        """See the port."""
        records = self.stored()
        words: list[str] = []
        notes: list[Entry] = []
        layers: dict[str, str] = {}
        empty = self._spare(records[volume.name] for volume in volumes)
        for volume in volumes:
            record, spare = records[volume.name], empty[volume.name]
            if not spare:
                raise LocalenvError(f"volume {volume.name} has no slot left", code="layers")
            used = tuple(slot for slot in record.slots if slot not in spare)
            below = (spare[0], *reversed(used), *record.layers)
            changed = msgspec.structs.replace(record, layers=below, slots=spare[1:])
            notes += [Entry(path=f"notes/{record.name}.json", content=encode(changed), mode=0o600), slots_file(changed)]
            words += [record.folder, spare[0], record.name]
            layers[volume.key] = spare[0]
        try:
            self._keeper.put(notes)
            self._keeper.run(scripts.FREEZE, *words)
        except LocalenvError:
            self._discard(words[2::3])
            raise
        return Frozen(environment=environment, layers=layers, volumes=tuple(volumes), in_place=True)

    def seal(self, frozen: Frozen, make: Callable[[tuple[SnapshotVolume, ...]], Snapshot]) -> Snapshot:
        """See the port."""
        volumes = tuple(self._squashed(frozen.environment, volume) for volume in self._described(frozen))
        snapshot = make(volumes)
        new = [layer for volume in volumes for layer in volume.layers[:1]]
        try:
            self._keeper.put([Entry(path=f"notes/{snapshot.id}.json", content=encode(snapshot), mode=0o600)])
            with self._lock():
                self._keeper.run(scripts.SEAL, snapshot.id, *new)
        except LocalenvError:
            self._discard((snapshot.id, *new))
            raise
        self._keeper.begin(scripts.DISCARD, *frozen.layers.values(), *new)
        return snapshot

    def _described(self, frozen: Frozen) -> tuple[SnapshotVolume, ...]:
        records = self.stored()
        place = "layers" if frozen.in_place else "partial"
        told = self._keeper.run(scripts.LOOK, *(f"{place}/{layer}" for layer in frozen.layers.values()))
        looks = {words[0].rpartition("/")[2]: words[1:] for line in told.splitlines() if (words := line.split())}
        known = {volume.layers: volume.size for each in self.snapshots() for volume in each.volumes}
        found = []
        for volume in frozen.volumes:
            layer = frozen.layers[volume.key]
            uid, gid, mode, size = looks[layer]
            record = records.get(volume.name)
            below = (
                () if volume.key in frozen.whole or record is None else record.layers[1:] if frozen.in_place else record.layers
            )
            found.append(
                SnapshotVolume(
                    key=volume.key,
                    layers=(layer, *below),
                    classification=highest_class((volume.classification,)),
                    size=int(size) + known.get(below, 0),
                    uid=int(uid),
                    gid=int(gid),
                    mode=int(mode, 8),
                )
            )
        return tuple(found)

    def _squashed(self, environment: EnvironmentId, volume: SnapshotVolume) -> SnapshotVolume:
        """One whole layer instead of too many, made from what is frozen already, while the environment goes on."""
        if len(volume.layers) <= DEEPEST:
            return volume
        path, layer = self._keeper.path(), uuid4().hex[:12]
        first, *rest = volume.layers
        place = self._keeper.run('if [ -e "partial/$1" ]; then echo partial; else echo layers; fi', first).strip()
        name = f"localenv-squash-{layer}"
        lower = (f"{place}/{first}", *(f"layers/{each}" for each in rest))
        options = overlay_options(path, lower, None, self._probed.options)
        try:
            self._note(environment, (layer,))
            self._engine.create_volume(VolumeSpec(name=name, options=options, labels={label.ROLE: "tool"}))
            self._tool(name, 'cp -a -T -- /from "$1"', f"{ROOT}/partial/{layer}", f"{name}:/from:ro")
        except BaseException:
            self._discard((layer,))
            raise
        finally:
            self._engine.remove_volume(name)
        return msgspec.structs.replace(volume, layers=(layer,))

    def abandon(self, frozen: Frozen) -> None:
        """See the port."""
        if not frozen.in_place:
            self._discard(frozen.layers.values())

    def _discard(self, layers: Iterable[str]) -> None:
        with suppress(LocalenvError):
            self._keeper.run(scripts.DISCARD, *layers)


def slots_file(record: StoredVolume) -> Entry:
    """Names of the volume's slots, a line each, for what removes them with it."""
    return Entry(path=f"volumes/{record.folder}/slots", content="".join(f"{slot}\n" for slot in record.slots).encode())


def _written(record: StoredVolume) -> str:
    return f"volumes/{record.folder}/{'upper' if record.method == 'overlay' else 'data'}"
