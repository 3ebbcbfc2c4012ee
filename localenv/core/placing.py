"""From a rewritten model and its allocations to everything wanted: addresses, loopback ports, one value per service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from localenv.core import labels
from localenv.core.addresses import prefix_for
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.images import image_details
from localenv.core.rewrite.model import Service, items, mapping, services, unescaped
from localenv.core.rewrite.networks import joined_networks, routed_network
from localenv.core.rewrite.protocols import DEBUG_PORTS
from localenv.core.rewrite.replicas import replicas_of, single_reason
from localenv.core.service_facts import dependencies_of, health_of, host_services, seconds, switches_health_off
from localenv.core.slots import Slots, slots_of
from localenv.core.spec import mounted_content, service_spec
from localenv.core.wanted import (
    Allocations,
    Exposure,
    Hooks,
    Model,
    Placement,
    Rewritten,
    ServiceWanted,
    Wanted,
)
from localenv.values import dataclass

__all__ = ["needed_ports", "needed_subnets", "place", "port_key"]

_WEB = frozenset({"http", "https"})
_GRACE = 10.0
"""Seconds that Compose gives a container to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placing:
    """Everything that placing one service looks at."""

    rewritten: Rewritten
    context: RewriteContext
    subnets: Mapping[str, str]
    slots: Slots
    addresses: Mapping[str, tuple[str, ...]]
    exposures: tuple[Exposure, ...]

    def network_name(self, key: str | None) -> str | None:
        """Name on the engine of a network of the model."""
        return next((item.name for item in self.rewritten.networks if item.key == key), None)


def port_key(exposure: Exposure) -> str:
    """Key of an exposure's loopback port in the allocations: ``db:5432/tcp``."""
    return f"{exposure.service}:{exposure.port}/{_transport(exposure)}"


def needed_ports(rewritten: Rewritten) -> tuple[str, ...]:
    """Keys of the loopback ports to allocate: what the router does not carry and no fixed host port serves."""
    return tuple(sorted(port_key(item) for item in rewritten.exposures if item.protocol not in _WEB and item.host_port is None))


def needed_subnets(rewritten: Rewritten, context: RewriteContext) -> dict[str, int]:
    """Prefix length by name of each network, for the containers that may stand on it at once."""
    slots = slots_of(rewritten, context)
    return {network.name: prefix_for(slots.containers(network), slots.static(network)) for network in rewritten.networks}


def place(rewritten: Rewritten, context: RewriteContext, allocations: Allocations) -> Wanted:
    """Put addresses and ports into the model, and say for each service how it is made, started and told apart."""
    slots = slots_of(rewritten, context)
    placing = _Placing(
        rewritten=rewritten,
        context=context,
        subnets={item.name: allocations.subnets[item.name] for item in rewritten.networks if item.name in allocations.subnets},
        slots=slots,
        addresses=slots.addresses(rewritten.networks, allocations.subnets),
        exposures=tuple(_with_port(item, rewritten.model, allocations) for item in rewritten.exposures),
    )
    placed = {name: _placed(name, service, placing) for name, service in services(rewritten.model)}
    specs = _specs(placed, placing)
    wanted = tuple(_service(name, placed[name], placing, specs[name]) for name in sorted(placed))
    labelled = {
        name: {**service, "labels": {**mapping(service, "labels"), labels.SPEC: specs[name]}} for name, service in placed.items()
    }
    return Wanted(
        id=context.id,
        owner=context.owner,
        tier=context.tier,
        directory=context.directory,
        checkout=context.checkout,
        model={**rewritten.model, "services": labelled},
        services=wanted,
        networks=tuple(replace(item, static_addresses=slots.static(item)) for item in rewritten.networks),
        subnets=placing.subnets,
        volumes=rewritten.volumes,
        exposures=placing.exposures,
        notes=rewritten.notes,
        profile=context.data_profile,
        copies=rewritten.copies,
    )


def _transport(exposure: Exposure) -> Literal["tcp", "udp"]:
    return "udp" if exposure.protocol == "udp" else "tcp"


def _with_port(exposure: Exposure, model: Model, allocations: Allocations) -> Exposure:
    if mapping(mapping(model, "services"), exposure.service).get("network_mode") == "host":
        return replace(exposure, host_port=exposure.port)
    return replace(exposure, host_port=exposure.host_port or allocations.ports.get(port_key(exposure)))


def _placed(name: str, service: Service, placing: _Placing) -> Service:
    """The service with its loopback ports, and with its address where there is only ever one container."""
    placed = dict(service)
    if str(service.get("network_mode", "bridge")) == "bridge" and (ports := _ports(name, placing)):
        placed["ports"] = ports
    network = placing.slots.routed.get(name)
    addresses = placing.addresses.get(name, ())
    if network is not None and placing.slots.numbers[name] == 1 and addresses:
        endpoints = mapping(service, "networks")
        placed["networks"] = {**endpoints, network: {**mapping(endpoints, network), "ipv4_address": addresses[0]}}
    return placed


def _ports(name: str, placing: _Placing) -> list[dict[str, Any]]:
    """Ports of the service and of those that share its network."""
    everyone = services(placing.rewritten.model)
    guests = {name, *(other for other, service in everyone if service.get("network_mode") == f"service:{name}")}
    return [
        {
            "mode": "ingress",
            "host_ip": item.address,
            "target": item.port,
            "published": str(item.host_port),
            "protocol": _transport(item),
        }
        for item in placing.exposures
        if item.service in guests and item.host_port is not None
    ]


def _service(name: str, service: Service, placing: _Placing, spec: str) -> ServiceWanted:
    rewritten = placing.rewritten
    details = image_details(service, placing.context)
    one_shot = name in rewritten.one_shots
    hooks = rewritten.hooks.get(name, Hooks())
    health = health_of(service)
    image_health = health is None and details is not None and details.healthcheck and not switches_health_off(service)
    ready = None if one_shot else _ready_port(name, rewritten.exposures)
    if ready is None and (health or image_health) and not one_shot and details is not None:
        ready = min(details.exposed, default=None)
    return ServiceWanted(
        name=name,
        image=str(service.get("image", "")),
        image_id=details.id if details else None,
        spec=spec,
        replicas=replicas_of(service),
        one_shot=one_shot,
        may_end=name in rewritten.may_end,
        restart=str(service["restart"]) if service.get("restart") else None,
        dependencies=dependencies_of(service),
        health=health,
        pre_start=hooks.pre_start,
        post_start=hooks.post_start,
        pre_stop=hooks.pre_stop,
        injected=rewritten.injected.get(name, ()),
        placements=_placements(name, placing),
        stop_grace=seconds(service.get("stop_grace_period"), _GRACE),
        ready_port=ready,
        ready_network=None if ready is None else placing.network_name(routed_network(service, rewritten.networks)),
        volumes=tuple(sorted(set(_volumes(service, rewritten).values()))),
        rolling=name in placing.slots.rolling,
        single=single_reason(name, service, rewritten),
        image_health=image_health,
    )


def _specs(placed: Mapping[str, Service], placing: _Placing) -> dict[str, str]:
    """Hash of each service; of one that lives in another's namespaces or volumes, also of that one: it dies with it."""
    found: dict[str, str] = {}

    def spec(name: str, path: tuple[str, ...]) -> str:
        if name not in found:
            hosts = sorted(host_services(placed[name]) & set(placed) - {*path, name})
            found[name] = _spec(name, placed[name], placing, {f"host {host}": spec(host, (*path, name)) for host in hosts})
        return found[name]

    return {name: spec(name, ()) for name in sorted(placed)}


def _spec(name: str, service: Service, placing: _Placing, hosts: Mapping[str, str]) -> str:
    rewritten, joined = placing.rewritten, set(joined_networks(service))
    subnets = {item.name: placing.subnets.get(item.name, "") for item in rewritten.networks if item.key in joined}
    details = image_details(service, placing.context)
    return service_spec(
        service,
        image_id=details.id if details else None,
        injected=rewritten.injected.get(name, ()),
        content=mounted_content(service, rewritten.model, placing.context, one_shot=name in rewritten.one_shots),
        places={**_volumes(service, rewritten), **subnets, **hosts},
    )


def _placements(name: str, placing: _Placing) -> tuple[Placement, ...]:
    """Slots of a service of which several containers may stand at once; a single one has its address in the model."""
    network = placing.network_name(placing.slots.routed.get(name))
    if network is None or placing.slots.numbers[name] <= 1:
        return ()
    return tuple(
        Placement(number=number, addresses={network: address})
        for number, address in enumerate(placing.addresses.get(name, ()), 1)
    )


def _ready_port(name: str, exposures: tuple[Exposure, ...]) -> int | None:
    """The port that most likely answers: plain HTTP before TLS before the rest, never a debugger's."""
    mine = [item for item in exposures if item.service == name and item.protocol != "udp"]
    served = [item for item in mine if item.protocol in _WEB or item.port not in DEBUG_PORTS]
    return min(served, key=lambda item: (item.protocol not in _WEB, item.protocol == "https")).port if served else None


def _volumes(service: Service, rewritten: Rewritten) -> dict[str, str]:
    """Names on the engine by key of the volumes that a service mounts."""
    top = mapping(rewritten.model, "volumes")
    used = {str(mount.get("source", "")) for mount in items(service, "volumes") if mount.get("type") == "volume"}
    return {key: unescaped(str(mapping(top, key).get("name", key))) for key in sorted(used)}
