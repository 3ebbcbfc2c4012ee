"""Limits: the tier's for containers that state none, and none above what the engine has."""

from __future__ import annotations

from typing import Any

from localenv.core.configuration.tier import Limits
from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, mapping
from localenv.core.wanted import Rewritten

__all__ = ["memory_bytes", "rewrite_limits"]

_UNITS = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


def rewrite_limits(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Add the tier's ``cpus`` and ``memory`` where the Compose file has neither form of them."""

    def change(name: str, service: Service) -> Change:
        limited = _with_limits(service, context.tier.limits)
        return _within_engine(name, limited, context.platform.cpus)

    return each_service(draft, change)


def memory_bytes(text: object) -> int:
    """Bytes of a Compose size: a number, or one with a unit as in ``512m`` and ``1.5gb``; 0 when it is none."""
    written = str(text or "0").strip().lower().removesuffix("b") or "0"
    number, unit = (written[:-1], _UNITS[written[-1]]) if written[-1] in _UNITS else (written, 1)
    try:
        return int(float(number) * unit)
    except ValueError:
        return 0


def _with_limits(service: Service, limits: Limits) -> Service:
    resources = mapping(mapping(service, "deploy"), "resources")
    stated, added = mapping(resources, "limits"), dict[str, Any]()
    if limits.cpus is not None and "cpus" not in stated and not service.get("cpus") and not service.get("cpu_quota"):
        added["cpus"] = str(limits.cpus)
    reserved = max(memory_bytes(service.get("mem_reservation")), memory_bytes(mapping(resources, "reservations").get("memory")))
    free = "memory" not in stated and not service.get("mem_limit") and not service.get("memswap_limit")
    if limits.memory is not None and free and memory_bytes(limits.memory) >= reserved:
        added["memory"] = limits.memory
    if not added:
        return service
    return {**service, "deploy": {**mapping(service, "deploy"), "resources": {**resources, "limits": {**stated, **added}}}}


def _within_engine(name: str, service: Service, cpus: int | None) -> Change:
    """An engine refuses to create a container with more CPUs than it has."""
    resources = mapping(mapping(service, "deploy"), "resources")
    limits = mapping(resources, "limits")
    asked = max(_number(limits.get("cpus")), _number(service.get("cpus")))
    if cpus is None or asked <= cpus:
        return service, ()
    note = Note(code="cpus", service=name, message=f"{asked:g} CPUs are asked for, the engine has {cpus}")
    if "cpus" in limits:
        limited = {**resources, "limits": {**limits, "cpus": str(cpus)}}
        service = {**service, "deploy": {**mapping(service, "deploy"), "resources": limited}}
    if "cpus" in service:
        service = {**service, "cpus": float(cpus)}
    return service, (note,)


def _number(value: object) -> float:
    try:
        return float(str(value or 0))
    except ValueError:
        return 0.0
