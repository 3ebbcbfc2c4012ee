"""Dependencies between services: levels, closures, and who shares what with whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from localenv.core.wanted import Dependency, Model, ServiceWanted

__all__ = [
    "closure",
    "dependencies",
    "has_fixed_address",
    "joined",
    "levels",
    "namespaces",
    "networks_of",
    "restart_policy",
]

_NAMESPACES = ("network_mode", "ipc", "pid")
_SERVICE = "service:"


def joined(model: Model, service: str) -> tuple[str, ...]:
    """Services whose namespaces or volumes ``service`` shares, so that it cannot outlive their containers.

    Compose specification: ``network_mode``, ``ipc`` and ``pid`` as ``service:NAME``, and ``volumes_from``.
    """
    lenders = (str(entry) for entry in _definition(model, service).get("volumes_from") or ())
    names = (entry.split(":", 1)[0] for entry in lenders if not entry.startswith("container:"))
    return tuple(dict.fromkeys((*namespaces(model, service), *names)))


def namespaces(model: Model, service: str) -> tuple[str, ...]:
    """Services whose network, IPC or process namespace ``service`` is in."""
    definition = _definition(model, service)
    values = (definition.get(key) for key in _NAMESPACES)
    return tuple(value.removeprefix(_SERVICE) for value in values if isinstance(value, str) and value.startswith(_SERVICE))


def networks_of(model: Model, service: str) -> tuple[str, ...]:
    """Keys of the networks that a service is on; ``default`` when it names none."""
    definition = _definition(model, service)
    if definition.get("network_mode"):
        return ()
    networks = definition.get("networks")
    return tuple(networks) if networks else ("default",)


def has_fixed_address(model: Model, service: str) -> bool:
    """Whether the model itself gives the service's only replica its address."""
    networks = _definition(model, service).get("networks")
    settings = networks.values() if isinstance(networks, Mapping) else ()
    return any(isinstance(entry, Mapping) and entry.get("ipv4_address") for entry in settings)


def restart_policy(service: ServiceWanted) -> str:
    """Policy that the service's containers are created with, and get back when they are started."""
    return service.restart or ("no" if service.one_shot else "always")


def _definition(model: Model, service: str) -> Mapping[str, Any]:
    return (model.get("services") or {}).get(service) or {}


def dependencies(services: Iterable[ServiceWanted], model: Model | None = None) -> dict[str, tuple[Dependency, ...]]:
    """Each service's dependencies that exist, with those that follow from shared namespaces."""
    named = {service.name: service for service in services}
    found: dict[str, tuple[Dependency, ...]] = {}
    for name, service in named.items():
        known = {entry.service: entry for entry in service.dependencies if entry.service in named and entry.service != name}
        for other in joined(model or {}, name):
            if other in named and other != name:
                known.setdefault(other, Dependency(service=other))
        found[name] = tuple(known[key] for key in sorted(known))
    return found


def levels(graph: Mapping[str, Sequence[Dependency]]) -> dict[str, int]:
    """Depth of each service: 0 without dependencies, otherwise one more than the deepest of them."""
    depth: dict[str, int] = {}

    def visit(name: str, path: frozenset[str]) -> int:
        if name in path:
            return 0
        if name not in depth:
            below = (visit(entry.service, path | {name}) + 1 for entry in graph.get(name, ()))
            depth[name] = max(below, default=0)
        return depth[name]

    for name in sorted(graph):
        visit(name, frozenset())
    return depth


def closure(graph: Mapping[str, Sequence[Dependency]], name: str) -> frozenset[str]:
    """Everything that ``name`` depends on, directly or not."""
    found: set[str] = set()
    pending = [entry.service for entry in graph.get(name, ())]
    while pending:
        current = pending.pop()
        if current not in found:
            found.add(current)
            pending.extend(entry.service for entry in graph.get(current, ()))
    return frozenset(found - {name})
