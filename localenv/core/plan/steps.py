"""The steps that a plan is made of: each kind a class with its own fields, none of which is decided later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Literal

from localenv.core.wanted import Exposure, FileCopy, Hook, InjectedFile, Placement, ServiceWanted
from localenv.values import dataclass

__all__ = [
    "AwaitReady",
    "BuildImage",
    "CloneVolume",
    "ConfirmRoute",
    "CopyFiles",
    "CreateContainers",
    "CreateNetwork",
    "CreateVolume",
    "EnsureImage",
    "InjectFiles",
    "KeepContainer",
    "LoadData",
    "NewContainer",
    "PlaceReplicas",
    "ProbeUrl",
    "PublishRoute",
    "RemoveContainer",
    "RemoveNetwork",
    "RemoveVolume",
    "RunOneShot",
    "SeedVolume",
    "StartService",
    "Step",
    "StopService",
    "WithdrawRoute",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One piece of work that may be done twice without harm."""

    kind: ClassVar[str] = ""
    """What it concerns: ``network``, ``volume``, ``container``..."""
    action: ClassVar[str] = ""
    """What becomes of it: ``create``, ``remove``, ``start``..."""
    changes: ClassVar[bool] = True
    """Whether it alters anything; a plan in which no step does has nothing to do."""

    target: str
    cause: str
    """Why, in a few words for a person."""
    after: tuple[str, ...] = ()
    """Identifiers of the steps that end before this one begins."""

    @property
    def id(self) -> str:
        """Stable name of the step: the journal and ``after`` refer to it."""
        return f"{self.action} {self.kind} {self.target}"

    @property
    def detail(self) -> str:
        """What a person wants to see beside the target, such as a network's addresses."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsureImage(Step):
    """An image that the engine does not have yet."""

    kind: ClassVar[str] = "image"
    action: ClassVar[str] = "fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildImage(Step):
    """An image to build from the project's own files."""

    kind: ClassVar[str] = "image"
    action: ClassVar[str] = "build"

    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateNetwork(Step):
    """A bridge network with addresses of localenv's own choice."""

    kind: ClassVar[str] = "network"
    action: ClassVar[str] = "create"

    subnet: str | None
    ip_range: str | None = None
    """The part of the subnet that Docker hands out itself; the rest is for static addresses."""
    gateway: str | None = None
    internal: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """The subnet."""
        return self.subnet or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNetwork(Step):
    """A network that is not wanted any more, or not as it is."""

    kind: ClassVar[str] = "network"
    action: ClassVar[str] = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVolume(Step):
    """An empty volume."""

    kind: ClassVar[str] = "volume"
    action: ClassVar[str] = "create"

    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedVolume(Step):
    """The content of a bind mount put into a new volume."""

    kind: ClassVar[str] = "volume"
    action: ClassVar[str] = "seed"

    source: str
    image: str
    """Image of a service that mounts the volume: what carries the content in."""
    exclude: tuple[str, ...] = ()
    """Paths below ``source`` that stay out of it."""

    @property
    def detail(self) -> str:
        """Where the content comes from."""
        return f"<- {self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneVolume(Step):
    """The content of an external volume copied into a new one."""

    kind: ClassVar[str] = "volume"
    action: ClassVar[str] = "clone"

    source: str
    image: str

    @property
    def detail(self) -> str:
        """The volume that is copied."""
        return f"<- {self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveVolume(Step):
    """A volume and all that is in it. Only ``destroy`` plans this."""

    kind: ClassVar[str] = "volume"
    action: ClassVar[str] = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFiles(Step):
    """A file or folder that containers bind, put into the environment's state directory when it is not there."""

    kind: ClassVar[str] = "file"
    action: ClassVar[str] = "copy"

    copy: FileCopy = field(repr=False)

    @property
    def id(self) -> str:
        """Two files of one name differ by where they go."""
        return f"copy file {self.copy.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadData(Step):
    """A data profile loaded into a running service, or its files into a volume."""

    kind: ClassVar[str] = "data"
    action: ClassVar[str] = "load"

    profile: str
    service: str | None = None
    volume: str | None = None

    @property
    def detail(self) -> str:
        """The profile."""
        return f"<- {self.profile}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepContainer(Step):
    """A container that stays as it is: told, not done."""

    kind: ClassVar[str] = "container"
    action: ClassVar[str] = "keep"
    changes: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveContainer(Step):
    """A container that is obsolete, too many, dead or not wanted."""

    kind: ClassVar[str] = "container"
    action: ClassVar[str] = "remove"

    container: str
    """Identifier on the engine."""
    service: str
    number: int
    grace: float | None = None
    """Seconds to end by itself; ``None`` kills at once."""
    pre_stop: tuple[Hook, ...] = ()
    replaced: bool = False
    """Whether another container takes its place in the same plan."""
    drain: float | None = None
    """Seconds at most that requests under way get to end before it is asked to; ``None``: nobody is sent there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContainer:
    """One container that Compose is going to create."""

    service: str
    number: int
    name: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateContainers(Step):
    """All missing containers, by one call of Compose for the whole rendered file."""

    kind: ClassVar[str] = "container"
    action: ClassVar[str] = "create"

    containers: tuple[NewContainer, ...]
    scale: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReplicas(Step):
    """Static addresses for the replicas of a scaled service that were not started yet."""

    kind: ClassVar[str] = "service"
    action: ClassVar[str] = "place"

    service: str
    placements: tuple[Placement, ...]
    quiet: bool = False
    """Whether their neighbours do not find them by the service's names yet: others answer to these until they are ready."""

    @property
    def detail(self) -> str:
        """The addresses."""
        return " ".join(address for placement in self.placements for address in placement.addresses.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectFiles(Step):
    """Inline configs and environment secrets for the containers that were not started yet."""

    kind: ClassVar[str] = "service"
    action: ClassVar[str] = "inject"

    service: str
    files: tuple[InjectedFile, ...] = field(repr=False)

    @property
    def detail(self) -> str:
        """Where the files go; never what is in them."""
        return " ".join(file.target for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartService(Step):
    """Every replica that does not run, with its hooks; ended when the containers run."""

    kind: ClassVar[str] = "service"
    action: ClassVar[str] = "start"

    service: ServiceWanted = field(repr=False)
    level: int = 0
    policy: str = "always"
    """Restart policy that the containers are to have."""
    leaving: tuple[str, ...] = ()
    """Identifiers of containers that this is not about: they serve until others have taken their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOneShot(StartService):
    """A service that ends by itself, started again; ended when it runs."""

    kind: ClassVar[str] = "one-shot"
    action: ClassVar[str] = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitReady(Step):
    """Wait until all replicas of a service are ready, or a one-shot has ended with 0."""

    kind: ClassVar[str] = "service"
    action: ClassVar[str] = "await"
    changes: ClassVar[bool] = False

    service: ServiceWanted = field(repr=False)
    goal: Literal["ready", "done"] = "ready"
    level: int = 0
    leaving: tuple[str, ...] = ()
    """Identifiers of containers that nobody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopService(Step):
    """Every running replica asked to end, killed after the grace period."""

    kind: ClassVar[str] = "service"
    action: ClassVar[str] = "stop"

    service: str
    containers: tuple[tuple[str, int], ...]
    """Identifier and number."""
    grace: float = 10.0
    pre_stop: tuple[Hook, ...] = ()
    hold: bool = False
    """Whether it stays down when the engine is restarted: its restart policy becomes ``no``."""
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRoute(Step):
    """The environment's hostnames handed to the router."""

    kind: ClassVar[str] = "route"
    action: ClassVar[str] = "publish"

    domain: str
    exposures: tuple[Exposure, ...]
    inside: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    """Identifiers of containers that get no request any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRoute(Step):
    """Wait until the router serves what was published."""

    kind: ClassVar[str] = "route"
    action: ClassVar[str] = "confirm"
    changes: ClassVar[bool] = False

    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeUrl(Step):
    """Ask the environment's main URL through the router until it stops failing."""

    kind: ClassVar[str] = "url"
    action: ClassVar[str] = "probe"
    changes: ClassVar[bool] = False

    host: str
    path: str = "/"
    patience: float = 60.0
    """Seconds that it may fail: little where a healthcheck said that the service is ready, for nobody may serve the port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRoute(Step):
    """The environment's hostnames taken from the router."""

    kind: ClassVar[str] = "route"
    action: ClassVar[str] = "withdraw"
