"""``deploy.replicas`` and ``scale``: the tier's number wins, where more than one can stand side by side."""

from __future__ import annotations

from typing import Any

from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, items, mapping, services, unescaped, without
from localenv.core.wanted import Rewritten

__all__ = ["replicas_of", "rewrite_replicas", "single_reason", "switched_off"]

_WEB = frozenset({"http", "https"})
_SHARED_NAMESPACES = ("network_mode", "pid", "ipc")


def rewrite_replicas(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Write the number as ``deploy.replicas``, which every Compose version reads, and drop ``scale``."""

    def change(name: str, service: Service) -> Change:
        wished = _wished(name, service, draft, context)
        reason = single_reason(name, service, draft)
        number = min(wished, 1) if reason else wished
        deploy = {**_of_one_engine(mapping(service, "deploy")), **({"replicas": number} if number != 1 else {})}
        rest = {**without(service, "scale", "deploy"), **({"deploy": deploy} if deploy else {})}
        if reason is None or number == wished:
            return rest, ()
        return rest, (Note(code="one-replica", service=name, message=f"stays at one container instead of {wished}: {reason}"),)

    return each_service(draft, change)


def replicas_of(service: Service) -> int:
    """How many containers a rewritten service has; 0 for one that the file switches off."""
    number = mapping(service, "deploy").get("replicas", 1)
    return int(number) if number is not None else 1


def single_reason(name: str, service: Service, draft: Rewritten) -> str | None:
    """Why a second container cannot stand beside the first; ``None`` when it can."""
    if name in draft.one_shots:
        return "it runs to its end"
    if ports := [item.port for item in draft.exposures if item.service == name and _has_host_port(item.protocol, item.host_port)]:
        return f"port {ports[0]} has one place on the loopback address"
    if held := _held_volume(service, draft):
        return f"it writes to volume {held}"
    if held := _held_path(service, draft):
        return f"it may write to {held} of this machine"
    sharing = [
        other
        for other, settings in services(draft.model)
        if any(settings.get(key) == f"service:{name}" for key in _SHARED_NAMESPACES)
    ]
    return f"{sharing[0]} shares its namespaces" if sharing else None


def _of_one_engine(deploy: dict[str, Any]) -> dict[str, Any]:
    """What of ``deploy`` means anything outside Swarm; 5.6 warns about the rest at every call."""
    return {key: value for key, value in deploy.items() if key == "resources" and value}


def _has_host_port(protocol: str, host_port: int | None) -> bool:
    return protocol not in _WEB or host_port is not None


def _held_volume(service: Service, draft: Rewritten) -> str | None:
    """The first volume that the service writes to and that holds data."""
    shareable = {volume.key for volume in draft.volumes if volume.shareable}
    written = (mount for mount in items(service, "volumes") if mount.get("type") == "volume" and not mount.get("read_only"))
    return next((key for mount in written if (key := str(mount.get("source") or mount.get("target"))) not in shareable), None)


def _held_path(service: Service, draft: Rewritten) -> str | None:
    """The first path outside the project that the service may write to: two writers there would be two on one volume."""
    binds = (mount for mount in items(service, "volumes") if mount.get("type") == "bind" and not mount.get("read_only"))
    return next((path for mount in binds if (path := unescaped(str(mount.get("source")))) in draft.shared_paths), None)


def switched_off(name: str, service: Service, context: RewriteContext) -> bool:
    """Whether neither the file nor the tier wants a container of the service."""
    return name not in context.tier.replicas and _written(service) == 0


def _wished(name: str, service: Service, draft: Rewritten, context: RewriteContext) -> int:
    """What the tier, or else the file, wants of a service, were there no reason against it."""
    if name in context.tier.replicas:
        return context.tier.replicas[name]
    written = _written(service)
    exposed = any(item.service == name and item.protocol in _WEB for item in draft.exposures)
    wanted = context.tier.exposed_replicas
    return written if wanted is None or not exposed or written == 0 else wanted


def _written(service: Service) -> int:
    deploy = mapping(service, "deploy")
    if str(deploy.get("mode") or "replicated").startswith("global"):
        return 1
    for number in (deploy.get("replicas"), service.get("scale")):
        if number is not None:
            return int(number)
    return 1
