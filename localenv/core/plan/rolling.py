"""Which services are replaced with the new containers beside the old ones, and why others are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan.graph import joined, networks_of
from localenv.core.plan.steps import RemoveContainer
from localenv.core.plan.value import Plan, assemble
from localenv.core.wanted import ServiceWanted, Wanted

__all__ = ["hindrance", "plan_take_back", "routed_network"]


def hindrance(
    wanted: Wanted,
    service: ServiceWanted,
    kept: Sequence[ContainerSeen],
    staying: Sequence[ContainerSeen],
    obsolete_networks: Mapping[str, str],
) -> str | None:
    """Why a service's old containers are stopped before new ones start; ``None`` when the new ones come first.

    ``staying``: containers of the environment that are there when new ones are created.
    """
    if not service.rolling:
        return service.single or "no hostname leads to it"
    if others := joined(wanted.model, service.name):
        return f"it lives in the namespaces or volumes of {others[0]}"
    keys = set(networks_of(wanted.model, service.name))
    if anew := sorted(item.name for item in wanted.networks if item.key in keys and item.name in obsolete_networks):
        return f"network {anew[0]} is made anew"
    if _room(service, kept, staying) < 0:
        return "no address is left beside the old ones"
    return None


def routed_network(service: ServiceWanted) -> str | None:
    """Name on the engine of the network on which its replicas have their slots."""
    return next((name for slot in service.placements for name in slot.addresses), None)


def _room(service: ServiceWanted, kept: Sequence[ContainerSeen], staying: Sequence[ContainerSeen]) -> int:
    """Free slots less the containers that still need one."""
    network = routed_network(service)
    if network is None:
        return -1
    held = {container.address_on(network) for container in staying}
    free = [slot for slot in service.placements if slot.addresses[network] not in held]
    placed = [container for container in kept if container.address_on(network)]
    return len(free) - (service.replicas - len(placed))


def plan_take_back(wanted: Wanted, observed: Observed, listed: frozenset[str]) -> Plan:
    """Remove the new containers of a replacement that failed, where the old ones still serve.

    ``listed``: addresses and names to which the router sends requests: what it has taken up is ready, and stays.
    """
    return assemble(wanted.id, _taken_back(wanted, observed.without_runs(), listed))


def _taken_back(wanted: Wanted, observed: Observed, listed: frozenset[str]) -> Iterator[RemoveContainer]:
    for service in sorted((item for item in wanted.services if item.rolling), key=lambda item: item.name):
        mine = sorted((seen for seen in observed.containers if seen.service == service.name), key=lambda seen: seen.number)
        if not any(seen.spec != service.spec and seen.state == "running" for seen in mine):
            continue
        for seen in mine:
            if seen.spec == service.spec and not listed.intersection((seen.name, *seen.addresses.values())):
                yield RemoveContainer(
                    target=seen.name,
                    cause="it did not take over",
                    container=seen.id,
                    service=service.name,
                    number=seen.number,
                )
