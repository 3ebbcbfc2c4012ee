"""From the engine's JSON to the values of ``core.observed``: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from localenv.core import labels as label
from localenv.core.observed import ContainerSeen, NetworkSeen, VolumeSeen

__all__ = ["container_seen", "ipv4_subnets", "network_seen", "of_environment", "volume_seen", "with_details"]

Health = Literal["none", "starting", "healthy", "unhealthy"]

_EXIT: Final = re.compile(r"(?:Exited|Restarting) \((\d+)\)")
_UP: Final = frozenset({"running", "paused"})
_ENDED: Final = frozenset({"exited", "dead", "restarting"})
_NEVER: Final = "0001-01-01T00:00:00Z"


def of_environment(entry: Mapping[str, Any]) -> bool:
    """Whether an object belongs to an environment; the router and its kind belong to none."""
    labels = entry.get("Labels") or {}
    return bool(labels.get(label.PROJECT) and labels.get(label.ENVIRONMENT))


def container_seen(entry: Mapping[str, Any]) -> ContainerSeen:
    """Read one entry of the container list: all but restart policy, times and restarts."""
    labels: dict[str, str] = entry.get("Labels") or {}
    number = labels.get(label.COMPOSE_NUMBER, "")
    status = entry.get("Status", "")
    return ContainerSeen(
        id=entry["Id"],
        name=entry["Names"][0].lstrip("/") if entry.get("Names") else entry["Id"][:12],
        project=labels.get(label.PROJECT, ""),
        environment=labels.get(label.ENVIRONMENT, ""),
        service=labels.get(label.COMPOSE_SERVICE, ""),
        number=int(number) if number.isdigit() else 0,
        spec=labels.get(label.SPEC, ""),
        tier=labels.get(label.TIER, ""),
        image=entry["Image"],
        image_id=entry.get("ImageID", ""),
        state=entry["State"],
        health=_listed_health(entry["State"], status),
        exit_code=_listed_exit(entry["State"], status),
        one_shot=labels.get(label.ONE_SHOT) == "true",
        may_end=labels.get(label.MAY_END) == "true",
        addresses=_addresses(entry),
        fixed=_fixed(entry),
        created=datetime.fromtimestamp(entry.get("Created", 0), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        labels=labels,
        ports=_ports(entry),
    )


def with_details(seen: ContainerSeen, found: Mapping[str, Any]) -> ContainerSeen:
    """Add what only an inspection tells; its state is the newer one."""
    state = found["State"]
    up = state["Status"] in _UP
    return replace(
        seen,
        state=state["Status"],
        health=_health(state.get("Health") or {}) if up else "none",
        addresses=seen.addresses if up else {},
        ports=seen.ports if up else (),
        exit_code=state.get("ExitCode") if state["Status"] in _ENDED else None,
        aliases={name: tuple((end or {}).get("Aliases") or ()) for name, end in _endpoints(found).items()},
        restart=((found.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name") or "no",
        started=_moment(state.get("StartedAt")),
        finished=_moment(state.get("FinishedAt")),
        restarts=found.get("RestartCount", 0),
    )


def network_seen(entry: Mapping[str, Any]) -> NetworkSeen:
    """Read one entry of the network list."""
    labels: dict[str, str] = entry.get("Labels") or {}
    return NetworkSeen(
        name=entry["Name"],
        id=entry["Id"],
        project=labels.get(label.PROJECT, ""),
        environment=labels.get(label.ENVIRONMENT, ""),
        subnet=next(iter(ipv4_subnets(entry)), None),
        labels=labels,
    )


def volume_seen(entry: Mapping[str, Any]) -> VolumeSeen:
    """Read one entry of the volume list."""
    labels: dict[str, str] = entry.get("Labels") or {}
    profile = labels.get(label.PROFILE, "none")
    return VolumeSeen(
        name=entry["Name"],
        project=labels.get(label.PROJECT, ""),
        environment=labels.get(label.ENVIRONMENT, ""),
        classification=labels.get(label.CLASSIFICATION, ""),
        profile=None if profile == "none" else profile,
        created=entry.get("CreatedAt", ""),
        labels=labels,
    )


def ipv4_subnets(network: Mapping[str, Any]) -> list[str]:
    """Return the IPv4 blocks of a network as the engine lists or shows it."""
    blocks = (network.get("IPAM") or {}).get("Config") or ()
    return [block["Subnet"] for block in blocks if "." in block.get("Subnet", "")]


def _addresses(entry: Mapping[str, Any]) -> dict[str, str]:
    """Addresses of a container that is up; for a moment after its end the list still has the old ones."""
    up = entry["State"] in _UP
    return {name: end["IPAddress"] for name, end in _endpoints(entry).items() if up and end and end.get("IPAddress")}


def _fixed(entry: Mapping[str, Any]) -> dict[str, str]:
    configured = {name: ((end or {}).get("IPAMConfig") or {}).get("IPv4Address") for name, end in _endpoints(entry).items()}
    return {name: address for name, address in configured.items() if address}


def _endpoints(entry: Mapping[str, Any]) -> dict[str, Any]:
    return (entry.get("NetworkSettings") or {}).get("Networks") or {}


def _ports(entry: Mapping[str, Any]) -> tuple[tuple[int, str, str, int], ...]:
    published = (port for port in entry.get("Ports") or () if entry["State"] in _UP and port.get("PublicPort"))
    return tuple(sorted((port["PrivatePort"], port["Type"], port.get("IP", ""), port["PublicPort"]) for port in published))


def _health(told: Mapping[str, Any]) -> Health:
    """The engine calls a container that was paused unhealthy until its next check, though none has failed."""
    status: Health = told.get("Status", "none")
    return "starting" if status == "unhealthy" and told.get("FailingStreak") == 0 else status


def _listed_health(state: str, status: str) -> Health:
    """The list tells health in the words behind the uptime, of which only these three exist."""
    if state not in _UP:
        return "none"
    if status.endswith("(unhealthy)"):
        return "unhealthy"
    if status.endswith("(healthy)"):
        return "healthy"
    return "starting" if "(health: starting)" in status else "none"


def _listed_exit(state: str, status: str) -> int | None:
    found = _EXIT.match(status) if state in _ENDED else None
    return int(found[1]) if found else None


def _moment(text: str | None) -> str | None:
    return None if not text or text == _NEVER else text
