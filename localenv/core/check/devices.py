"""Devices and runtimes: hardware is one, copies are many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from localenv.core.check.context import CheckContext, items, mapping
from localenv.core.findings import Refusal

__all__ = ["check_devices"]

_ORDINARY_RUNTIMES: Final = frozenset({"", "runc", "io.containerd.runc.v2"})


def check_devices(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """``devices``, ``device_cgroup_rules``, ``gpus``, reserved devices and ``runtime``."""
    for index, device in enumerate(items(service.get("devices"))):
        source = str(mapping(device).get("source") or device).partition(":")[0]
        yield context.refuse(
            "device",
            ("services", name, "devices", index),
            "gives every copy the same device",
            value=source,
            hints=(source,),
            grant_value=source,
        )
    for index, rule in enumerate(items(service.get("device_cgroup_rules"))):
        yield context.refuse(
            "device",
            ("services", name, "device_cgroup_rules", index),
            "opens devices of the machine to the container",
            value=str(rule),
            hints=(str(rule),),
            grant_value=str(rule),
        )
    if service.get("gpus"):
        yield context.refuse("device", ("services", name, "gpus"), "gives every copy the same graphics processors")
    reservations = mapping(mapping(mapping(service.get("deploy")).get("resources")).get("reservations"))
    if reservations.get("devices"):
        path = ("services", name, "deploy", "resources", "reservations", "devices")
        yield context.refuse("device", path, "reserves the same devices for every copy", grant_key="devices")
    runtime = str(service.get("runtime") or "")
    if runtime not in _ORDINARY_RUNTIMES:
        message = "runs the container by another program than the engine's own"
        yield context.refuse("runtime", ("services", name, "runtime"), message, value=runtime, grant_value=runtime)
