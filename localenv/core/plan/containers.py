"""What becomes of each container: kept, removed or replaced, and which ones are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan.graph import joined, networks_of
from localenv.core.plan.steps import KeepContainer, NewContainer, RemoveContainer
from localenv.core.wanted import ServiceWanted, Wanted
from localenv.values import dataclass

__all__ = ["Fates", "Removal", "decide", "keeps", "removals"]

_GRACE = 10.0
_ALIVE = frozenset({"running", "paused", "restarting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A container that has to go, and why."""

    container: ContainerSeen
    cause: str
    replaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """The decision on every container, seen or missing."""

    kept: Mapping[str, tuple[ContainerSeen, ...]] = field(default_factory=dict)
    """By service, in the order of their numbers."""
    removed: tuple[Removal, ...] = ()
    created: tuple[NewContainer, ...] = ()

    @property
    def renewed(self) -> frozenset[str]:
        """Services that get a container they did not have."""
        return frozenset(new.service for new in self.created)


def decide(wanted: Wanted, observed: Observed, obsolete_networks: Mapping[str, str]) -> Fates:
    """Compare each service's containers with what is wanted of it.

    Numbers are not compared: Compose numbers a replacement after the highest that is there, so any ``replicas``
    containers with the right specification are the right ones, the lowest numbers first.
    """
    reasons = _reasons(wanted, observed, obsolete_networks)
    kept: dict[str, tuple[ContainerSeen, ...]] = {}
    removed: list[Removal] = []
    created: list[NewContainer] = []
    for service in sorted(wanted.services, key=lambda service: service.name):
        seen = _of(observed, service.name)
        good = [container for container in seen if container.id not in reasons]
        kept[service.name] = tuple(good[: service.replicas])
        bad = [container for container in seen if container.id in reasons]
        removed += _removals(service, bad, good, reasons)
        missing = service.replicas - len(kept[service.name])
        causes = [reasons[container.id] for container in bad] or ["not there"]
        created += _created(wanted, service.name, kept[service.name], (causes[min(at, len(causes) - 1)] for at in range(missing)))
    named = {service.name for service in wanted.services}
    removed += [
        Removal(container=container, cause="not in the Compose file any more")
        for container in _sorted(observed.containers)
        if container.service not in named
    ]
    return Fates(kept=kept, removed=tuple(removed), created=tuple(created))


def _of(observed: Observed, service: str) -> list[ContainerSeen]:
    return [container for container in _sorted(observed.containers) if container.service == service]


def _sorted(containers: Sequence[ContainerSeen]) -> list[ContainerSeen]:
    return sorted(containers, key=lambda container: (container.service, container.number, container.name, container.id))


def _removals(
    service: ServiceWanted, bad: Sequence[ContainerSeen], good: Sequence[ContainerSeen], reasons: Mapping[str, str]
) -> Iterator[Removal]:
    room = service.replicas - min(len(good), service.replicas)
    for at, container in enumerate(bad):
        yield Removal(container=container, cause=reasons[container.id], replaced=at < room)
    for container in good[service.replicas :]:
        yield Removal(container=container, cause=f"{service.replicas} wanted of {len(good)}")


def _created(wanted: Wanted, service: str, kept: Sequence[ContainerSeen], causes: Iterator[str]) -> Iterator[NewContainer]:
    number = max((container.number for container in kept), default=0)
    for cause in causes:
        number += 1
        yield NewContainer(service=service, number=number, name=f"{wanted.id.compose_project}-{service}-{number}", cause=cause)


def _reasons(wanted: Wanted, observed: Observed, obsolete_networks: Mapping[str, str]) -> dict[str, str]:
    """Why a container cannot stay, by its identifier; spreads to those that share namespaces with it."""
    services = {service.name: service for service in wanted.services}
    keys = {network.key for network in wanted.networks if network.name in obsolete_networks}
    found: dict[str, str] = {}
    for container in observed.containers:
        service = services.get(container.service)
        if service is not None and (reason := _reason(wanted, service, container, keys, obsolete_networks)):
            found[container.id] = reason
    while spread := dict(_spread(wanted, observed, found)):
        found |= spread
    return found


def _reason(
    wanted: Wanted, service: ServiceWanted, container: ContainerSeen, keys: set[str], obsolete_networks: Mapping[str, str]
) -> str | None:
    if container.state in {"dead", "removing"}:
        return container.state
    if container.spec != service.spec:
        return _difference(service, container)
    if keys.intersection(networks_of(wanted.model, service.name)) or set(container.addresses) & set(obsolete_networks):
        return "its network is made anew"
    return _cut_off(wanted, service, container)


def _cut_off(wanted: Wanted, service: ServiceWanted, container: ContainerSeen) -> str | None:
    """Whether somebody took a running container off a network: the router and its neighbours look for it there."""
    if container.state not in {"running", "paused"}:
        return None
    keys = networks_of(wanted.model, service.name)
    names = sorted(network.name for network in wanted.networks if network.key in keys and network.name in wanted.subnets)
    lost = next((name for name in names if name not in container.addresses), None)
    return f"it is not on the network {lost} any more" if lost else None


def _difference(service: ServiceWanted, container: ContainerSeen) -> str:
    if service.image != container.image:
        return f"image {container.image} -> {service.image}"
    if service.image_id is not None and service.image_id != container.image_id:
        return f"image {container.image} was built or pulled anew"
    return "specification changed"


def _spread(wanted: Wanted, observed: Observed, found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Containers whose namespaces or volumes are those of a container that is replaced or gone."""
    for service in wanted.services:
        for other in joined(wanted.model, service.name):
            seen = _of(observed, other)
            if any(container.id not in found for container in seen):
                continue
            for container in _of(observed, service.name):
                if container.id not in found:
                    yield container.id, f"shares namespaces or volumes with {other}, which is replaced"


def removals(wanted: Wanted, fates: Fates) -> Iterator[RemoveContainer]:
    """Steps for what has to go; what runs is asked to end first, so that data is written out."""
    services = {service.name: service for service in wanted.services}
    for removal in fates.removed:
        container = removal.container
        service = services.get(container.service)
        alive = container.state in _ALIVE
        grace = service.stop_grace if service else _GRACE
        yield RemoveContainer(
            target=container.name,
            cause=removal.cause,
            container=container.id,
            service=container.service,
            number=container.number,
            grace=grace if alive else None,
            pre_stop=service.pre_stop if service and alive else (),
            replaced=removal.replaced,
        )


def keeps(fates: Fates) -> Iterator[KeepContainer]:
    """What stays, for a person to see."""
    for containers in fates.kept.values():
        for container in containers:
            yield KeepContainer(target=container.name, cause="unchanged")
