"""Which networks to create, recreate and remove."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from localenv.core import labels
from localenv.core.addresses import block
from localenv.core.observed import NetworkSeen, Observed
from localenv.core.plan.steps import CreateNetwork, RemoveNetwork, Step
from localenv.core.wanted import NetworkWanted, Wanted

__all__ = ["environment_labels", "network_spec", "obsolete_networks", "plan_networks"]


def environment_labels(wanted: Wanted) -> dict[str, str]:
    """What every object of an environment carries; the time of creation is added when it is made."""
    return {
        labels.OWNER: wanted.owner,
        labels.PROJECT: wanted.id.project,
        labels.ENVIRONMENT: wanted.id.name,
        labels.TIER: wanted.tier.tier,
        labels.DIRECTORY: wanted.checkout or wanted.directory,
        labels.COMPOSE_PROJECT: wanted.id.compose_project,
    }


def network_spec(network: NetworkWanted, subnet: str | None) -> str:
    """Hash of everything that a network is made from."""
    made_from = json.dumps([subnet, network.internal, sorted(network.driver_options.items())])
    return hashlib.sha256(made_from.encode()).hexdigest()[:16]


def obsolete_networks(wanted: Wanted, observed: Observed) -> dict[str, str]:
    """Name and reason of each network that is there but cannot stay as it is."""
    named = {network.name: network for network in wanted.networks}
    reasons: dict[str, str] = {}
    for seen in observed.networks:
        network = named.get(seen.name)
        if network is None:
            reasons[seen.name] = "not in the Compose file any more"
        elif (reason := _difference(network, wanted.subnets.get(network.name), seen)) is not None:
            reasons[seen.name] = reason
    return reasons


def _difference(network: NetworkWanted, subnet: str | None, seen: NetworkSeen) -> str | None:
    if subnet is not None and seen.subnet != subnet:
        return f"addresses {seen.subnet or 'unknown'} -> {subnet}"
    if seen.labels.get(labels.SPEC) != network_spec(network, subnet):
        return "settings changed"
    return None


def plan_networks(wanted: Wanted, observed: Observed, late: frozenset[str] = frozenset()) -> Iterator[Step]:
    """Remove what is obsolete once no container stands on it, then create what is missing.

    ``late``: names of containers that go after all else; they stand on no network that is made anew.
    """
    obsolete = obsolete_networks(wanted, observed)
    there = {seen.name for seen in observed.networks} - set(obsolete)
    named = {network.name for network in wanted.networks}
    for name in sorted(obsolete):
        gone = (seen.name for seen in observed.containers if name not in named or seen.name not in late)
        yield RemoveNetwork(target=name, cause=obsolete[name], after=tuple(f"remove container {seen}" for seen in gone))
    for network in sorted(wanted.networks, key=lambda network: network.name):
        if network.name not in there:
            yield _create(wanted, network, obsolete.get(network.name, "not there"))


def _create(wanted: Wanted, network: NetworkWanted, cause: str) -> CreateNetwork:
    subnet = wanted.subnets.get(network.name)
    addresses = block(subnet) if subnet else None
    return CreateNetwork(
        target=network.name,
        cause=cause,
        after=(f"remove network {network.name}",),
        subnet=subnet,
        ip_range=addresses.ip_range if addresses else None,
        gateway=addresses.gateway if addresses else None,
        internal=network.internal,
        options=dict(network.driver_options),
        labels=environment_labels(wanted) | {labels.COMPOSE_NETWORK: network.key, labels.SPEC: network_spec(network, subnet)},
    )
