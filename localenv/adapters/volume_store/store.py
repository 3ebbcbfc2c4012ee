"""Volumes that stand on frozen layers, and snapshots made of them: see ``ports.volumes``.

Below the root of one volume that localenv owns: ``layers/`` holds what never changes, ``snapshots/`` the manifests,
``volumes/`` what environments write, ``records/`` what is known of each volume, ``partial/`` and ``notes/`` what is being
made and for whom. A name in ``layers/`` is either in a manifest or in a record, or garbage; both change only under the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Final
from uuid import uuid4

import msgspec

from localenv.adapters.volume_store import scripts
from localenv.adapters.volume_store.freezing import Freezing, slots_file
from localenv.adapters.volume_store.keeper import Entry, Keeper
from localenv.adapters.volume_store.probing import Probed, overlay_options
from localenv.core import labels as label
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Method, Snapshot, SnapshotVolume, StoredVolume, encode
from localenv.errors import LocalenvError, NotFound
from localenv.errors.engine import ForeignObject
from localenv.ports.engine import Engine, VolumeSpec
from localenv.ports.state import Ledger

__all__ = ["LayerStore"]

SLOTS: Final = 3
"""How often a volume can be frozen where it stands before its next snapshot is a copy."""


class LayerStore(Freezing):
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
        keeper = Keeper(engine, provide_image, lock, place)
        super().__init__(keeper, engine, lock, Probed(engine, keeper, ledger, lock, forced))

    @property
    def method(self) -> Method | None:
        """See the port."""
        return self._probed.method

    def exists(self) -> bool:
        """See the port."""
        return self._keeper.exists()

    def mend(self) -> None:
        """See the port."""
        if self._keeper.exists():
            self._keeper.mend()
            self.finish_removals()

    def create(
        self,
        name: str,
        environment: EnvironmentId,
        labels: Mapping[str, str],
        *,
        source: tuple[Snapshot, SnapshotVolume] | None = None,
    ) -> None:
        """See the port."""
        method = self._probed.method
        with self._lock():
            record = self.stored().get(name) or self._begin(name, environment, labels, source, method)
        if record.method != "overlay" and record.layers:
            self._fill(record)
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
            layers=below.layers if below else (),
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
        return overlay_options(path, names, f"volumes/{folder}", self._probed.options)

    def _fill(self, record: StoredVolume) -> None:
        """Copy the layer, shared where the storage can. The record names it until that is done, and is filled again till then."""
        how = "always" if record.method == "reflink" else "auto"
        filled = msgspec.structs.replace(record, layers=())
        self._keeper.put([Entry(path=f"notes/{record.name}.json", content=encode(filled), mode=0o600)])
        self._keeper.run(scripts.FILL, how, record.layers[0], record.folder, record.name)

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
        return {wanted[folder]: size for folder, size in scripts.numbers(told).items()}

    def used(self) -> int:
        """See the port."""
        if not self._keeper.exists():
            return 0
        return sum(scripts.numbers(self._keeper.run(scripts.SIZES, "layers", "volumes")).values())


def _folders(record: StoredVolume, below: SnapshotVolume | None) -> list[Entry]:
    """The root of a clone looks like the root of what it was made from."""
    base = f"volumes/{record.folder}"
    if record.method != "overlay":
        return [Entry(path=base, mode=0o700), *(() if below else (Entry(path=f"{base}/data"),))]
    upper = f"{base}/upper"
    return [
        Entry(path=base, mode=0o700),
        Entry(path=upper, uid=below.uid, gid=below.gid, mode=below.mode) if below else Entry(path=upper),
        Entry(path=f"{base}/work"),
        slots_file(record),
        *(Entry(path=f"layers/{slot}") for slot in record.slots),
    ]
