"""How many containers of each service may stand at once, and which static address each place has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from localenv.core.addresses import block
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Service, mapping, services
from localenv.core.rewrite.networks import joined_networks, routed_network
from localenv.core.rewrite.replicas import replicas_of, single_reason
from localenv.core.wanted import NetworkWanted, Rewritten
from localenv.values import dataclass

__all__ = ["Slots", "slots_of"]

_WEB = frozenset({"http", "https"})
_ROUTED = frozenset({"http", "https", "postgres"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Places for containers, by service."""

    numbers: Mapping[str, int]
    """Containers at once: twice the replicas of a service that rolls."""
    rolling: frozenset[str]
    routed: Mapping[str, str]
    """Key of the network on which the router finds the service at a static address; absent: it needs none."""
    joined: Mapping[str, tuple[str, ...]]
    """Keys of each service's networks."""

    def containers(self, network: NetworkWanted) -> int:
        """How many containers may stand on a network at once."""
        return sum(number for name, number in self.numbers.items() if network.key in self.joined[name])

    def static(self, network: NetworkWanted) -> int:
        """How many of them have a static address there."""
        return sum(number for name, number in self.numbers.items() if self.routed.get(name) == network.key)

    def addresses(self, networks: tuple[NetworkWanted, ...], subnets: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """Static addresses by service, one per slot.

        Each slot asks for the place that its name hashes to, so that a new service moves few of the others.
        """
        found: dict[str, tuple[str, ...]] = {}
        for network in (item for item in networks if item.name in subnets):
            places = block(subnets[network.name]).static
            taken: set[str] = set()
            for name in sorted(name for name in self.numbers if self.routed.get(name) == network.key):
                wishes = [f"{name}/{number}" for number in range(1, self.numbers[name] + 1)]
                found[name] = tuple(address for wish in wishes if (address := _place(wish, places, taken)) is not None)
        return found


def slots_of(rewritten: Rewritten, context: RewriteContext) -> Slots:
    """Count the places that a rewritten model needs."""
    rolling = {name for name, service in services(rewritten.model) if _rolls(name, service, rewritten, context)}
    routed = {name: _routed_on(name, rewritten) for name, _ in services(rewritten.model)}
    return Slots(
        numbers={name: replicas_of(service) * (2 if name in rolling else 1) for name, service in services(rewritten.model)},
        rolling=frozenset(rolling),
        routed={name: key for name, key in routed.items() if key is not None},
        joined={name: joined_networks(service) for name, service in services(rewritten.model)},
    )


def _rolls(name: str, service: Service, rewritten: Rewritten, context: RewriteContext) -> bool:
    """Whether a new container may answer beside the old one: an exposed service without anything to hold alone."""
    exposed = any(item.service == name and item.protocol in _WEB for item in rewritten.exposures)
    if context.tier.rollout != "rolling" or not exposed or replicas_of(service) == 0:
        return False
    return single_reason(name, service, rewritten) is None


def _routed_on(name: str, rewritten: Rewritten) -> str | None:
    service = mapping(mapping(rewritten.model, "services"), name)
    guests = {name, *(other for other, it in services(rewritten.model) if it.get("network_mode") == f"service:{name}")}
    if not any(item.service in guests and item.protocol in _ROUTED for item in rewritten.exposures):
        return None
    return routed_network(service, rewritten.networks)


def _place(wish: str, places: tuple[str, ...], taken: set[str]) -> str | None:
    """The wished place or the next free one behind it; ``None`` when all are taken."""
    first = int(hashlib.sha256(wish.encode()).hexdigest(), 16) % len(places)
    free = next((place for place in (*places[first:], *places[:first]) if place not in taken), None)
    if free is not None:
        taken.add(free)
    return free
