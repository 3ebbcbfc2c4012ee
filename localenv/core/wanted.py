"""What is wanted of the engine for one environment: values that rewriting makes and planning compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from localenv.core.configuration.tier import Classification, TierProfile
from localenv.core.findings import Note
from localenv.core.names import EnvironmentId
from localenv.values import dataclass

__all__ = [
    "Allocations",
    "BindSeed",
    "Dependency",
    "Exposure",
    "FileCopy",
    "HealthCheck",
    "Hook",
    "Hooks",
    "ImageDetails",
    "InjectedFile",
    "NetworkWanted",
    "Placement",
    "Rewritten",
    "ServiceWanted",
    "VolumeWanted",
    "Wanted",
]

Model = dict[str, Any]
"""The resolved Compose model, as ``docker compose config --format json`` prints it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDetails:
    """What an image's configuration says (OCI image configuration), as far as localenv needs it."""

    reference: str
    id: str
    """``sha256:...``"""
    volumes: tuple[str, ...] = ()
    """Paths that the image declares as ``VOLUME``."""
    exposed: tuple[int, ...] = ()
    """TCP ports of ``EXPOSE``: often wrong, a hint only."""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    healthcheck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BindSeed:
    """Content of a bind mount that fills a volume once: a file or directory of the project."""

    source: str
    """Absolute path on the client."""
    digest: str
    """Hash of the content at the time of planning."""
    exclude: tuple[str, ...] = ()
    """Paths below ``source`` that stay out of it, with all below them: data of a running database, ``.git``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeWanted:
    """One volume of an environment."""

    key: str
    """Key in the rewritten model's ``volumes``."""
    name: str
    """Name on the engine."""
    classification: Classification = "synthetic"
    profile: str | None = None
    """Data profile that fills it when it is new."""
    seed: BindSeed | None = None
    shared: bool = False
    """An external volume that the project shares on purpose: never created, labelled or removed."""
    clone_of: str | None = None
    """External volume whose content is copied in when it is new."""
    why: str = "named in the Compose file"
    shareable: bool = False
    """Whether several containers of a service may write to it: it holds source, or the image's own files, and no data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkWanted:
    """One network of an environment. ``subnet`` and ``gateway`` are given by the allocation."""

    key: str
    name: str
    internal: bool = False
    driver_options: Mapping[str, str] = field(default_factory=dict)
    static_addresses: int = 0
    """How many containers on it get an address of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A service port reachable from outside."""

    service: str
    port: int
    """In the container."""
    protocol: Literal["http", "https", "tcp", "postgres", "udp"] = "http"
    host: str | None = None
    """Hostname on the router; ``None`` for tcp and udp."""
    primary: bool = False
    aliases: tuple[str, ...] = ()
    """Further hostnames of the same service, the environment's own for the primary one."""
    host_header: str | None = None
    path: str = "/"
    address: str = "127.0.0.1"
    host_port: int | None = None
    """Fixed or allocated port on the loopback address, for tcp, udp and postgres."""
    network: str | None = None
    """Key of the network on which the router reaches the service (host mode: by static address)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One entry of ``depends_on`` (Compose specification, services, depends_on)."""

    service: str
    condition: Literal["service_started", "service_healthy", "service_completed_successfully"] = "service_started"
    required: bool = True
    restart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A service's healthcheck, durations in seconds."""

    test: tuple[str, ...]
    """``("CMD", ...)`` or ``("CMD-SHELL", "...")``."""
    interval: float = 30.0
    timeout: float = 30.0
    retries: int = 3
    start_period: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A lifecycle hook (Compose specification, post_start, pre_stop and pre_start)."""

    command: tuple[str, ...]
    image: str | None = None
    """Of ``pre_start``, which runs in a container of its own; ``None``: the service's."""
    user: str | None = None
    privileged: bool = False
    working_dir: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """The lifecycle hooks of one service, taken out of the model because localenv runs them."""

    pre_start: tuple[Hook, ...] = ()
    post_start: tuple[Hook, ...] = ()
    pre_stop: tuple[Hook, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCopy:
    """A file or directory that must stand in the environment's state directory before its containers are created.

    The path holds the digest of the content, so one that is there already is right and is left alone: the container
    may have written to it.
    """

    target: str
    """Absolute path under the environment's state directory."""
    digest: str
    source: str | None = None
    """Absolute path on the client that is copied; ``None``: ``content`` is written."""
    content: bytes | None = field(default=None, repr=False)
    mode: int | None = None
    """Of a written file, or of a copied one; ``None``: the source's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectedFile:
    """A file that localenv puts into a created container: inline configs and environment secrets."""

    target: str
    content: bytes = field(repr=False)
    mode: int = 0o444
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where one replica of a service stands: its static address on each network that gives it one."""

    number: int
    """Slot, from 1. Compose's container numbers grow with each replacement, so a container takes any slot that is free."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """IPv4 by network name on the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWanted:
    """One service of an environment, as it is to run."""

    name: str
    image: str
    image_id: str | None
    spec: str
    """Hash of the rewritten definition, the image's ID and all injected content; put in the spec label."""
    replicas: int = 1
    one_shot: bool = False
    may_end: bool = False
    """Whether an end with 0 is as good as running: nothing reaches the service, so it may be a job."""
    dependencies: tuple[Dependency, ...] = ()
    health: HealthCheck | None = None
    pre_start: tuple[Hook, ...] = ()
    post_start: tuple[Hook, ...] = ()
    pre_stop: tuple[Hook, ...] = ()
    injected: tuple[InjectedFile, ...] = ()
    placements: tuple[Placement, ...] = ()
    stop_grace: float = 10.0
    """Seconds."""
    ready_port: int | None = None
    """Port whose answer means ready where there is no healthcheck, and that one is worth running where there is;
    ``None``: running is enough."""
    ready_network: str | None = None
    """Network name on whose address that port is asked."""
    volumes: tuple[str, ...] = ()
    """Names on the engine of the volumes it mounts."""
    rolling: bool = False
    """Whether a new container may stand beside the old one while it is replaced; ``placements`` then has spare slots."""
    single: str | None = None
    """Why no second container may stand beside the first; ``None`` when one may."""
    restart: str | None = None
    """Restart policy that its containers are created with and get back when they are started; ``None``: by its kind."""
    image_health: bool = False
    """Whether the image brings a healthcheck that the Compose file leaves in force (``health`` is ``None`` then)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """The model for one environment before addresses and ports are given."""

    model: Model
    networks: tuple[NetworkWanted, ...] = ()
    volumes: tuple[VolumeWanted, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    notes: tuple[Note, ...] = ()
    hooks: Mapping[str, Hooks] = field(default_factory=dict)
    """By service."""
    injected: Mapping[str, tuple[InjectedFile, ...]] = field(default_factory=dict)
    """By service."""
    copies: tuple[FileCopy, ...] = ()
    shared_paths: frozenset[str] = frozenset()
    """Files and directories outside the project that are mounted as they are."""
    one_shots: frozenset[str] = frozenset()
    may_end: frozenset[str] = frozenset()
    """Services that may be jobs nobody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocations:
    """Addresses and ports that this environment holds, stable until it is destroyed."""

    subnets: Mapping[str, str] = field(default_factory=dict)
    """CIDR by network name: the first half is for Docker's own choice, the upper half for static addresses."""
    ports: Mapping[str, int] = field(default_factory=dict)
    """Loopback port by ``service:port/protocol``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Everything that one environment is to be: the input of planning."""

    id: EnvironmentId
    owner: str
    tier: TierProfile
    directory: str
    checkout: str = ""
    """The project's own checkout, where that is another folder than the one that its files are read from."""
    model: Model
    """Final: what is written to the rendered file and run."""
    services: tuple[ServiceWanted, ...] = ()
    networks: tuple[NetworkWanted, ...] = ()
    subnets: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[VolumeWanted, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    notes: tuple[Note, ...] = ()
    profile: str | None = None
    """Data profile for new volumes."""
    copies: tuple[FileCopy, ...] = ()
    """To be written before containers are created."""
