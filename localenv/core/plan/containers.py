"""What becomes of each container: kept, removed or replaced, and which ones are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan.graph import joined, networks_of
from localenv.core.plan.rolling import hindrance
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
    late: bool = False
    """Whether it serves until the router leads elsewhere, and is drained before it is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """The decision on every container, seen or missing."""

    kept: Mapping[str, tuple[ContainerSeen, ...]] = field(default_factory=dict)
    """By service, in the order of their numbers."""
    removed: tuple[Removal, ...] = ()
    created: tuple[NewContainer, ...] = ()
    beside: frozenset[str] = frozenset()
    """Services whose new containers stand beside the old ones until they are ready."""

    @property
    def renewed(self) -> frozenset[str]:
        """Services that get a container they did not have."""
        return frozenset(new.service for new in self.created)

    @property
    def late(self) -> tuple[Removal, ...]:
        """Those that go after everything else."""
        return tuple(removal for removal in self.removed if removal.late)

    @property
    def early(self) -> tuple[Removal, ...]:
        """Those that go before anything is created."""
        return tuple(removal for removal in self.removed if not removal.late)

    def leaving(self, service: str) -> tuple[str, ...]:
        """Identifiers of a service's containers that serve until others have taken their place."""
        return tuple(removal.container.id for removal in self.late if removal.container.service == service)


def decide(wanted: Wanted, observed: Observed, obsolete_networks: Mapping[str, str]) -> Fates:
    """Compare each service's containers with what is wanted of it.

    Numbers are not compared: Compose numbers a replacement after the highest that is there, so any ``replicas``
    containers with the right specification are the right ones, the lowest numbers first.
    """
    reasons = _reasons(wanted, observed, obsolete_networks)
    staying = [container for container in observed.containers if container.id not in reasons or container.state == "running"]
    beside: set[str] = set()
    kept: dict[str, tuple[ContainerSeen, ...]] = {}
    removed: list[Removal] = []
    created: list[NewContainer] = []
    for service in sorted(wanted.services, key=lambda service: service.name):
        seen = _of(observed, service.name)
        good = [container for container in seen if container.id not in reasons]
        kept[service.name] = tuple(good[: service.replicas])
        bad = [container for container in seen if container.id in reasons]
        why = hindrance(wanted, service, kept[service.name], staying, obsolete_networks)
        if why is None and any(container.state == "running" for container in bad):
            beside.add(service.name)
        gone = tuple(_removals(service, bad, good, reasons, beside=service.name in beside))
        removed += gone
        missing = service.replicas - len(kept[service.name])
        causes = [_cause(wanted, service, container, reasons, why) for container in bad] or ["not there"]
        taken = (*kept[service.name], *(removal.container for removal in gone if removal.late))
        created += _created(wanted, service.name, taken, (causes[min(at, len(causes) - 1)] for at in range(missing)))
    named = {service.name for service in wanted.services}
    removed += [
        Removal(container=container, cause="not in the Compose file any more")
        for container in _sorted(observed.containers)
        if container.service not in named
    ]
    return Fates(kept=kept, removed=tuple(removed), created=tuple(created), beside=frozenset(beside))


def _cause(  # what is told of one container, from everything decided about it
    wanted: Wanted, service: ServiceWanted, old: ContainerSeen, reasons: Mapping[str, str], why: str | None
) -> str:
    if old.state != "running" or service.one_shot or wanted.tier.rollout != "rolling":
        return reasons[old.id]
    return f"{reasons[old.id]}, beside {old.name}" if why is None else f"{reasons[old.id]}; recreated: {why}"


def _of(observed: Observed, service: str) -> list[ContainerSeen]:
    return [container for container in _sorted(observed.containers) if container.service == service]


def _sorted(containers: Sequence[ContainerSeen]) -> list[ContainerSeen]:
    return sorted(containers, key=lambda container: (container.service, container.number, container.name, container.id))


def _removals(
    service: ServiceWanted,
    bad: Sequence[ContainerSeen],
    good: Sequence[ContainerSeen],
    reasons: Mapping[str, str],
    *,
    beside: bool,
) -> Iterator[Removal]:
    room = service.replicas - min(len(good), service.replicas)
    for at, container in enumerate(bad):
        late = beside and container.state == "running"
        cause = "others have taken its place" if late else reasons[container.id]
        yield Removal(container=container, cause=cause, replaced=at < room, late=late)
    for container in good[service.replicas :]:
        late = bool(service.placements) and container.state == "running"
        yield Removal(container=container, cause=f"{service.replicas} wanted of {len(good)}", late=late)


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
            replaced=removal.replaced and not removal.late,
            drain=grace if removal.late else None,
        )


def keeps(fates: Fates) -> Iterator[KeepContainer]:
    """What stays, for a person to see."""
    for containers in fates.kept.values():
        for container in containers:
            yield KeepContainer(target=container.name, cause="unchanged")
