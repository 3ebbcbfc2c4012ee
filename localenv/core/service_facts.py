"""What starting, stopping and waiting need to know of one rewritten service."""

from __future__ import annotations

import re
from typing import Final

from localenv.core.rewrite.model import Service, mapping, text_list, unescaped
from localenv.core.wanted import Dependency, HealthCheck

__all__ = ["dependencies_of", "health_of", "host_services", "seconds", "switches_health_off"]

_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART: Final = re.compile(r"([0-9]*\.?[0-9]+)(ns|us|µs|ms|s|m|h|d)")
_CONDITIONS: Final = frozenset({"service_started", "service_healthy", "service_completed_successfully"})


def seconds(written: object, default: float) -> float:
    """A Compose duration (``1m30s``, ``500ms``; specification, durations) in seconds; ``default`` when there is none."""
    text = str(written or "").strip()
    parts = _PART.findall(text)
    if not parts or "".join(amount + unit for amount, unit in parts) != text:
        return default
    return sum(float(amount) * _UNITS[unit] for amount, unit in parts)


def health_of(service: Service) -> HealthCheck | None:
    """The healthcheck that the file gives; ``None`` when there is none, it is off, or only the image has the command."""
    written = mapping(service, "healthcheck")
    raw = written.get("test")
    test = tuple(unescaped(part) for part in (("CMD-SHELL", raw) if isinstance(raw, str) else text_list(raw)))
    if not test or switches_health_off(service):
        return None
    return HealthCheck(
        test=test,
        interval=seconds(written.get("interval"), 30.0),
        timeout=seconds(written.get("timeout"), 30.0),
        retries=int(written.get("retries") or 3),
        start_period=seconds(written.get("start_period"), 0.0),
    )


def switches_health_off(service: Service) -> bool:
    """Whether the file turns off the image's healthcheck."""
    written = mapping(service, "healthcheck")
    return written.get("disable") is True or text_list(written.get("test"))[:1] == ("NONE",)


def dependencies_of(service: Service) -> tuple[Dependency, ...]:
    """``depends_on``, and what Compose takes for granted: links, shared volumes and shared namespaces."""
    written = {
        name: Dependency(
            service=name,
            condition=entry["condition"] if entry.get("condition") in _CONDITIONS else "service_started",
            required=entry.get("required") is not False,
            restart=entry.get("restart") is True,
        )
        for name, entry in mapping(service, "depends_on").items()
        if isinstance(entry, dict)
    }
    implied = {name: Dependency(service=name, restart=True) for name in _implied(service)}
    return tuple(dependency for _, dependency in sorted({**implied, **written}.items()))


def host_services(service: Service) -> set[str]:
    """Services whose containers this one's are tied to: shared namespaces and ``volumes_from``."""
    volumes = {text.partition(":")[0] for text in text_list(service.get("volumes_from")) if not text.startswith("container:")}
    spaces = (str(service.get(key, "")) for key in ("network_mode", "pid", "ipc"))
    return volumes | {text.partition(":")[2] for text in spaces if text.startswith("service:")}


def _implied(service: Service) -> set[str]:
    return host_services(service) | {text.partition(":")[0] for text in text_list(service.get("links"))}
