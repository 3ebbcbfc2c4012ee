"""What is stored, read from manifests and records; and what nothing refers to, removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from uuid import uuid4

import msgspec

from localenv.adapters.volume_store import scripts
from localenv.adapters.volume_store.keeper import Keeper
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Snapshot, StoredVolume, decode_snapshot, decode_volume
from localenv.core.typed import from_json
from localenv.errors import LocalenvError
from localenv.errors.engine import ForeignObject
from localenv.ports.engine import Engine
from localenv.ports.volumes import Garbage
from localenv.values import dataclass

__all__ = ["Collecting"]


class _Whose(msgspec.Struct, frozen=True):
    """The part that every JSON file here has."""

    project: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What could go."""

    snapshots: tuple[Snapshot, ...]
    layers: tuple[str, ...]
    leftovers: tuple[str, ...]
    """Paths below the root."""

    @property
    def paths(self) -> list[str]:
        return [*(f"layers/{name}" for name in self.layers), *self.leftovers]


class Collecting:
    """The reading side of the store."""

    def __init__(self, keeper: Keeper, engine: Engine, lock: Callable[[], AbstractContextManager[None]]) -> None:
        self._keeper = keeper
        self._engine = engine
        self._lock = lock

    def stored(self) -> Mapping[str, StoredVolume]:
        """See the port. A record that is empty or was not written whole counts for nothing."""
        return {name: record for name, record in self._records().items() if record is not None}

    def _records(self) -> dict[str, StoredVolume | None]:
        found: dict[str, StoredVolume | None] = {}
        for name, content in self._keeper.read("records").items():
            found[name] = None
            with suppress(LocalenvError):
                found[name] = decode_volume(content, f"records/{name}.json")
        return found

    def finish_removals(self) -> None:
        """Remove the engine's object of each record that counts for nothing, then the record.

        A command that was killed between the two left it: an environment that went on with it would write where ``gc``
        removes what is nobody's. One that somebody's container holds stays for another time.
        """
        if None not in self._records().values():
            return
        with self._lock():
            gone = [name for name, record in self._records().items() if record is None and self._is_removed(name)]
            if gone:
                self._keeper.run('rm -f -- "$@"', *(f"records/{name}.json" for name in gone))

    def _is_removed(self, volume: str) -> bool:
        try:
            self._engine.remove_volume(volume)
        except ForeignObject:
            return True
        except LocalenvError:
            return False
        return True

    def snapshots(self) -> Sequence[Snapshot]:
        """See the port."""
        return self._manifests()[0]

    def damaged(self) -> Mapping[str, str]:
        """See the port."""
        return self._manifests()[1]

    def _manifests(self) -> tuple[Sequence[Snapshot], Mapping[str, str]]:
        """Those that can be read, the newest first, and why each of the others cannot."""
        found: list[Snapshot] = []
        damaged: dict[str, str] = {}
        for name, content in self._keeper.read("snapshots").items():
            try:
                found.append(decode_snapshot(content, f"snapshots/{name}.json"))
            except LocalenvError as error:
                damaged[name] = error.message
        return sorted(found, key=lambda each: (each.created, each.id), reverse=True), damaged

    def forget(self, snapshots: Sequence[Snapshot]) -> None:
        """See the port."""
        with self._lock():
            self._keeper.run('for name; do rm -f -- "snapshots/$name.json"; done', *(each.id for each in snapshots))

    def garbage(self, *, busy: Callable[[EnvironmentId], bool], unneeded: Callable[[Snapshot], bool]) -> Garbage:
        """See the port."""
        return self._measured(self._find(busy, unneeded)) if self._keeper.exists() else Garbage()

    def collect(self, *, busy: Callable[[EnvironmentId], bool], unneeded: Callable[[Snapshot], bool]) -> Garbage:
        """See the port. Under the lock things are only set aside, which takes milliseconds."""
        if not self._keeper.exists():
            return Garbage()
        self.finish_removals()
        told = self._measured(self._find(busy, unneeded))
        with self._lock():
            found = self._find(busy, unneeded)
            aside = {path: f"gone-{uuid4().hex[:12]}" for path in found.paths if not path.startswith(("partial/", "notes/"))}
            if found.snapshots:
                self._keeper.run('rm -f -- "$@"', *(f"snapshots/{each.id}.json" for each in found.snapshots))
            if aside:
                self._keeper.run(scripts.SET_ASIDE, *(word for pair in aside.items() for word in pair))
        left = [path for path in found.leftovers if path.startswith(("partial/", "notes/"))]
        if aside or left:
            self._keeper.run('rm -rf -- "$@"', *(f"partial/{name}" for name in aside.values()), *left)
        return told

    def _find(self, busy: Callable[[EnvironmentId], bool], unneeded: Callable[[Snapshot], bool]) -> _Found:
        """With a manifest that cannot be read nobody knows which layers it needs: none goes then."""
        records = self.stored().values()
        cloned = {each.snapshot for each in records}
        snapshots, damaged = self._manifests()
        dropped = tuple(each for each in snapshots if each.id not in cloned and unneeded(each))
        used = {layer for each in records for layer in (*each.layers, *each.slots)}
        used |= {layer for each in snapshots if each not in dropped for volume in each.volumes for layer in volume.layers}
        there = self._listing()
        folders = {each.folder for each in records}
        return _Found(
            snapshots=dropped,
            layers=() if damaged else tuple(sorted(set(there["layers"]) - used)),
            leftovers=(
                *(f"volumes/{name}" for name in sorted(set(there["volumes"]) - folders)),
                *self._unfinished([f"{folder}/{name}" for folder in ("partial", "notes") for name in there[folder]], busy),
            ),
        )

    def _listing(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {"layers": [], "notes": [], "partial": [], "volumes": []}
        for line in self._keeper.run(scripts.LISTING).splitlines():
            folder, _, name = line.partition(" ")
            found[folder].append(name)
        return found

    def _unfinished(self, paths: Sequence[str], busy: Callable[[EnvironmentId], bool]) -> list[str]:
        """What is not being made any more: a note beside it says for which environment it was."""
        notes = {name: _whose(content) for name, content in self._keeper.read("notes").items()}
        held = {name for name, whose in notes.items() if whose is not None and busy(whose)}
        return [path for path in sorted(paths) if path.partition("/")[2].removesuffix(".json") not in held]

    def _measured(self, found: _Found) -> Garbage:
        sizes = scripts.numbers(self._keeper.run(scripts.SIZES, *found.paths)) if found.paths else {}
        return Garbage(
            snapshots=found.snapshots,
            layers={name: sizes.get(f"layers/{name}", 0) for name in found.layers},
            leftovers={path: sizes.get(path, 0) for path in found.leftovers},
        )


def _whose(content: bytes) -> EnvironmentId | None:
    try:
        told = from_json(content, _Whose)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    return EnvironmentId(project=told.project, name=told.environment)
