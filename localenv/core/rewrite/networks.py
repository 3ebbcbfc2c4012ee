"""``networks``: each becomes one of this environment's own, with addresses that localenv gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from localenv.core.findings import Note
from localenv.core.names import EnvironmentId
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, mapping, services, unescaped, with_top, without
from localenv.core.wanted import Model, NetworkWanted, Rewritten

__all__ = ["joined_networks", "only_internal", "rewrite_networks", "routed_network"]

_ADDRESSES = ("ipv4_address", "ipv6_address", "link_local_ips", "mac_address")
_MENTIONING = ("command", "entrypoint", "environment", "extra_hosts", "healthcheck")
_HOST_WIDE_OPTIONS = ("com.docker.network.bridge.name",)
"""Options that name a thing of the host, which can exist once."""
_LOCAL_DRIVERS = ("", "bridge", "default", "local")


def rewrite_networks(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Scope every network that a service joins; drop fixed names, subnets and addresses.

    Networks are declared by ``name`` and not as ``external``: Compose 2.24 and 2.26 leave an endpoint on a second
    external network that cannot be moved. Made beforehand with Compose's own labels and without its config hash,
    every version from 2.20 to 5.5 takes such a network as it is (``resolveOrCreateNetwork``, later ``reconcile``).
    """
    joined = each_service(draft, _with_default)
    declared = mapping(joined.model, "networks")
    canonical = _one_key_per_network(declared)
    fixed = _fixed(draft.model)
    asking = each_service(joined, lambda name, service: _without_dead_dns(name, service, fixed))
    moved = each_service(asking, lambda name, service: _without_addresses(name, service, canonical))
    mentions = tuple(_mentions(draft.model, fixed))
    used = {key for _, service in services(moved.model) for key in joined_networks(service)}
    wanted, notes = [], []
    for key in sorted(used):
        network = declared.get(key)
        network = network if isinstance(network, dict) else {}
        wanted.append(_wanted(key, network, context.id))
        notes.extend(_told(key, network, draft.model, context.id))
    model = {network.key: {"name": network.name, **({"internal": True} if network.internal else {})} for network in wanted}
    return replace(with_top(moved, "networks", model), networks=tuple(wanted), notes=(*moved.notes, *mentions, *notes))


def joined_networks(service: Service) -> tuple[str, ...]:
    """Keys of the networks that a service is on; none when it has a ``network_mode``."""
    return () if "network_mode" in service else tuple(mapping(service, "networks"))


def only_internal(service: Service, networks: tuple[NetworkWanted, ...]) -> bool:
    """Whether every network of the service is internal, so that nothing of it can be published."""
    internal = {network.key for network in networks if network.internal}
    joined = joined_networks(service)
    return bool(joined) and internal.issuperset(joined)


def routed_network(service: Service, networks: tuple[NetworkWanted, ...]) -> str | None:
    """Key of the network on which the router reaches a service: a reachable one, ``default`` before others."""
    internal = {network.key for network in networks if network.internal}
    joined = sorted(joined_networks(service), key=lambda key: (key in internal, key != "default", key))
    return joined[0] if joined else None


def _with_default(name: str, service: Service) -> Change:
    del name
    if "network_mode" in service or mapping(service, "networks"):
        return service, ()
    return {**service, "networks": {"default": None}}, ()


def _one_key_per_network(declared: Mapping[str, Any]) -> dict[str, str]:
    """The key that stands for each network: two keys with one fixed name are one network."""
    first: dict[str, str] = {}
    return {key: first.setdefault(_real_name(key, declared[key]), key) for key in sorted(declared)}


def _real_name(key: str, network: object) -> str:
    name = network.get("name") if isinstance(network, dict) else None
    return f"name:{name}" if isinstance(name, str) else f"key:{key}"


def _without_addresses(name: str, service: Service, canonical: Mapping[str, str]) -> Change:
    notes: list[Note] = []
    if (mac := service.get("mac_address")) is not None:
        notes.append(Note(code="mac-address", service=name, message=f"mac_address {mac} is left to the engine"))
    if "networks" not in service:
        return without(service, "mac_address"), tuple(notes)
    networks: dict[str, Any] = {}
    for key, endpoint in mapping(service, "networks").items():
        settings = endpoint if isinstance(endpoint, dict) else {}
        fixed = [f"{what} {settings[what]}" for what in _ADDRESSES if settings.get(what)]
        if fixed:
            notes.append(
                Note(code="address", service=name, message=f"{', '.join(fixed)} on {key}: localenv gives its own address")
            )
        networks[canonical.get(key, key)] = without(settings, *_ADDRESSES) or None
    return {**without(service, "mac_address"), "networks": networks}, tuple(notes)


def _fixed(model: Model) -> dict[str, str]:
    """Service by fixed address that is replaced."""
    return {
        str(endpoint[what]): name
        for name, service in services(model)
        for endpoint in mapping(service, "networks").values()
        if isinstance(endpoint, dict)
        for what in ("ipv4_address", "ipv6_address")
        if endpoint.get(what)
    }


def _without_dead_dns(name: str, service: Service, fixed: Mapping[str, str]) -> Change:
    """A name server that is another service's fixed address answers nobody here, and it takes addresses only."""
    written = service.get("dns")
    servers = [str(server) for server in (written if isinstance(written, list) else [written] if written else [])]
    dead = [server for server in servers if server in fixed]
    if not dead:
        return service, ()
    kept = [server for server in servers if server not in fixed]
    notes = tuple(
        Note(
            code="dns-dropped",
            service=name,
            message=f"dns {server}, {fixed[server]}'s fixed address, is left out: the engine answers",
        )
        for server in dead
    )
    return {**without(service, "dns"), **({"dns": kept} if kept else {})}, notes


def _mentions(model: Model, fixed: Mapping[str, str]) -> Iterator[Note]:
    """Services that name an address which is replaced: they will not find anyone there."""
    for name, service in services(model):
        for key in _MENTIONING:
            text = json.dumps(service.get(key), default=str)
            for address in sorted(address for address in fixed if re.search(rf"(?<![\d.:]){re.escape(address)}(?![\d.])", text)):
                message = f"{key} mentions {address}, which is another address here: use the service's name"
                yield Note(code="address-mentioned", service=name, message=message)


def _wanted(key: str, network: Mapping[str, Any], environment: EnvironmentId) -> NetworkWanted:
    options = {
        name: unescaped(str(value)) for name, value in mapping(network, "driver_opts").items() if name not in _HOST_WIDE_OPTIONS
    }
    return NetworkWanted(
        key=key,
        name=environment.object_name(key),
        internal=network.get("internal") is True,
        driver_options=options if _is_local(network) else {},
    )


def _is_local(network: Mapping[str, Any]) -> bool:
    return (network.get("driver") or "") in _LOCAL_DRIVERS


def _told(key: str, network: Mapping[str, Any], model: Model, environment: EnvironmentId) -> list[Note]:
    """What was changed about one network."""
    told: list[tuple[str, str]] = []
    name, own = network.get("name"), environment.object_name(key)
    if network.get("external"):
        told.append(("network-external", f"external network {name or key} is this environment's own {own}"))
    elif isinstance(name, str) and name not in {own, f"{model.get('name')}_{key}"}:
        told.append(("network-name", f"network {name} is called {own} here"))
    if mapping(network, "ipam").get("config"):
        told.append(("subnet", f"the subnet of network {key} is replaced by one of localenv's own"))
    if network.get("enable_ipv6"):
        told.append(("network-ipv6", f"network {key} has IPv4 addresses only"))
    if not _is_local(network):
        told.append(("network-driver", f"network {key} is a bridge instead of {network.get('driver')}"))
    if any(option in mapping(network, "driver_opts") for option in _HOST_WIDE_OPTIONS):
        told.append(("network-bridge", f"the fixed bridge interface of network {key} is left to the engine"))
    return [Note(code=code, message=message) for code, message in told]
