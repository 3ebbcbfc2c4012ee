"""When a data profile is loaded: into what is new, before anything that works on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from localenv.core.plan.data_steps import Personalise
from localenv.core.plan.graph import closure
from localenv.core.plan.services import Graph
from localenv.core.plan.steps import LoadData, StartService, Step
from localenv.core.plan.value import DataFacts, DataOrigin
from localenv.core.wanted import ServiceWanted, Wanted

__all__ = ["after_data", "after_loading", "early_services", "plan_data", "plan_origin"]


def plan_data(
    wanted: Wanted, graph: Graph, data: DataFacts, *, fresh: frozenset[str], renewed: frozenset[str], unfinished: frozenset[str]
) -> Iterator[LoadData]:
    """Load what is new, and what an earlier run did not load to the end.

    A service's data is new when a volume of it is (``fresh``), or, when it has none, when its container is (``renewed``).
    """
    services = {service.name: service for service in wanted.services}
    ready = tuple(f"await service {name}" for name in sorted(early_services(wanted, graph, data.services)))
    for name in sorted(set(data.services) & set(services)):
        service = services[name]
        new = bool(fresh.intersection(service.volumes)) or (not service.volumes and name in renewed)
        if new or f"load data {name}" in unfinished:
            yield LoadData(target=name, cause=_cause(data, new=new), after=ready, profile=data.profile, service=name)
    for volume in sorted(data.volumes):
        new = volume in fresh
        if new or f"load data {volume}" in unfinished:
            yield LoadData(
                target=volume,
                cause=_cause(data, new=new),
                after=(f"create volume {volume}", "create container all"),
                profile=data.profile,
                volume=volume,
            )


def _cause(data: DataFacts, *, new: bool) -> str:
    return f"profile {data.profile}" if new else f"profile {data.profile}, not finished by the last run"


def early_services(wanted: Wanted, graph: Graph, loaded: Sequence[str]) -> frozenset[str]:
    """Services that run before data is loaded: those that hold it, what they need, and one-shots that need no more.

    A migration makes the tables that a profile fills, so it comes first; whoever reads them comes after.
    """
    known = {service.name for service in wanted.services}
    early = {name for name in loaded if name in known}
    for name in tuple(early):
        early |= closure(graph, name)
    one_shots = sorted(service.name for service in wanted.services if service.one_shot)
    while more := {name for name in one_shots if name not in early and graph[name] and closure(graph, name) <= early}:
        early |= more
    return frozenset(early)


def after_loading(
    wanted: Wanted, graph: Graph, data: DataFacts, loads: Sequence[LoadData], steps: Sequence[Step]
) -> Iterator[Step]:
    """The same steps, with the start of whoever works on loaded data put after its loading."""
    early = early_services(wanted, graph, data.services)
    into_services = tuple(load.id for load in loads if load.service is not None)
    for step in steps:
        if isinstance(step, StartService):
            extra = _into_volumes(step.service, loads)
            if step.target not in early and closure(graph, step.target) & set(data.services):
                extra += into_services
            yield replace(step, after=(*step.after, *extra)) if extra else step
        else:
            yield step


def plan_origin(
    wanted: Wanted, origin: DataOrigin, *, fresh: frozenset[str], loads: Sequence[LoadData], unfinished: frozenset[str]
) -> Iterator[Step]:
    """Freeze the baseline once its data is there, then fit what is new to this environment."""
    ready = tuple(f"await service {name}" for name in origin.early)
    before = (*ready, *(load.id for load in loads))
    if origin.take is not None:
        yield replace(origin.take, after=before)
        before = (origin.take.id,)
    services = {service.name: service for service in wanted.services}
    for name, statements in sorted(origin.personalise.items()):
        step = Personalise(
            target=name,
            cause="its data is new here",
            after=(*before, f"await service {name}", *(load.id for load in loads)),
            service=name,
            statements=statements,
        )
        if name in services and (fresh & set(services[name].volumes) or step.id in unfinished):
            yield step


def after_data(early: Sequence[str], gates: Sequence[Step], steps: Sequence[Step]) -> Iterator[Step]:
    """The same steps, with the start of every service that is not ``early`` put after all of ``gates``."""
    ids = tuple(gate.id for gate in gates)
    for step in steps:
        if ids and isinstance(step, StartService) and step.target not in early:
            yield replace(step, after=(*step.after, *ids))
        else:
            yield step


def _into_volumes(service: ServiceWanted, loads: Sequence[LoadData]) -> tuple[str, ...]:
    return tuple(load.id for load in loads if load.volume in service.volumes)
