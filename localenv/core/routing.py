"""Which replicas serve which exposure: known before they run, because their addresses are chosen here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

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


def routes_of(wanted: Wanted, mode: Literal["host", "attached"]) -> tuple[Route, ...]:
    """Routes of everything that the router serves: by static address (host mode) or container name (attached)."""
    services = {service.name: service for service in wanted.services}
    return tuple(
        _route(exposure, services[_owner(wanted, exposure.service)], wanted, mode)
        for exposure in wanted.exposures
        if exposure.host is not None and exposure.protocol not in {"tcp", "udp"} and exposure.service in services
    )


def _route(exposure: Exposure, service: ServiceWanted, wanted: Wanted, mode: Literal["host", "attached"]) -> Route:
    if mode == "attached":
        hosts = [f"{wanted.id.compose_project}-{service.name}-{number}" for number in range(1, service.replicas + 1)]
        network = _network(service, wanted)
    else:
        placed = sorted(_addresses(service, wanted))[: service.replicas]
        hosts = [address for _number, address in placed]
        network = None
    return Route(
        exposure=exposure,
        backends=tuple(Backend(host=host, port=exposure.port) for host in hosts),
        network=network if mode == "attached" else None,
    )


def _owner(wanted: Wanted, name: str) -> str:
    """The service whose network a service has: itself, unless it joins another one's namespace."""
    mode = str(_definition(wanted, name).get("network_mode", ""))
    return mode.removeprefix("service:") if mode.startswith("service:") else name


def _addresses(service: ServiceWanted, wanted: Wanted) -> Iterator[tuple[int, str]]:
    for placement in service.placements:
        for address in placement.addresses.values():
            yield placement.number, address
    if not service.placements:
        for endpoint in (_definition(wanted, service.name).get("networks") or {}).values():
            if isinstance(endpoint, dict) and endpoint.get("ipv4_address"):
                yield 1, str(endpoint["ipv4_address"])


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
