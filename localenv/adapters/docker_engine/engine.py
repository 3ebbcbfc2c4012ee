"""The engine whole: its parts put together, and what it says of itself."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Mapping
from typing import Any

from localenv.adapters.docker_engine.api import Api
from localenv.adapters.docker_engine.endpoint import find_endpoint
from localenv.adapters.docker_engine.executing import Executing
from localenv.adapters.docker_engine.failures import Gone
from localenv.adapters.docker_engine.networks import NetworksAndVolumes
from localenv.adapters.docker_engine.observing import Observing
from localenv.adapters.docker_engine.registries import EngineRegistries
from localenv.adapters.docker_engine.tools import Tools
from localenv.core.wanted import ImageDetails
from localenv.ports.clock import Clock
from localenv.ports.engine import EngineInfo

__all__ = ["DockerEngine"]


class DockerEngine(Observing, NetworksAndVolumes, Executing, Tools):
    """``ports.engine.Engine`` on a Docker engine, 24 or later.

    ``environment`` says which engine (``DOCKER_HOST``, ``DOCKER_CONTEXT``, ``DOCKER_CONFIG``); nothing is asked of it
    before the first call. ``patience`` is how many seconds the engine is given to finish what it is doing to an object.
    Safe to share between threads; ``close`` ends its connections.
    """

    def __init__(self, *, owner: str, clock: Clock, environment: Mapping[str, str], patience: float = 15.0) -> None:
        super().__init__(owner=owner, api=Api(find_endpoint(environment)), clock=clock, patience=patience)

    def close(self) -> None:
        if self._workers is not None:
            self._workers.shutdown()
        self._api.close()

    @property
    def registries(self) -> EngineRegistries:
        """Which image registries the engine reaches, asked over the same connections."""
        return EngineRegistries(self._api)

    def info(self) -> EngineInfo:
        version = self._api.version()
        found = self._api.call("GET", "/info", what="ask the engine about itself")
        return EngineInfo(
            version=version["Version"],
            api_version=version["ApiVersion"],
            operating_system=found["OperatingSystem"],
            native_linux=self._api.endpoint.local_socket and _shares_kernel(found) and self._reaches_bridges(),
            root_directory=found["DockerRootDir"],
            cpus=found["NCPU"],
            memory=found["MemTotal"],
            storage_driver=found["Driver"],
        )

    def _reaches_bridges(self) -> bool:
        """Whether a bridge's gateway is an address of this machine: it is not from inside a container or a namespace."""
        networks = self._api.call("GET", "/networks", what="list networks", params={"filters": '{"driver":["bridge"]}'})
        blocks = [block for network in networks for block in (network.get("IPAM") or {}).get("Config") or ()]
        gateways = [block["Gateway"] for block in blocks if "." in block.get("Gateway", "")]
        return not gateways or any(_is_own_address(gateway) for gateway in gateways)

    def image(self, reference: str) -> ImageDetails | None:
        try:
            found = self._api.call("GET", f"/images/{reference}/json", what=f"look at image {reference}")
        except Gone:
            return None
        return _image_details(reference, found)

    def published_ports(self) -> frozenset[int]:
        containers = self._api.call("GET", "/containers/json", what="list containers")
        ports = (port.get("PublicPort") for container in containers for port in container.get("Ports") or ())
        return frozenset(port for port in ports if port)

    def system_usage(self) -> Callable[[], Mapping[str, int]]:
        def measure() -> Mapping[str, int]:
            found = self._api.call("GET", "/system/df", what="measure what the engine stores", timeout=None)
            return _disk_usage(found)

        return measure


def _shares_kernel(found: Mapping[str, Any]) -> bool:
    rootless = any("name=rootless" in option for option in found.get("SecurityOptions") or ())
    desktop = "Docker Desktop" in found.get("OperatingSystem", "") or found.get("Name") == "docker-desktop"
    return found.get("OSType") == "linux" and not rootless and not desktop


def _is_own_address(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            return error.errno not in {errno.EADDRNOTAVAIL, errno.EINVAL}
    return True


def _image_details(reference: str, found: Mapping[str, Any]) -> ImageDetails:
    config: Mapping[str, Any] = found.get("Config") or {}
    test = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    variables = (entry.partition("=") for entry in config.get("Env") or ())
    ports = (port.partition("/") for port in config.get("ExposedPorts") or ())
    return ImageDetails(
        reference=reference,
        id=found["Id"],
        volumes=tuple(sorted(config.get("Volumes") or ())),
        exposed=tuple(sorted(int(port) for port, _, protocol in ports if port.isdigit() and protocol in {"tcp", ""})),
        user=config.get("User") or "",
        entrypoint=tuple(config.get("Entrypoint") or ()),
        command=tuple(config.get("Cmd") or ()),
        environment={name: value for name, _, value in variables},
        labels=dict(config.get("Labels") or {}),
        healthcheck=test[0] != "NONE",
    )


def _disk_usage(found: Mapping[str, Any]) -> dict[str, int]:
    def total(kind: str, size: Callable[[Mapping[str, Any]], int]) -> int:
        return sum(max(size(entry), 0) for entry in found.get(kind) or ())

    return {
        "images": found.get("LayersSize") or 0,
        "containers": total("Containers", lambda entry: entry.get("SizeRw", 0)),
        "volumes": total("Volumes", lambda entry: (entry.get("UsageData") or {}).get("Size", 0)),
        "build_cache": total("BuildCache", lambda entry: 0 if entry.get("Shared") else entry.get("Size", 0)),
    }
