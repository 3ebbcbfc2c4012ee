"""Which replicas serve which exposure: their addresses are chosen here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from localenv.core.observed import ContainerSeen
from localenv.core.wanted import Exposure, ServiceWanted, Wanted
from localenv.values import dataclass

__all__ = ["Backend", "Route", "routes_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One replica that serves an exposure: host and port as the router dials them."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One exposure with the replicas that serve it now."""

    exposure: Exposure
    backends: tuple[Backend, ...]
    network: str | None = None
    """Name on the engine of the network on which the backends stand (attached mode)."""


def routes_of(wanted: Wanted, containers: Sequence[ContainerSeen], mode: Literal["host", "attached"]) -> tuple[Route, ...]:
    """Routes of everything that the router serves: by static address (host mode) or container name (attached).

    ``containers``: those that are to get requests. Replicas stand on any of their service's slots and bear any number,
    so they say themselves where they are; a service that only ever has one container has its address in the model.
    """
    services = {service.name: service for service in wanted.services}
    return tuple(
        _route(exposure, services[_owner(wanted, exposure.service)], wanted, containers, mode)
        for exposure in wanted.exposures
        if exposure.host is not None and exposure.protocol not in {"tcp", "udp"} and exposure.service in services
    )


def _route(
    exposure: Exposure,
    service: ServiceWanted,
    wanted: Wanted,
    containers: Sequence[ContainerSeen],
    mode: Literal["host", "attached"],
) -> Route:
    network = _network(service, wanted)
    if network is not None and service.placements:
        found = sorted((seen for seen in containers if seen.service == service.name), key=lambda seen: (seen.number, seen.name))
        hosts = [address if mode == "host" else seen.name for seen in found if (address := seen.address_on(network))]
    elif mode == "host":
        hosts = _own_address(service, wanted)
    else:
        hosts = [f"{wanted.id.compose_project}-{service.name}-1"] * min(service.replicas, 1)
    return Route(
        exposure=exposure,
        backends=tuple(Backend(host=host, port=exposure.port) for host in hosts),
        network=network if mode == "attached" else None,
    )


def _own_address(service: ServiceWanted, wanted: Wanted) -> list[str]:
    endpoints = (_definition(wanted, service.name).get("networks") or {}).values()
    found = [
        str(endpoint["ipv4_address"]) for endpoint in endpoints if isinstance(endpoint, dict) and endpoint.get("ipv4_address")
    ]
    return found[: service.replicas]


def _owner(wanted: Wanted, name: str) -> str:
    """The service whose network a service has: itself, unless it joins another one's namespace."""
    mode = str(_definition(wanted, name).get("network_mode", ""))
    return mode.removeprefix("service:") if mode.startswith("service:") else name


def _network(service: ServiceWanted, wanted: Wanted) -> str | None:
    """The network on which the service has an address of localenv's choice."""
    names = {network.key: network.name for network in wanted.networks}
    for placement in service.placements:
        return next(iter(placement.addresses), None)
    for key, endpoint in (_definition(wanted, service.name).get("networks") or {}).items():
        if isinstance(endpoint, dict) and endpoint.get("ipv4_address"):
            return names.get(key)
    return None


def _definition(wanted: Wanted, name: str) -> Mapping[str, Any]:
    found = (wanted.model.get("services") or {}).get(name)
    return found if isinstance(found, Mapping) else {}
