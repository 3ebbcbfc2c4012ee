"""The Docker engine, as far as localenv uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from typing import BinaryIO, Literal, Protocol

from localenv.core.observed import ContainerSeen, Observed
from localenv.core.wanted import HealthCheck, ImageDetails
from localenv.values import dataclass

__all__ = ["ContainerEvent", "Engine", "EngineInfo", "ExecResult", "NetworkSpec", "ToolSpec", "Usage", "VolumeSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """What the engine says of itself."""

    version: str
    api_version: str
    operating_system: str
    native_linux: bool
    """Whether containers' addresses are reachable from this process: false for Desktop, rootless and remote engines."""
    root_directory: str
    cpus: int
    memory: int
    """Bytes."""
    storage_driver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """A bridge network to create."""

    name: str
    subnet: str | None
    ip_range: str | None = None
    gateway: str | None = None
    internal: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSpec:
    """A local volume to create."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecResult:
    """A command that ended in a container."""

    exit_code: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerEvent:
    """One event of the engine's stream about a container."""

    container: str
    action: Literal["create", "start", "die", "stop", "kill", "destroy", "health", "pause", "unpause", "oom", "other"]
    health: str | None = None
    exit_code: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Memory in bytes, and CPU as nanoseconds used so far."""

    memory: int
    memory_limit: int
    cpu: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A container of localenv's own: the router, or a helper that lives for one piece of work."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    network: str | None = None
    """Network's name, ``host`` or ``none``; ``None`` is ``none``."""
    address: str | None = None
    binds: tuple[str, ...] = ()
    """``source:target[:ro]``."""
    ports: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """``"443/tcp": ("127.0.0.1", 443)``."""
    restart: str = "no"
    user: str | None = None
    working_dir: str | None = None
    privileged: bool = False
    volumes_from: tuple[str, ...] = ()
    """Containers whose mounts it has too."""
    capabilities_dropped: bool = True
    capabilities: tuple[str, ...] = ()


class Engine(Protocol):
    """Every method raises ``Unavailable`` when the engine cannot be reached; removing what is gone is no error.

    Methods that change or remove an object check its owner's label first and raise ``LocalenvError`` with code
    ``foreign-object`` for another's.
    """

    owner: str

    def info(self) -> EngineInfo: ...
    def observe(self, project: str | None = None, environment: str | None = None, *, details: bool = True) -> Observed:
        """All objects of environments with this owner's label, of one project or environment when named.

        Objects of localenv's own appear only when they carry an environment's labels (a helper that a killed command
        left). Without ``details`` containers are told by the engine's list alone, which is several times faster and
        leaves out ``restart``, ``started``, ``finished`` and ``restarts``.
        """
        ...

    def look_closer(self, containers: Sequence[ContainerSeen]) -> tuple[ContainerSeen, ...]:
        """The same containers with all details; those that went away meanwhile are left out."""
        ...

    def image(self, reference: str) -> ImageDetails | None:
        """Details of an image that is there, by reference or ID."""
        ...

    def networks_in_use(self) -> tuple[str, ...]:
        """CIDR of every network of the engine, whoever made it."""
        ...

    def published_ports(self) -> frozenset[int]:
        """Host TCP and UDP ports that any container publishes."""
        ...

    def create_network(self, spec: NetworkSpec) -> None:
        """Create it, or do nothing when it is there with the same owner and subnet.

        Raises ``LocalenvError``: code ``foreign-object`` when the name belongs to another, ``address-conflict``
        when the subnet overlaps with one that is there.
        """
        ...

    def remove_network(self, name: str) -> None: ...
    def create_volume(self, spec: VolumeSpec) -> None:
        """Create it; labels are read back, because creating an existing name keeps the old ones silently."""
        ...

    def remove_volume(self, name: str) -> None: ...
    def volume_path(self, name: str) -> str | None:
        """Where the engine's machine has a volume's content; ``None`` when there is no such volume."""
        ...

    def volume_labels(self, name: str) -> Mapping[str, str] | None:
        """Labels of any volume of the engine, whoever made it; ``None`` when there is no such volume."""
        ...

    def start(self, container: str) -> None: ...
    def stop(self, container: str, grace: float) -> None:
        """Ask with the image's stop signal, kill after ``grace`` seconds."""
        ...

    def remove(self, container: str) -> None:
        """Kill and remove at once, with its anonymous volumes."""
        ...

    def pause(self, container: str) -> None:
        """Hold every process of it where it is; nothing happens to one that does not run or is held already."""
        ...

    def unpause(self, container: str) -> None:
        """Let it go on; nothing happens to one that is not held."""
        ...

    def set_restart(self, container: str, policy: str) -> None: ...
    def connect(
        self,
        network: str,
        container: str,
        *,
        address: str | None,
        aliases: Sequence[str] = (),
        links: Sequence[str] = (),
        options: Mapping[str, str] | None = None,
    ) -> None: ...
    def disconnect(self, network: str, container: str) -> None:
        """Does nothing when the container is not on the network or gone."""
        ...

    def move_endpoint(self, network: str, container: str, *, address: str) -> None:
        """Give a container on a network this address, by disconnecting and connecting it with all else kept.

        Aliases, links, driver options and gateway priority stay. Nothing happens when it has the address already.
        """
        ...

    def rename_endpoint(self, network: str, container: str, *, aliases: Sequence[str]) -> None:
        """Give a container on a network these names, by disconnecting and connecting it with all else kept.

        It may run: address and hardware address stay, so its connections last. Nothing happens when it has the names.
        """
        ...

    def endpoint(self, container: str, network: str) -> Mapping[str, object]:
        """Aliases (``list[str]``), links (``list[str]``), driver options (``dict``) and address of one endpoint."""
        ...

    def put_files(self, container: str, path: str, archive: bytes) -> None:
        """Unpack a tar archive under ``path`` in a container, running or not."""
        ...

    def get_files(self, container: str, path: str) -> Iterator[bytes]:
        """Tar archive of ``path`` in a container, in pieces."""
        ...

    def execute(  # noqa: PLR0913 - the whole of one call
        self,
        container: str,
        command: Sequence[str],
        *,
        stdin: BinaryIO | None = None,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        working_dir: str | None = None,
        privileged: bool = False,
        timeout: float | None = None,
        on_output: Callable[[Literal["stdout", "stderr"], bytes], None] | None = None,
    ) -> ExecResult:
        """Run a command in a running container to its end, feeding ``stdin`` in pieces.

        The result holds the last 16 MiB of each output; ``on_output`` gets all of it in pieces instead. A command
        that cannot be started ends with 126 or 127. Raises ``LocalenvError`` with code ``not-running`` or
        ``timeout``: the command itself may go on then.
        """
        ...

    def begin(self, container: str, command: Sequence[str], *, working_dir: str | None = None, privileged: bool = False) -> None:
        """Start a command in a running container and leave it to itself. Raises ``LocalenvError`` (``not-running``)."""
        ...

    def logs(
        self,
        container: str,
        *,
        follow: bool = False,
        tail: int | None = None,
        since: str | None = None,
        timestamps: bool = False,
        until: str | None = None,
    ) -> Iterator[tuple[Literal["stdout", "stderr"], bytes]]:
        """Lines of output, each without its line end."""
        ...

    def health_output(self, container: str) -> str | None:
        """Output of the newest run of the healthcheck."""
        ...

    def healthcheck(self, container: str) -> HealthCheck | None:
        """The healthcheck that is in force, be it the image's or the Compose file's; ``None`` when there is none."""
        ...

    def environment_of(self, container: str) -> Mapping[str, str]:
        """A container's variables, secrets included: never print them."""
        ...

    def usage(self, container: str) -> Usage | None: ...
    def events(self, labels: Mapping[str, str]) -> AbstractContextManager[Iterator[ContainerEvent]]:
        """Events about containers with these labels from the moment of entering; closing ends the iteration."""
        ...

    def run_tool(self, spec: ToolSpec, *, wait: bool = True, archive: tuple[str, bytes] | None = None) -> ExecResult | None:
        """Create and start a container of localenv's own; with ``wait`` return its result and remove it.

        ``archive`` (path, tar) is unpacked into it before its start.
        """
        ...

    def remove_tool(self, name: str) -> None: ...
    def tool(self, name: str) -> Mapping[str, str] | None:
        """State, labels and image of a container of localenv's own: ``state``, ``image_id``, ``id`` and its labels."""
        ...

    def copy_into_volume(self, volume: str, archive: Iterator[bytes], *, image: str) -> None:
        """Unpack a tar archive into a volume through a short-lived container of ``image``, which is not started."""
        ...

    def read_volume(self, volume: str, *, image: str) -> Iterator[bytes]:
        """Tar archive of a volume's content, whoever made it, through a container of ``image`` that is not started."""
        ...

    def system_usage(self) -> Callable[[], Mapping[str, int]]:
        """A call that returns bytes used by images, containers, volumes and the build cache (slow)."""
        ...
