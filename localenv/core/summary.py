"""What an environment's containers say together: one state, one line for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, NetworkSeen, Observed, VolumeSeen
from localenv.values import dataclass

__all__ = ["EnvironmentState", "EnvironmentSummary", "ServiceSummary", "doubtful", "seen_ready", "state_of", "summarise"]

EnvironmentState = Literal["absent", "creating", "starting", "healthy", "degraded", "stopped", "asleep", "failed"]
_CLASS_RANK = {"synthetic": 0, "masked": 1, "real": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSummary:
    """One service: its replicas and how they are."""

    name: str
    state: Literal["healthy", "starting", "degraded", "failed", "stopped", "done", "created"]
    replicas: int
    ready: int
    image: str
    restarts: int
    containers: tuple[ContainerSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSummary:
    """One environment as ``ls`` shows it."""

    id: EnvironmentId
    tier: str
    state: EnvironmentState
    data_class: str | None
    data_profile: str | None
    directory: str
    created: str | None
    """RFC 3339, UTC."""
    services: tuple[ServiceSummary, ...]
    expires: str | None = None
    url: str | None = None
    release: str | None = None
    branch: str | None = None
    """Branch that a preview shows."""
    revision: str | None = None
    """Commit that it runs from, where that is not the project's own checkout."""


def state_of(containers: Iterable[ContainerSeen]) -> EnvironmentState:
    """One word for all containers; the worst that a person must look at wins."""
    services = _services(containers)
    states = {service.state for service in services}
    if not states:
        return "absent"
    if "failed" in states:
        return "failed" if states <= {"failed", "done", "stopped", "created"} else "degraded"
    if states <= {"created"}:
        return "creating"
    if states & {"starting", "created"}:
        return "starting"
    if states <= {"stopped", "done"}:
        return "stopped" if "stopped" in states else "healthy"
    return "degraded" if states & {"degraded", "stopped"} else "healthy"


def doubtful(containers: Iterable[ContainerSeen]) -> tuple[ContainerSeen, ...]:
    """Containers of which the engine's list does not tell enough: those that do not simply run."""
    return tuple(
        container for container in containers if container.state != "running" or container.health in {"starting", "unhealthy"}
    )


def seen_ready(container: ContainerSeen, ready: str | None) -> ContainerSeen:
    """The container, healthy when its environment was ``ready`` (RFC 3339, UTC) after it was started.

    The engine says ``starting`` until its first check, which an interval of 30 s puts off; readiness was seen earlier.
    """
    waiting = container.state == "running" and container.health == "starting"
    if waiting and ready and container.started and container.started[:19] <= ready[:19]:
        return replace(container, health="healthy")
    return container


def summarise(observed: Observed) -> tuple[EnvironmentSummary, ...]:
    """All environments among the observed objects, by project and name; volumes alone make a stopped one."""
    return tuple(_environment(key, observed) for key in sorted(_keys(observed)))


def _keys(observed: Observed) -> set[EnvironmentId]:
    seen: tuple[ContainerSeen | NetworkSeen | VolumeSeen, ...] = (*observed.containers, *observed.networks, *observed.volumes)
    return {EnvironmentId(project=item.project, name=item.environment) for item in seen if item.project and item.environment}


def _environment(key: EnvironmentId, observed: Observed) -> EnvironmentSummary:
    containers = tuple(c for c in observed.containers if (c.project, c.environment) == (key.project, key.name) and not c.is_run)
    volumes = tuple(v for v in observed.volumes if (v.project, v.environment) == (key.project, key.name))
    networks = tuple(n for n in observed.networks if (n.project, n.environment) == (key.project, key.name))
    everything: tuple[ContainerSeen | NetworkSeen | VolumeSeen, ...] = (*containers, *volumes, *networks)
    told: Mapping[str, str] = next((item.labels for item in everything if item.labels), {})
    classes = [volume.classification for volume in volumes if volume.classification in _CLASS_RANK]
    state = state_of(containers)
    return EnvironmentSummary(
        id=key,
        tier=told.get(labels.TIER, ""),
        state="stopped" if state == "absent" and volumes else "creating" if state == "absent" else state,
        data_class=max(classes, key=_CLASS_RANK.__getitem__, default=None),
        data_profile=next((v.profile for v in volumes if v.profile and v.profile != "none"), None),
        directory=told.get(labels.DIRECTORY, ""),
        created=min((created for created in _created(containers, volumes) if created), default=None),
        services=_services(containers),
    )


def _created(containers: Iterable[ContainerSeen], volumes: Iterable[VolumeSeen]) -> Iterator[str]:
    yield from (container.created for container in containers)
    yield from (volume.created for volume in volumes)


def _services(containers: Iterable[ContainerSeen]) -> tuple[ServiceSummary, ...]:
    by_name: dict[str, list[ContainerSeen]] = {}
    for container in containers:
        by_name.setdefault(container.service, []).append(container)
    return tuple(_service(name, tuple(sorted(by_name[name], key=lambda c: c.number))) for name in sorted(by_name))


def _service(name: str, containers: tuple[ContainerSeen, ...]) -> ServiceSummary:
    ready = sum(_ready(container) for container in containers)
    return ServiceSummary(
        name=name,
        state=_service_state(containers, ready),
        replicas=len(containers),
        ready=ready,
        image=containers[0].image,
        restarts=sum(container.restarts for container in containers),
        containers=containers,
    )


def _ready(container: ContainerSeen) -> bool:
    if container.one_shot:
        return container.state == "exited" and container.exit_code == 0
    if container.may_end and container.state == "exited":
        return container.exit_code == 0
    return container.state == "running" and container.health in {"none", "healthy"}


def _service_state(
    containers: tuple[ContainerSeen, ...], ready: int
) -> Literal["healthy", "starting", "degraded", "failed", "stopped", "done", "created"]:
    if ready == len(containers):
        return "done" if all(container.state == "exited" for container in containers) else "healthy"
    if any(c.state == "restarting" or c.health == "unhealthy" or _failed(c) for c in containers):
        return "degraded" if ready else "failed"
    if any(c.state == "running" for c in containers):
        return "starting" if any(c.health == "starting" or c.one_shot for c in containers) else "degraded"
    return "created" if all(c.state == "created" for c in containers) else "stopped"


def _failed(container: ContainerSeen) -> bool:
    """Exited by itself with a failure: one that was stopped has its restart policy set to ``no``."""
    return (
        container.state in {"exited", "dead"}
        and container.exit_code not in {0, None}
        and (container.one_shot or container.restart == "always")
    )
