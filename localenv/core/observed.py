"""What is there on the engine for one environment, as read from labels and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from localenv.core import labels
from localenv.values import dataclass

__all__ = ["ContainerSeen", "NetworkSeen", "Observed", "VolumeSeen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSeen:
    """One container with the owner's label."""

    id: str
    name: str
    project: str
    environment: str
    service: str
    number: int
    spec: str
    tier: str
    image: str
    image_id: str
    state: Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]
    health: Literal["none", "starting", "healthy", "unhealthy"] = "none"
    exit_code: int | None = None
    one_shot: bool = False
    may_end: bool = False
    """Whether exit 0 is as good as running."""
    restart: str = "no"
    """Restart policy's name."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """IPv4 by network name; empty while it is not running."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Static IPv4 by network name, whether it runs or not."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names by which its neighbours find it, by network name; only told with all details."""
    created: str = ""
    """RFC 3339, UTC."""
    started: str | None = None
    finished: str | None = None
    restarts: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[tuple[int, str, str, int], ...] = ()
    """Published: container port, protocol, host address, host port."""

    def address_on(self, network: str) -> str | None:
        """IPv4 that it has, or will have once it runs; ``None`` where the engine is to choose."""
        return self.addresses.get(network) or self.fixed.get(network)

    @property
    def is_run(self) -> bool:
        """Whether ``localenv run`` or ``docker compose run`` started it: it is no replica of its service."""
        return self.labels.get(labels.ROLE) == labels.RUN or self.labels.get(labels.COMPOSE_ONE_OFF) == "True"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSeen:
    """One network with the owner's label."""

    name: str
    id: str
    project: str
    environment: str
    subnet: str | None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSeen:
    """One volume with the owner's label."""

    name: str
    project: str
    environment: str
    classification: str
    profile: str | None
    created: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The engine's side of one environment, or of all of them."""

    containers: tuple[ContainerSeen, ...] = ()
    networks: tuple[NetworkSeen, ...] = ()
    volumes: tuple[VolumeSeen, ...] = ()

    def without_runs(self) -> Observed:
        """The same without the containers of ``localenv run``."""
        return replace(self, containers=tuple(container for container in self.containers if not container.is_run))
