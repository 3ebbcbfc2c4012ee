"""Where the content of volumes is kept: layers that are frozen for good, and what each environment wrote on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Method, Snapshot, SnapshotVolume, StoredVolume, VolumeToFreeze
from localenv.values import dataclass

__all__ = ["Frozen", "Garbage", "VolumeStore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """Content that was taken and is not yet part of a snapshot."""

    environment: EnvironmentId
    layers: Mapping[str, str]
    """New layer by volume key."""
    volumes: tuple[VolumeToFreeze, ...]
    whole: frozenset[str] = frozenset()
    """Keys of volumes whose new layer holds everything, not only what differs from the layers below."""
    in_place: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """What nothing refers to."""

    snapshots: tuple[Snapshot, ...] = ()
    layers: Mapping[str, int] = field(default_factory=dict)
    """Bytes by name of the layer."""
    leftovers: Mapping[str, int] = field(default_factory=dict)
    """Bytes by name of what was written to volumes that are gone, and of what a killed command was making."""

    @property
    def size(self) -> int:
        """Bytes that removing all of it frees."""
        return sum(self.layers.values()) + sum(self.leftovers.values())


class VolumeStore(Protocol):
    """Methods raise ``Unavailable`` when the engine or the keeper's image cannot be had."""

    @property
    def method(self) -> Method | None:
        """How clones are made on this engine, probed once; ``None`` when it can keep no layers."""
        ...

    def exists(self) -> bool:
        """Whether any layer is kept."""
        ...

    def mend(self) -> None:
        """Start the keeper when there are layers to keep and it does not run."""
        ...

    def stored(self) -> Mapping[str, StoredVolume]:
        """Every volume whose content is kept here, by its name on the engine."""
        ...

    def create(
        self,
        name: str,
        environment: EnvironmentId,
        labels: Mapping[str, str],
        *,
        source: tuple[Snapshot, SnapshotVolume] | None = None,
    ) -> None:
        """Make a volume: empty, on top of a snapshot's, or again as it was when its content is kept already.

        Raises ``LocalenvError`` (code ``no-snapshot``) when the snapshot was removed meanwhile.
        """
        ...

    def remove(self, names: Sequence[str]) -> None:
        """Remove volumes and what was written to them; frozen layers stay."""
        ...

    def snapshots(self) -> Sequence[Snapshot]:
        """All of them, the newest first. Damaged manifests are passed over; ``damaged`` names them."""
        ...

    def damaged(self) -> Mapping[str, str]:
        """Why, by name of the manifest."""
        ...

    def sizes(self, names: Sequence[str]) -> Mapping[str, int]:
        """Bytes that each volume holds of its own, on top of shared layers."""
        ...

    def used(self) -> int:
        """Bytes of all frozen layers and of what stands on them."""
        ...

    def can_freeze_in_place(self, names: Sequence[str]) -> bool:
        """Whether every one of them has a slot left."""
        ...

    def copy(self, environment: EnvironmentId, volumes: Sequence[VolumeToFreeze]) -> Frozen:
        """Copy what was written to them, while nothing writes."""
        ...

    def freeze(self, environment: EnvironmentId, volumes: Sequence[VolumeToFreeze]) -> Frozen:
        """Turn what was written to them into frozen layers without copying, while no container runs on them."""
        ...

    def seal(self, frozen: Frozen, make: Callable[[tuple[SnapshotVolume, ...]], Snapshot]) -> Snapshot:
        """Write the manifest that ``make`` gives for the volumes; from then on the snapshot is there."""
        ...

    def abandon(self, frozen: Frozen) -> None:
        """Throw away what was copied."""
        ...

    def forget(self, snapshots: Sequence[Snapshot]) -> None:
        """Remove manifests. Layers go with ``collect`` once nothing refers to them."""
        ...

    def garbage(self, *, busy: Callable[[EnvironmentId], bool], unneeded: Callable[[Snapshot], bool]) -> Garbage:
        """What could go: snapshots that are ``unneeded`` and nobody's, and all that nothing refers to.

        What a command is making for an environment that is ``busy`` is left alone.
        """
        ...

    def collect(self, *, busy: Callable[[EnvironmentId], bool], unneeded: Callable[[Snapshot], bool]) -> Garbage:
        """Remove what ``garbage`` names, and return it."""
        ...
