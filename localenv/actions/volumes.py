"""Volumes whose content is kept in layers where the engine allows it, and plain ones where it does not."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.core.observed import Observed, VolumeSeen
from localenv.core.snapshots.model import Snapshot, SnapshotVolume, StoredVolume
from localenv.errors import LocalenvError, Unavailable
from localenv.ports.engine import Engine, VolumeSpec
from localenv.ports.progress import Message, Progress
from localenv.ports.volumes import VolumeStore
from localenv.values import dataclass

__all__ = ["VolumeData", "Volumes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeData:
    """What a volume's content stands on. Sizes in bytes."""

    own: int
    shared: int = 0
    snapshot: str | None = None
    origin: str = ""
    """For people: ``baseline large 7f3a12``."""


class Volumes:
    """What steps about volumes are carried out with."""

    def __init__(self, engine: Engine, store: VolumeStore, progress: Progress) -> None:
        self._engine = engine
        self._store = store
        self._progress = progress
        self._lock = threading.Lock()

    @property
    def store(self) -> VolumeStore | None:
        """Where layers are kept; ``None`` when that needs an image which cannot be had, which is told once."""
        with self._lock:
            return self._usable

    @cached_property
    def _usable(self) -> VolumeStore | None:
        try:
            usable = self._store.method is not None
        except LocalenvError as error:
            if error.code_of_case in {"engine-unreachable", "disk-full", "newer-state"}:
                raise
            self._progress.emit(Message(stage="note", text=f"no snapshots and clones here: {error.message}"))
            usable = False
        return self._store if usable else None

    def needed(self) -> VolumeStore:
        """The same for a command that is about snapshots. Raises ``Unavailable`` where there are none."""
        if self.store is None:
            raise Unavailable(
                "snapshots need an image that cannot be had here",
                hints=("localenv doctor", "docker pull debian:bookworm-slim"),
                code="image-missing",
            )
        return self.store

    def stored(self) -> Mapping[str, StoredVolume]:
        """Volumes whose content is kept in layers, by name on the engine."""
        return self._store.stored()

    def snapshots(self) -> Sequence[Snapshot]:
        """All that are there, the newest first; nothing is made by asking."""
        return self._store.snapshots()

    def snapshot(self, identifier: str | None) -> Snapshot | None:
        """The one with this identifier, where it is still there."""
        return next((each for each in self.snapshots() if each.id == identifier), None) if identifier else None

    def damaged(self) -> Mapping[str, str]:
        """See ``VolumeStore.damaged``."""
        return self._store.damaged()

    @property
    def layers(self) -> VolumeStore:
        """The store itself, for what changes nothing where there is nothing."""
        return self._store

    def of(self, environment: EnvironmentId) -> tuple[str, ...]:
        """Names on the engine of an environment's volumes whose content is kept in layers."""
        return tuple(sorted(each.name for each in self.stored().values() if each.owner == environment))

    def data(self, observed: Observed) -> Mapping[str, VolumeData]:
        """By name, of the volumes whose content is kept in layers."""
        stored = self.stored()
        kept = [volume for volume in observed.volumes if volume.name in stored]
        if not kept:
            return {}
        snapshots = {each.id: each for each in self.snapshots()}
        own = self._store.sizes([volume.name for volume in kept])
        return {
            volume.name: _data(volume, own[volume.name], stored[volume.name].snapshot, snapshots)
            for volume in kept
            if volume.name in own
        }

    def marks(self, environment: EnvironmentId, observed: Observed) -> Mapping[str, Mapping[str, str]]:
        """Labels by name of all volumes of an environment, also of those that are not on the engine and only kept."""
        return {seen.name: seen.labels for seen in self.with_kept(observed, {environment}).volumes}

    def with_kept(self, observed: Observed, environments: Collection[EnvironmentId] | None = None) -> Observed:
        """The same with volumes of these environments, or of all, that are not on the engine and whose content is kept.

        A prune removes what stopped environments have on the engine, and cannot remove what they wrote.
        """
        there = {seen.name for seen in observed.volumes}
        kept = tuple(
            VolumeSeen(
                name=stored.name,
                project=stored.project,
                environment=stored.environment,
                classification=stored.labels.get(labels.CLASSIFICATION, ""),
                profile=stored.labels.get(labels.PROFILE),
                created=stored.labels.get(labels.CREATED, ""),
                labels=stored.labels,
            )
            for stored in self.stored().values()
            if stored.name not in there and (environments is None or stored.owner in environments)
        )
        return replace(observed, volumes=(*observed.volumes, *kept)) if kept else observed

    def classes(self, names: Collection[str]) -> Mapping[str, str]:
        """What is remembered of the class of content that is kept in layers, by name on the engine."""
        return {name: found.labels.get(labels.CLASSIFICATION, "") for name, found in self.stored().items() if name in names}

    def mend(self) -> None:
        """See ``VolumeStore.mend``."""
        self._store.mend()

    def create(
        self,
        name: str,
        environment: EnvironmentId,
        labels: Mapping[str, str],
        *,
        source: tuple[Snapshot, SnapshotVolume] | None = None,
    ) -> None:
        """Make a volume, on layers if they can be kept."""
        if self.store is not None:
            self.store.create(name, environment, labels, source=source)
        elif source is not None:
            raise LocalenvError(f"snapshot {source[0].label} cannot be cloned here", code="no-snapshot")
        else:
            self._engine.create_volume(VolumeSpec(name=name, labels=labels))

    def remove(self, name: str) -> None:
        """Remove a volume with what was written to it."""
        self._store.remove((name,))


def _data(volume: VolumeSeen, own: int, snapshot: str | None, snapshots: Mapping[str, Snapshot]) -> VolumeData:
    """``snapshot`` may have been removed since: its layers stay as long as a volume stands on them."""
    found = snapshots.get(snapshot or "")
    if found is None:
        return VolumeData(own=own, snapshot=snapshot)
    below = found.volume(volume.labels.get(labels.COMPOSE_VOLUME, ""))
    word = "baseline" if found.kind == "baseline" else "snapshot"
    return VolumeData(own=own, shared=below.size if below else 0, snapshot=snapshot, origin=f"{word} {found.label}")
