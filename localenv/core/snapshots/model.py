"""A snapshot's manifest, and what is remembered of a volume that stands on one (design page data.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeVar, get_args

import msgspec

from localenv.core.configuration.tier import Classification
from localenv.core.names import EnvironmentId
from localenv.core.typed import from_json
from localenv.errors import InvalidInput, LocalenvError

__all__ = [
    "CLASS_RANK",
    "Method",
    "Snapshot",
    "SnapshotKind",
    "SnapshotVolume",
    "StoredVolume",
    "VolumeToFreeze",
    "clone_method",
    "decode_snapshot",
    "decode_volume",
    "encode",
    "highest_class",
]

Method = Literal["overlay", "reflink", "copy"]
"""How a clone comes to its content: on top of it, sharing its blocks, or as a copy."""
SnapshotKind = Literal["baseline", "named", "automatic", "clone"]
"""Made for a data profile, by a person, before something is replaced, or on the way to another environment."""

CLASS_RANK: Final[Mapping[str, int]] = {"synthetic": 0, "masked": 1, "real": 2}
"""The higher, the more care: a copy never has a lower class than what it was made from."""
Value = TypeVar("Value", "Snapshot", "StoredVolume")

FORMAT: Final = 1
"""Of manifests; a newer one than this is refused, not guessed at."""


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class VolumeToFreeze(_Value, frozen=True, kw_only=True):
    """A volume whose content goes into a snapshot."""

    key: str
    """In the Compose file."""
    name: str
    """On the engine."""
    classification: Classification


class SnapshotVolume(_Value, frozen=True, kw_only=True):
    """One volume of a snapshot."""

    key: str
    """Its name in the Compose file."""
    layers: tuple[str, ...]
    """Names of frozen layers, the topmost first. The methods that copy have one, which is whole."""
    classification: Classification
    size: int
    """Bytes of all its layers."""
    uid: int = 0
    gid: int = 0
    mode: int = 0o755
    """Owner and mode of its root."""


class Snapshot(_Value, frozen=True, kw_only=True):
    """A frozen, consistent set of an environment's volumes."""

    id: str
    """Name on disk: hexadecimal digits."""
    kind: SnapshotKind
    method: Method
    project: str
    environment: str
    """Where it was taken."""
    tier: str
    created: str
    """RFC 3339, UTC."""
    volumes: tuple[SnapshotVolume, ...]
    name: str | None = None
    """What a person calls it; of a baseline its data profile's name."""
    key: str | None = None
    """Of a baseline: hash of everything that it was made from."""
    profile: str | None = None
    """Data profile that filled it."""
    reason: str = ""
    by: str = ""
    """Who made it."""
    engine: str = ""
    """Version of the Docker engine."""
    images: Mapping[str, str] = {}
    """Image ID by service, of the services that mount its volumes."""
    one_shots: Mapping[str, str] = {}
    """Digest by service of the one-shots whose work is in it: a clone need not run them again."""
    secrets: Mapping[str, str] = {}
    """Generated values that its content hangs on, such as a database's password. Never shown."""
    pause: float | None = None
    """Seconds that the environment stood still while it was taken."""
    live: bool = True
    """Whether the environment was paused; else its services were stopped and started again."""
    format: int = FORMAT

    @property
    def owner(self) -> EnvironmentId:
        """The environment that it was taken of."""
        return EnvironmentId(project=self.project, name=self.environment)

    @property
    def classification(self) -> Classification:
        """The highest class of its volumes."""
        return highest_class(volume.classification for volume in self.volumes)

    @property
    def size(self) -> int:
        """Bytes of all its volumes; layers may be shared with other snapshots."""
        return sum(volume.size for volume in self.volumes)

    @property
    def label(self) -> str:
        """What a person reads: its name, or the start of its identifier."""
        return f"{self.name} {self.id[:6]}" if self.name and self.kind == "baseline" else self.name or self.id[:12]

    def volume(self, key: str) -> SnapshotVolume | None:
        """Its volume of this name in the Compose file."""
        return next((volume for volume in self.volumes if volume.key == key), None)

    def __repr__(self) -> str:
        return f"Snapshot({self.id}, {self.kind}, {self.project}/{self.environment})"


class StoredVolume(_Value, frozen=True, kw_only=True):
    """What is remembered of one volume beside its content, so that the engine's object can be made again."""

    name: str
    """On the engine."""
    project: str
    environment: str
    method: Method
    folder: str
    """Where what is written to it is kept: a name of its own for each time that it is made."""
    layers: tuple[str, ...] = ()
    """Frozen layers below it, the topmost first; where clones are copies, what it has yet to be filled from."""
    slots: tuple[str, ...] = ()
    """Empty layers below it, the lowest first: freezing renames what was written to the next one."""
    snapshot: str | None = None
    """The snapshot it was cloned from."""
    options: Mapping[str, str] = {}
    """The engine's options for it, which never change."""
    labels: Mapping[str, str] = {}

    @property
    def owner(self) -> EnvironmentId:
        """The environment that it belongs to."""
        return EnvironmentId(project=self.project, name=self.environment)


def highest_class(classes: Iterable[str]) -> Classification:
    """The one that demands most; ``synthetic`` for none."""
    found: Classification = "synthetic"
    for each in classes:
        if CLASS_RANK.get(each, max(CLASS_RANK.values())) > CLASS_RANK[found]:
            found = "masked" if each == "masked" else "real"
    return found


def clone_method(text: str | None) -> Method | None:
    """The method that LOCALENV_CLONES asks for instead of the best one. Raises ``InvalidInput``."""
    if not text:
        return None
    if text not in get_args(Method):
        raise InvalidInput(f"LOCALENV_CLONES is no way of cloning: {text[:40]!a}", hints=("export LOCALENV_CLONES=copy",))
    return "overlay" if text == "overlay" else "reflink" if text == "reflink" else "copy"


def encode(value: Snapshot | StoredVolume) -> bytes:
    """As JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def decode_snapshot(content: bytes, where: str) -> Snapshot:
    """Raises ``LocalenvError`` (code ``snapshot-damaged``) for what is no manifest of this version or an older one."""
    value = _decoded(content, Snapshot, where)
    if value.format > FORMAT:
        raise LocalenvError(f"{where} was written by a newer localenv", where=where, code="snapshot-damaged")
    return value


def decode_volume(content: bytes, where: str) -> StoredVolume:
    """Raises ``LocalenvError`` (code ``snapshot-damaged``)."""
    return _decoded(content, StoredVolume, where)


def _decoded(content: bytes, kind: type[Value], where: str) -> Value:
    try:
        return from_json(content, kind)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LocalenvError(f"{where} cannot be read: {error}", where=where, code="snapshot-damaged") from error
