"""The plan of ``up``: from what is there to what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan.containers import Fates, decide, keeps, removals
from localenv.core.plan.data import after_data, after_loading, plan_data, plan_origin
from localenv.core.plan.graph import dependencies, has_fixed_address, levels
from localenv.core.plan.networks import obsolete_networks, plan_networks
from localenv.core.plan.rolling import routed_network
from localenv.core.plan.routes import plan_routes
from localenv.core.plan.services import plan_services, started
from localenv.core.plan.steps import (
    AwaitReady,
    BuildImage,
    ConfirmRoute,
    CopyFiles,
    CreateContainers,
    EnsureImage,
    InjectFiles,
    KeepContainer,
    LoadData,
    PlaceReplicas,
    ProbeUrl,
    RemoveContainer,
    RemoveNetwork,
    Step,
    StopService,
)
from localenv.core.plan.value import DataFacts, DataOrigin, ImageMissing, Plan, RouteFacts, assemble
from localenv.core.plan.volumes import cloned_volumes, new_volumes, plan_volumes
from localenv.core.wanted import ServiceWanted, Wanted

__all__ = ["plan", "serving", "without_waiting"]

_CREATE = "create container all"


def plan(
    wanted: Wanted,
    observed: Observed,
    route: RouteFacts,
    *,
    data: DataFacts | None = None,
    origin: DataOrigin | None = None,
    images: Sequence[ImageMissing] = (),
    unfinished: frozenset[str] = frozenset(),
) -> Plan:
    """Steps that make the engine's side of one environment what is wanted of it.

    Pure: the same values give the same plan, and a plan made after it was carried out changes nothing.
    ``unfinished`` are the steps that an earlier run planned and did not end (``journal.unfinished``): a volume that is
    there but was not filled to the end is filled again.
    """
    observed = observed.without_runs()
    origin = origin or DataOrigin()
    graph = dependencies(wanted.services, wanted.model)
    depth = levels(graph)
    fates = decide(wanted, observed, obsolete_networks(wanted, observed))
    fresh = new_volumes(wanted, observed) - origin.kept
    empty = fresh - cloned_volumes(wanted, fresh, origin)
    decided = started(wanted, fates, graph, fresh)
    services = tuple(plan_services(wanted, fates, graph, decided, depth))
    loads: tuple[LoadData, ...] = ()
    if data is not None:
        loads = tuple(plan_data(wanted, graph, data, fresh=empty, renewed=fates.renewed, unfinished=unfinished))
        services = tuple(after_loading(wanted, graph, data, loads, services))
    gates = tuple(plan_origin(wanted, origin, fresh=fresh, loads=loads, unfinished=unfinished))
    services = tuple(after_data(origin.early, gates, services))
    networks = tuple(plan_networks(wanted, observed, frozenset(gone.container.name for gone in fates.late)))
    groundwork = (*_images(images), *networks, *plan_volumes(wanted, observed, unfinished, origin))
    return assemble(
        wanted.id,
        (
            *_told(fates, touched=frozenset(decided.causes) | frozenset(decided.waited)),
            *(step for step in _removed(wanted, fates, services) if step.drain is None),
            *groundwork,
            *_containers(wanted, fates, groundwork),
            *services,
            *loads,
            *gates,
            *plan_routes(wanted, route, fates, started=frozenset(decided.causes)),
            *(step for step in _removed(wanted, fates, services) if step.drain is not None),
        ),
    )


def serving(wanted: Wanted, observed: Observed) -> tuple[ContainerSeen, ...] | None:
    """Containers that are there once the plan is carried out; ``None`` while the router's backends are not known before.

    That is so where a replica with an address of its own is yet to be created or placed.
    """
    observed = observed.without_runs()
    fates = decide(wanted, observed, obsolete_networks(wanted, observed))
    for service in wanted.services:
        network = routed_network(service)
        if network and (service.name in fates.renewed or not all(seen.address_on(network) for seen in fates.kept[service.name])):
            return None
    return tuple(seen for kept in fates.kept.values() for seen in kept)


def _told(fates: Fates, *, touched: frozenset[str]) -> Iterator[KeepContainer]:
    untouched = {service: kept for service, kept in fates.kept.items() if service not in touched}
    yield from keeps(replace(fates, kept=untouched))


def _images(missing: Sequence[ImageMissing]) -> Iterator[Step]:
    for image in sorted(missing, key=lambda image: image.reference):
        if image.service is None:
            yield EnsureImage(target=image.reference, cause=image.cause)
        else:
            yield BuildImage(target=image.reference, cause=image.cause, service=image.service)


def _removed(wanted: Wanted, fates: Fates, services: Iterable[Step]) -> Iterator[RemoveContainer]:
    """What restarts because of a removal is stopped before it, as Compose does.

    What served until now goes when nobody is sent there any more.
    """
    stops = tuple(step.id for step in services if isinstance(step, StopService))
    for step in removals(wanted, fates):
        if step.drain is None:
            yield replace(step, after=stops)
        else:
            over = (f"await service {step.service}", f"name service {step.service}", f"confirm route {wanted.id.compose_project}")
            yield replace(step, after=(*stops, *over))


def _containers(wanted: Wanted, fates: Fates, groundwork: Sequence[Step]) -> Iterator[Step]:
    wanted_networks = {network.name for network in wanted.networks}
    before = [step.id for step in groundwork if not isinstance(step, RemoveNetwork) or step.target in wanted_networks] + [
        f"remove container {gone.container.name}" for gone in fates.early
    ]
    if fates.created:
        for copy in wanted.copies:
            step = CopyFiles(target=PurePosixPath(copy.target).name, cause=f"content {copy.digest[:12]}", copy=copy)
            before.append(step.id)
            yield step
        yield CreateContainers(
            target="all",
            cause="some are missing",
            after=tuple(before),
            containers=fates.created,
            scale={
                service.name: service.replicas + len(fates.leaving(service.name))
                for service in sorted(wanted.services, key=lambda service: service.name)
            },
        )
    for service in sorted(wanted.services, key=lambda service: service.name):
        if service.name in fates.renewed or any(seen.state == "created" for seen in fates.kept.get(service.name, ())):
            yield from _prepared(wanted, service, quiet=service.name in fates.beside)


def _prepared(wanted: Wanted, service: ServiceWanted, *, quiet: bool) -> Iterator[Step]:
    """What a container needs between its creation and its first start."""
    if service.placements and not has_fixed_address(wanted.model, service.name):
        yield PlaceReplicas(
            target=service.name,
            cause="beside the old ones, not found by its name yet" if quiet else "addresses of its own",
            after=(_CREATE,),
            service=service.name,
            placements=service.placements,
            quiet=quiet,
        )
    if service.injected:
        yield InjectFiles(
            target=service.name, cause="configs and secrets", after=(_CREATE,), service=service.name, files=service.injected
        )


def without_waiting(full: Plan) -> Plan:
    """The plan of ``--no-wait``: what other steps depend on is still waited for, the rest is not.

    Routes are published as soon as the containers run, except where the ones before them serve until they are ready.
    """
    if any(isinstance(step, RemoveContainer) and step.drain is not None for step in full.steps):
        return assemble(full.environment, (step for step in full.steps if not isinstance(step, ProbeUrl)))
    starts = {step.target: step.after for step in full.steps if isinstance(step, AwaitReady)}
    eager = [
        replace(step, after=tuple(_start_of(name, starts) for name in step.after)) if step.kind == "route" else step
        for step in full.steps
        if not isinstance(step, ProbeUrl | ConfirmRoute)
    ]
    needed = {name for step in eager for name in step.after}
    return assemble(full.environment, (step for step in eager if not isinstance(step, AwaitReady) or step.id in needed))


def _start_of(name: str, starts: dict[str, tuple[str, ...]]) -> str:
    service = name.removeprefix("await service ")
    return next(iter(starts.get(service, ())), name) if service != name else name
