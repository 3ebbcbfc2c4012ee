"""One bench for the engine's contract, on the engine in memory and on the real one: what only tests may do."""

from __future__ import annotations

import ipaddress
import os
import secrets
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.docker_engine.sdk_session import SdkSession
from localenv.core import labels as label
from localenv.core.wanted import HealthCheck
from localenv.ports.engine import Engine, NetworkSpec, VolumeSpec
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_objects import Behaviour, Endpoint

__all__ = ["IMAGE", "Bench", "DockerBench", "MemoryBench", "TestClock", "Wanted", "eventually"]

IMAGE = "debian:bookworm-slim"
SLEEP = ("sleep", "600")
DEADLINE = 20.0


class TestClock:
    """The real time."""

    __test__ = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        threading.Event().wait(seconds)


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, with a deadline."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        threading.Event().wait(0.02)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A container for a test: as the real engine is told, and as the one in memory behaves."""

    service: str = "web"
    command: Sequence[str] = SLEEP
    behaviour: Behaviour = field(default_factory=Behaviour)
    network: str | None = None
    address: str | None = None
    aliases: Sequence[str] = ()
    environment: Mapping[str, str] | None = None
    ports: Sequence[tuple[int, str, str, int]] = ()
    mounts: Mapping[str, str] | None = None
    healthcheck: str | None = None
    terminal: bool = False
    foreign: bool = False
    labels: Mapping[str, str] | None = None


class Bench(ABC):
    """An engine under test, a stranger who uses the same one, and names of its own."""

    engine: Engine
    stranger: Engine

    def __init__(self) -> None:
        self.environment = uuid.uuid4().hex[:10]

    def name(self, resource: str) -> str:
        return f"contract_{self.environment}_{resource}"

    @property
    def labels(self) -> dict[str, str]:
        return {label.PROJECT: "contract", label.ENVIRONMENT: self.environment, label.TIER: "development"}

    def network(self, resource: str = "default", **more: Any) -> str:
        """A network that did not exist before, on a block that nobody uses."""
        return self.network_of(self.engine, resource, **more)

    def network_of(self, engine: Engine, resource: str, **more: Any) -> str:
        spec = {"name": self.name(resource), "subnet": self.free_block(), "labels": self.labels, **more}
        engine.create_network(NetworkSpec(**spec))
        return self.name(resource)

    def free_block(self) -> str:
        used = [ipaddress.IPv4Network(block) for block in self.engine.networks_in_use()]
        while True:
            block = ipaddress.IPv4Network(f"10.231.{secrets.randbelow(256)}.{secrets.randbelow(8) * 32}/27")
            if not any(block.overlaps(other) for other in used):
                return str(block)

    def address(self, network: str, host: int) -> str:
        """The ``host``-th address of a network of this bench."""
        seen = next(one for one in self.engine.observe("contract", self.environment).networks if one.name == network)
        return str(ipaddress.IPv4Network(seen.subnet or "")[host])

    def volume(self, resource: str = "data", **more: Any) -> str:
        self.engine.create_volume(VolumeSpec(name=self.name(resource), labels={**self.labels, **more}))
        return self.name(resource)

    def running(self, wanted: Wanted | None = None) -> str:
        container = self.container(wanted or Wanted())
        self.engine.start(container)
        return container

    def labels_of(self, wanted: Wanted) -> dict[str, str]:
        owner = "a stranger" if wanted.foreign else self.engine.owner
        return {
            **self.labels,
            label.OWNER: owner,
            label.COMPOSE_SERVICE: wanted.service,
            label.COMPOSE_NUMBER: "1",
            **(wanted.labels or {}),
        }

    @abstractmethod
    def container(self, wanted: Wanted) -> str:
        """Make a container, not started; return its ID."""

    @abstractmethod
    def exists(self, container: str) -> bool:
        """Whether a container is there, whoever made it."""

    @abstractmethod
    def close(self) -> None:
        """Remove everything that the tests made."""


class MemoryBench(Bench):
    """On the engine in memory."""

    engine: MemoryEngine

    def __init__(self) -> None:
        super().__init__()
        self.engine = MemoryEngine("contract")
        self.engine.add_image(IMAGE)
        other = MemoryEngine("a stranger")
        other.containers, other.networks = self.engine.containers, self.engine.networks
        other.volumes, other.images = self.engine.volumes, self.engine.images
        self.stranger = other

    def container(self, wanted: Wanted) -> str:
        self.engine.behave(self.name(wanted.service), wanted.behaviour)
        end = Endpoint(configured=wanted.address, aliases=tuple(wanted.aliases))
        made = self.engine.create_container(
            self.name(wanted.service),
            IMAGE,
            labels=self.labels_of(wanted),
            networks={wanted.network: end} if wanted.network else {},
            environment=wanted.environment,
            ports=wanted.ports,
            mounts=wanted.mounts,
            healthcheck=wanted.healthcheck is not None,
        )
        if wanted.healthcheck is not None:
            test = HealthCheck(test=("CMD-SHELL", wanted.healthcheck), interval=0.2, retries=1)
            self.engine.containers[made].healthcheck_test = test
        return made

    def exists(self, container: str) -> bool:
        return any(container in {found.id, found.name} for found in self.engine.containers.values())

    def close(self) -> None:
        self.engine.containers.clear()


class DockerBench(Bench):
    """On the real engine, with owners that nobody else has; ``sdk`` asks it as one of another machine is asked."""

    engine: DockerEngine
    stranger: DockerEngine

    def __init__(self, *, sdk: bool = False) -> None:
        super().__init__()
        options: Any = {"clock": TestClock(), "environment": os.environ, "patience": 1.0}
        self.engine = DockerEngine(owner=f"contract-{self.environment}", **options)
        self.stranger = DockerEngine(owner="a stranger", **options)
        if sdk:
            self.engine._api._session = SdkSession(self.engine._api.endpoint)

    def container(self, wanted: Wanted) -> str:
        body: dict[str, Any] = {
            "Image": IMAGE,
            "Cmd": list(wanted.command),
            "Env": [f"{key}={value}" for key, value in (wanted.environment or {}).items()],
            "Labels": self.labels_of(wanted),
            "Tty": wanted.terminal,
            "ExposedPorts": {f"{port}/{protocol}": {} for port, protocol, *_ in wanted.ports},
            "HostConfig": {
                "NetworkMode": wanted.network or "none",
                "Binds": [f"{volume}:{target}" for target, volume in (wanted.mounts or {}).items()],
                "PortBindings": {
                    f"{port}/{protocol}": [{"HostIp": host, "HostPort": str(number)}]
                    for port, protocol, host, number in wanted.ports
                },
            },
        }
        if wanted.network:
            end = {"Aliases": list(wanted.aliases), "IPAMConfig": {"IPv4Address": wanted.address or ""}}
            body["NetworkingConfig"] = {"EndpointsConfig": {wanted.network: end}}
        if wanted.healthcheck:
            body["Healthcheck"] = {"Test": ["CMD-SHELL", wanted.healthcheck], "Interval": 200_000_000, "Retries": 1}
        made = self.engine._api.call(
            "POST", "/containers/create", what="create", params={"name": self.name(wanted.service)}, body=body
        )
        return str(made["Id"])

    def exists(self, container: str) -> bool:
        listed = self.engine._api.call("GET", "/containers/json", what="list", params={"all": "1"})
        return any(container in {entry["Id"], entry["Names"][0].lstrip("/")} for entry in listed)

    def close(self) -> None:
        for engine in (self.engine, self.stranger):
            left = engine.observe("contract", self.environment, details=False)
            for container in left.containers:
                engine.remove(container.id)
        for engine in (self.engine, self.stranger):
            left = engine.observe("contract", self.environment, details=False)
            for network in left.networks:
                engine.remove_network(network.name)
            for volume in left.volumes:
                engine.remove_volume(volume.name)
        self.engine.close()
        self.stranger.close()


def benches(kind: str) -> Iterator[Bench]:
    """One bench, cleaned up afterwards whatever happened."""
    bench: Bench = MemoryBench() if kind == "memory" else DockerBench(sdk=kind == "docker by the SDK")
    try:
        yield bench
    finally:
        bench.close()
