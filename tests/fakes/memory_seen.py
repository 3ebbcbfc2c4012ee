"""From the in-memory engine's objects to what ``observe`` tells."""

from __future__ import annotations

from localenv.core import labels as label
from localenv.core.observed import ContainerSeen, NetworkSeen, VolumeSeen
from tests.fakes.memory_objects import (
    MemoryContainer,
    MemoryNetwork,
    MemoryVolume,
)

__all__ = ["container_seen", "network_seen", "volume_seen"]


def container_seen(container: MemoryContainer, *, details: bool) -> ContainerSeen:
    labels = dict(container.labels)
    number = labels.get(label.COMPOSE_NUMBER, "")
    running = container.state == "running"
    return ContainerSeen(
        id=container.id,
        name=container.name,
        project=labels[label.PROJECT],
        environment=labels[label.ENVIRONMENT],
        service=labels.get(label.COMPOSE_SERVICE, ""),
        number=int(number) if number.isdigit() else 0,
        spec=labels.get(label.SPEC, ""),
        tier=labels.get(label.TIER, ""),
        image=container.image,
        image_id=container.image_id,
        state=container.state,
        health=container.health,
        exit_code=container.exit_code,
        one_shot=labels.get(label.ONE_SHOT) == "true",
        may_end=labels.get(label.MAY_END) == "true",
        aliases={name: tuple(end.aliases) for name, end in container.endpoints.items()} if details else {},
        restart=container.restart if details else "no",
        addresses={name: end.address for name, end in container.endpoints.items() if end.address},
        fixed={name: end.configured for name, end in container.endpoints.items() if end.configured},
        created=container.created,
        started=container.started if details else None,
        finished=container.finished if details else None,
        labels=labels,
        ports=container.ports if running else (),
    )


def network_seen(network: MemoryNetwork) -> NetworkSeen:
    return NetworkSeen(
        name=network.name,
        id=network.id,
        project=network.labels[label.PROJECT],
        environment=network.labels[label.ENVIRONMENT],
        subnet=network.subnet,
        labels=dict(network.labels),
    )


def volume_seen(volume: MemoryVolume) -> VolumeSeen:
    profile = volume.labels.get(label.PROFILE, "none")
    return VolumeSeen(
        name=volume.name,
        project=volume.labels[label.PROJECT],
        environment=volume.labels[label.ENVIRONMENT],
        classification=volume.labels.get(label.CLASSIFICATION, ""),
        profile=None if profile == "none" else profile,
        created=volume.created,
        labels=dict(volume.labels),
    )
