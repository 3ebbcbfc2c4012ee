"""Volumes that stand on frozen layers, and snapshots made of them: see ``ports.volumes``.

Below the root of one volume that localenv owns: ``layers/`` holds what never changes, ``snapshots/`` the manifests,
``volumes/`` what environments write, ``records/`` what is known of each volume, ``partial/`` and ``notes/`` what is being
made and for whom. A name in ``layers/`` is either in a manifest or in a record, or garbage; both change only under the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from typing import Final
from uuid import uuid4

import msgspec

from localenv.adapters.volume_store import scripts
from localenv.adapters.volume_store.collecting import Collecting
from localenv.adapters.volume_store.keeper import ROOT, Entry, Keeper
from localenv.adapters.volume_store.probing import overlay_options, probe
from localenv.core import labels as label
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import (
    Method,
    Snapshot,
    SnapshotVolume,
    StoredVolume,
    VolumeToFreeze,
    encode,
    highest_class,
)
from localenv.errors import LocalenvError, NotFound
from localenv.errors.engine import ForeignObject
from localenv.ports.engine import Engine, ToolSpec, VolumeSpec
from localenv.ports.state import Ledger
from localenv.ports.volumes import Frozen

__all__ = ["LayerStore"]

SLOTS: Final = 3
"""How often a volume can be frozen where it stands before its next snapshot is a copy."""
DEEPEST: Final = 8
"""Layers of a volume in a snapshot; one with more is squashed: looking a file up costs a step for each."""
_CAPABILITIES: Final = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP", "SYS_ADMIN")


class LayerStore(Collecting):
    """``lock`` is held for milliseconds, while names appear or go; ``forced`` is a method that is used without a probe.

    ``place`` is a folder of the engine's machine, on a disk that can share blocks for example; ``None``: the engine's own.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        ledger: Ledger,
        lock: Callable[[], AbstractContextManager[None]],
        provide_image: Callable[[str], None],
        forced: Method | None = None,
        place: str | None = None,
    ) -> None:
        super().__init__(Keeper(engine, provide_image, lock, place), engine, lock)
        self._ledger = ledger
        self._forced = forced

    @property
    def method(self) -> Method | None:
        """See the port."""
        return self._chosen[0]

    def exists(self) -> bool:
        """See the port."""
        return self._keeper.exists()

    def mend(self) -> None:
        """See the port."""
        if self._keeper.exists():
            self._keeper.mend()
            self.finish_removals()

    @cached_property
    def _chosen(self) -> tuple[Method, str]:
        """The method and further options of the overlay, remembered for this place on this engine."""
        if self._forced in {"reflink", "copy"}:
            return self._forced, ""
        key = f"volumes {self._keeper.path()}"
        told = self._ledger.setting(key)
        if told is None:
            with self._lock():
                method, extra = probe(self._engine, self._keeper)
            told = msgspec.json.encode([method, extra]).decode()
            self._ledger.set_setting(key, told)
        method, extra = msgspec.json.decode(told, type=tuple[Method, str])
        return method, extra

    # --- volumes ------------------------------------------------------------------------------------------------------

    def create(
        self,
        name: str,
        environment: EnvironmentId,
        labels: Mapping[str, str],
        *,
        source: tuple[Snapshot, SnapshotVolume] | None = None,
    ) -> None:
        """See the port."""
        method = self._chosen[0]
        with self._lock():
            record = self.stored().get(name) or self._begin(name, environment, labels, source, method)
        if source is not None and method != "overlay" and record.snapshot == source[0].id:
            self._fill(record, source[1])
        self._engine.create_volume(VolumeSpec(name=name, options=record.options, labels=record.labels or labels))

    def _begin(
        self,
        name: str,
        environment: EnvironmentId,
        labels: Mapping[str, str],
        source: tuple[Snapshot, SnapshotVolume] | None,
        method: Method,
    ) -> StoredVolume:
        """Folders and record of a volume that is new. Under the lock, so that its layers cannot go meanwhile."""
        if source is not None and not any(each.id == source[0].id for each in self.snapshots()):
            raise NotFound(
                f"snapshot {source[0].label} was removed meanwhile", hints=("localenv snapshot ls",), code="no-snapshot"
            )
        below = source[1] if source else None
        folder = f"{name[:60]}-{uuid4().hex[:8]}"
        slots = tuple(f"{uuid4().hex[:12]}" for _ in range(SLOTS)) if method == "overlay" else ()
        record = StoredVolume(
            name=name,
            project=environment.project,
            environment=environment.name,
            method=method,
            folder=folder,
            layers=below.layers if below and method == "overlay" else (),
            slots=slots,
            snapshot=source[0].id if source else None,
            options=self._options(method, folder, (*reversed(slots), *(below.layers if below else ()))),
            labels=dict(labels) | ({label.SNAPSHOT: source[0].id} if source else {}),
        )
        try:
            self._keeper.put([*_folders(record, below), Entry(path=f"records/{name}.json", content=encode(record), mode=0o600)])
        except LocalenvError:
            with suppress(LocalenvError):
                self._keeper.run('rm -f -- "records/$1.json"', name)
                self._keeper.run(scripts.REMOVE, folder)
            raise
        return record

    def _options(self, method: Method, folder: str, lower: tuple[str, ...]) -> dict[str, str]:
        path = self._keeper.path()
        if method != "overlay":
            return {"type": "none", "o": "bind", "device": f"{path}/volumes/{folder}/data"}
        names = tuple(f"layers/{layer}" for layer in lower)
        return overlay_options(path, names, f"volumes/{folder}", self._chosen[1])

    def _fill(self, record: StoredVolume, volume: SnapshotVolume) -> None:
        """Copy the layer, shared where the storage can; a clone that was begun and not filled is filled again."""
        how = "always" if record.method == "reflink" else "auto"
        self._keeper.run(scripts.FILL, how, volume.layers[0], f"volumes/{record.folder}/data")

    def remove(self, names: Sequence[str]) -> None:
        """See the port. The record goes first: what is left then is nobody's, and goes sooner or later.

        Somebody else's volume of a name that is kept here stood in the way when this one was to be made: it stays.
        """
        records = self.stored() if self._keeper.exists() else {}
        found = [records[name] for name in names if name in records]
        if found:
            self._keeper.put([Entry(path=f"records/{each.name}.json", content=b"", mode=0o600) for each in found])
        for name in names:
            with suppress(ForeignObject) if name in records else nullcontext():
                self._engine.remove_volume(name)
        if found:
            self._keeper.begin(scripts.REMOVE, *(each.folder for each in found))

    def sizes(self, names: Sequence[str]) -> Mapping[str, int]:
        """See the port."""
        records = self.stored()
        wanted = {records[name].folder: name for name in names if name in records}
        if not wanted:
            return {}
        told = self._keeper.run(scripts.OWN_SIZES, *wanted)
        return {wanted[folder]: size for folder, size in _numbers(told).items()}

    def used(self) -> int:
        """See the port."""
        if not self._keeper.exists():
            return 0
        return sum(_numbers(self._keeper.run(scripts.SIZES, "layers", "volumes")).values())

    # --- snapshots ----------------------------------------------------------------------------------------------------

    def can_freeze_in_place(self, names: Sequence[str]) -> bool:
        """See the port."""
        records = self.stored()
        return all(name in records and records[name].method == "overlay" and self._spare(records[name]) for name in names)

    def _spare(self, record: StoredVolume) -> list[str]:
        return self._keeper.run(scripts.SPARE_SLOT, *record.slots).split() if record.slots else []

    def copy(self, environment: EnvironmentId, volumes: Sequence[VolumeToFreeze]) -> Frozen:
        """See the port."""
        records = self.stored()
        layers = {volume.key: uuid4().hex[:12] for volume in volumes}
        whole = {v.key for v in volumes if v.name not in records or records[v.name].method != "overlay"}
        frozen = Frozen(environment=environment, layers=layers, volumes=tuple(volumes), whole=frozenset(whole))
        try:
            self._announce(environment, layers.values())
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

    def _announce(self, environment: EnvironmentId, layers: Iterable[str]) -> None:
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
        for volume in volumes:
            record = records[volume.name]
            spare = self._spare(record)
            if not spare:
                raise LocalenvError(f"volume {volume.name} has no slot left", code="layers")
            used = tuple(slot for slot in record.slots if slot not in spare)
            below = (spare[0], *reversed(used), *record.layers)
            changed = msgspec.structs.replace(record, layers=below, slots=tuple(spare[1:]))
            notes += [
                Entry(path=f"notes/{record.name}.json", content=encode(changed), mode=0o600),
                Entry(path=f"volumes/{record.folder}/slots", content=_lines(changed.slots)),
            ]
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
            below = _below(record, frozen, volume.key)
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
        options = overlay_options(path, lower, None, self._chosen[1])
        try:
            self._announce(environment, (layer,))
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


def _below(record: StoredVolume | None, frozen: Frozen, key: str) -> tuple[str, ...]:
    """Layers under the one that was just taken: freezing in place has put that one into the record."""
    if record is None or key in frozen.whole:
        return ()
    return record.layers[1:] if frozen.in_place else record.layers


def _numbers(told: str) -> dict[str, int]:
    """``name number`` a line."""
    rows = (line.rpartition(" ") for line in told.splitlines())
    return {name: int(number) for name, _, number in rows if number.isdigit()}


def _folders(record: StoredVolume, below: SnapshotVolume | None) -> list[Entry]:
    """The root of a clone looks like the root of what it was made from."""
    base = f"volumes/{record.folder}"
    part = "upper" if record.method == "overlay" else "data"
    root = Entry(path=f"{base}/{part}")
    if below is not None:
        root = Entry(path=f"{base}/{part}", uid=below.uid, gid=below.gid, mode=below.mode)
    if record.method != "overlay":
        return [Entry(path=base, mode=0o700), root]
    return [
        Entry(path=base, mode=0o700),
        root,
        Entry(path=f"{base}/work"),
        Entry(path=f"{base}/slots", content=_lines(record.slots)),
        *(Entry(path=f"layers/{slot}") for slot in record.slots),
    ]


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def _written(record: StoredVolume) -> str:
    return f"volumes/{record.folder}/{'upper' if record.method == 'overlay' else 'data'}"
