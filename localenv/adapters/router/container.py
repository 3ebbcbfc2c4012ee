"""The router's container and the networks that exist for it alone."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from localenv.core.labels import ROLE, SPEC
from localenv.core.routes.layout import Layout
from localenv.errors import LocalenvError, NotFound
from localenv.ports.engine import Engine, NetworkSpec, ToolSpec

__all__ = ["INSIDE_PATH", "RouterContainer", "gateway_of", "state_of"]

INSIDE_PATH = "/router"
"""Where the router's container sees the router's folder."""

State = Literal["running", "stopped", "absent", "failed"]

_FIRST_FREE_PORT = 1024
_SUBNET_TRIES = 8


class RouterContainer:
    """One per installation: name and networks carry its owner's label, so that several live on one engine."""

    def __init__(self, *, engine: Engine, directory: Path, image: str, free_subnet: Callable[[], str]) -> None:
        self._engine = engine
        self._directory = directory
        self.image = image
        self._free_subnet = free_subnet
        self.name = f"localenv-router-{engine.owner}"
        self._own_network = f"0--localenv-router-{engine.owner}"
        """First of all names: Docker takes a container's gateway from the network whose name sorts first, and with
        another gateway connections to published ports are cut."""
        self._inside_network = f"localenv-router-inside-{engine.owner}"

    def seen(self) -> Mapping[str, str] | None:
        """State and labels; one call to the engine."""
        return self._engine.tool(self.name)

    def own_network(self, before: str | None) -> str:
        """Make the network that an attached router has for itself; return its block, ``before`` when that can be had."""
        return self._network(self._own_network, before)

    def inside_network(self, before: str | None) -> str:
        """Make the bridge on which containers reach a router in the host's network; return its block."""
        return self._network(self._inside_network, before)

    def start(self, layout: Layout, spec: str) -> None:
        """Replace the container by one of this layout."""
        self._engine.run_tool(self.spec(layout, spec), wait=False)

    def spec(self, layout: Layout, spec: str) -> ToolSpec:
        """The container of a layout.

        It runs as root of its container with the caller's group and, for ports below 1024, one capability: enough to
        read what the group may and to bind, nothing else.
        """
        host = layout.mode == "host"
        ports = (layout.http_port, layout.https_port, layout.postgres_port)
        return ToolSpec(
            name=self.name,
            image=self.image,
            command=(f"--configFile={INSIDE_PATH}/traefik.yaml",),
            labels={ROLE: "router", SPEC: spec},
            network="host" if host else self._own_network,
            binds=(f"{self._directory}:{INSIDE_PATH}:ro",),
            ports={} if host else {f"{port}/tcp": ("127.0.0.1", port) for port in ports},
            restart="always",
            user=f"0:{os.getgid()}" if host else "0:0",
            capabilities=("NET_BIND_SERVICE",) if host and min(ports) < _FIRST_FREE_PORT else (),
        )

    def join(self, networks: tuple[str, ...], aliases: tuple[str, ...]) -> None:
        """Stand in these networks under these names; where it does already nothing happens."""
        for network in networks:
            known = self._aliases(network)
            if known is not None and not set(aliases) <= known:
                self._engine.disconnect(network, self.name)
                known = None
            if known is None:
                self._engine.connect(network, self.name, address=None, aliases=aliases)

    def stands_in(self, networks: tuple[str, ...]) -> bool:
        """Whether it stands in all of these networks."""
        return all(self._aliases(network) is not None for network in networks)

    def leave(self, networks: tuple[str, ...]) -> None:
        """Leave these networks; where it does not stand, or which are gone, nothing happens."""
        for network in networks:
            with suppress(NotFound):
                self._engine.disconnect(network, self.name)

    def remove(self) -> None:
        """Remove the container alone."""
        self._engine.remove_tool(self.name)

    def remove_all(self) -> None:
        """Remove the container and its networks."""
        self.remove()
        for network in (self._own_network, self._inside_network):
            self._engine.remove_network(network)

    def last_lines(self, count: int) -> tuple[str, ...]:
        """What the router printed last."""
        try:
            return tuple(line.decode("utf-8", "replace") for _, line in self._engine.logs(self.name, tail=count))
        except NotFound:
            return ()

    def _aliases(self, network: str) -> frozenset[str] | None:
        """Names of the router on a network; ``None`` where it does not stand."""
        try:
            found = self._engine.endpoint(self.name, network)["aliases"]
        except NotFound:
            return None
        return frozenset(str(name) for name in found) if isinstance(found, list) else frozenset()

    def _network(self, name: str, before: str | None) -> str:
        for attempt in range(_SUBNET_TRIES):
            subnet = before if before is not None and attempt == 0 else self._free_subnet()
            spec = NetworkSpec(name=name, subnet=subnet, gateway=gateway_of(subnet), labels={ROLE: "router"})
            try:
                self._engine.create_network(spec)
            except LocalenvError as error:
                if error.code_of_case != "address-conflict" or attempt + 1 == _SUBNET_TRIES:
                    raise
                self._engine.remove_network(name)
            else:
                return subnet
        raise AssertionError("unreachable: the last attempt returns or raises")


def gateway_of(subnet: str) -> str:
    """The host's address on a network of the router's."""
    return str(next(ipaddress.ip_network(subnet).hosts()))


def state_of(seen: Mapping[str, str] | None) -> State:
    """The engine's word for a container's state in the port's words."""
    if seen is None:
        return "absent"
    words: Mapping[str, State] = {"running": "running", "restarting": "failed", "dead": "failed"}
    return words.get(seen["state"], "stopped")
