"""The steps about snapshots: volumes that begin as one, freezing one, and fitting cloned data to its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from localenv.core.plan.steps import Step
from localenv.core.snapshots.model import Snapshot, SnapshotKind, VolumeToFreeze
from localenv.core.wanted import ServiceWanted
from localenv.values import dataclass

__all__ = ["CloneSnapshot", "Personalise", "Statement", "TakeSnapshot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneSnapshot(Step):
    """A new volume that stands on a snapshot's."""

    kind: ClassVar[str] = "volume"
    action: ClassVar[str] = "clone"

    snapshot: Snapshot = field(repr=False)
    volume: str
    """Its key in the snapshot."""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """The snapshot and the class of what is in it."""
        found = self.snapshot.volume(self.volume)
        return f"<- {self.snapshot.label}" + (f", {found.classification}" if found else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSnapshot(Step):
    """Content of an environment's volumes frozen at one instant."""

    kind: ClassVar[str] = "snapshot"
    action: ClassVar[str] = "take"

    snapshot_kind: SnapshotKind
    name: str | None = None
    key: str | None = None
    profile: str | None = None
    reason: str = ""
    tier: str = ""
    volumes: tuple[VolumeToFreeze, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    one_shots: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    stops: tuple[ServiceWanted, ...] = field(default=(), repr=False)
    """Services to stop for it, those first that others need: then nothing is copied, and a database is at rest."""
    bystanders: tuple[str, ...] = ()
    """Services that mount none of the volumes: they go on while the others are held."""
    copies: bool = False
    """Whether the environment is paused and what it wrote is copied, instead of stopping these services."""
    needed: bool = True
    """Whether the run fails when it fails; else that is told, and the environment goes on without it."""

    @property
    def detail(self) -> str:
        """How it is taken."""
        return "paused while it is copied" if self.copies else "services stopped for a moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One for a service's own client, as it is sent there."""

    text: str
    where: str
    """``file:line:column`` in the data profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Personalise(Step):
    """Statements of the data profile that fit cloned data to its environment, run before anybody sees it."""

    kind: ClassVar[str] = "data"
    action: ClassVar[str] = "personalise"

    service: str
    statements: tuple[Statement, ...]

    @property
    def detail(self) -> str:
        """How many there are."""
        return f"{len(self.statements)} statement{'s' if len(self.statements) != 1 else ''}"
