"""Which services to start, run again, restart or only wait for, and after what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from localenv.core.observed import ContainerSeen
from localenv.core.plan.containers import Fates
from localenv.core.plan.graph import closure, namespaces, restart_policy
from localenv.core.plan.rolling import routed_network
from localenv.core.plan.rolling_steps import NameReplicas
from localenv.core.plan.steps import AwaitReady, RunOneShot, StartService, Step, StopService
from localenv.core.wanted import Dependency, ServiceWanted, Wanted
from localenv.values import dataclass

__all__ = ["Graph", "Started", "ended_well", "plan_services", "restarted", "started", "wait_for"]

Graph = Mapping[str, Sequence[Dependency]]
_UP = frozenset({"running", "restarting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Why services are started, and which ones are stopped first or only waited for."""

    causes: Mapping[str, str] = field(default_factory=dict)
    """Cause by service that is started."""
    restarted: frozenset[str] = frozenset()
    waited: Mapping[str, str] = field(default_factory=dict)
    """Cause by service that runs already but is not ready."""


def started(wanted: Wanted, fates: Fates, graph: Graph, new_volumes: frozenset[str]) -> Started:
    """Decide for each service from its containers, then for those that depend on what is renewed."""
    causes: dict[str, str] = {}
    waited: dict[str, str] = {}
    for service in sorted(wanted.services, key=lambda service: service.name):
        kept = fates.kept.get(service.name, ())
        cause = _one_shot(wanted, service, fates, graph, new_volumes) if service.one_shot else _service(service, fates)
        if cause is not None:
            causes[service.name] = cause
        elif (waiting := _waiting(service, kept)) is not None:
            waited[service.name] = waiting
    again = restarted(wanted, fates, graph, frozenset(causes))
    return Started(
        causes=again | causes,
        restarted=frozenset(again),
        waited={name: why for name, why in waited.items() if name not in again},
    )


def _service(service: ServiceWanted, fates: Fates) -> str | None:
    if service.name in fates.renewed:
        return "its container is new"
    for container in fates.kept.get(service.name, ()):
        policy = restart_policy(service)
        if service.may_end and ended_well(container, policy):
            continue
        if container.state not in _UP:
            return {"created": "never started", "paused": "paused"}.get(container.state, "stopped")
        if container.started is not None and container.restart != policy:
            return f"restart policy {container.restart} -> {policy}"
    return None


def ended_well(container: ContainerSeen, policy: str) -> bool:
    """Whether it ended by itself with 0: ``stop`` would have changed its restart policy to ``no``."""
    return container.state == "exited" and container.exit_code == 0 and container.restart == policy


def _one_shot(wanted: Wanted, service: ServiceWanted, fates: Fates, graph: Graph, new_volumes: frozenset[str]) -> str | None:
    if service.name in fates.renewed:
        return "its container is new"
    for container in fates.kept.get(service.name, ()):
        if container.state == "created":
            return "never ran"
        if container.state == "exited" and container.exit_code != 0:
            return f"ended with {container.exit_code} last time"
        if container.state == "exited" and _data_is_new(wanted, service, graph, new_volumes):
            return "the data it works on is new"
    return None


def _data_is_new(wanted: Wanted, service: ServiceWanted, graph: Graph, new_volumes: frozenset[str]) -> bool:
    concerned = closure(graph, service.name) | {service.name}
    return any(new_volumes.intersection(other.volumes) for other in wanted.services if other.name in concerned)


def _waiting(service: ServiceWanted, kept: Sequence[ContainerSeen]) -> str | None:
    for container in kept:
        if service.one_shot and container.state in _UP:
            return "it still runs"
        if container.state == "restarting":
            return "the engine is restarting it"
        if container.state == "running" and container.health == "none" and container.restarts:
            return f"it ended {container.restarts} times since it was started"
        if container.state == "running" and container.health in {"starting", "unhealthy"}:
            return f"its health is {container.health}"
    return None


def restarted(wanted: Wanted, fates: Fates, graph: Graph, starting: frozenset[str]) -> dict[str, str]:
    """Running services that must be started anew because of what they depend on.

    Compose specification, depends_on, ``restart: true``: when the dependency is replaced. A service in another's
    network namespace: also when that one is started again, because the namespace is a new one then.
    """
    found: dict[str, str] = {}
    while True:
        more = {
            service.name: cause
            for service in wanted.services
            if service.name not in found
            and service.name not in starting
            and not service.one_shot
            and (cause := _restart_cause(wanted, service, fates, graph[service.name], starting, found)) is not None
        }
        if not more:
            return found
        found |= more


def _restart_cause(  # noqa: PLR0917 - one question that looks at everything decided so far
    wanted: Wanted,
    service: ServiceWanted,
    fates: Fates,
    dependencies: Sequence[Dependency],
    starting: frozenset[str],
    found: Mapping[str, str],
) -> str | None:
    for entry in dependencies:
        if entry.restart and (entry.service in fates.renewed | fates.beside or entry.service in found):
            return f"restarts with {entry.service}"
    for other in namespaces(wanted.model, service.name):
        if other in starting or other in found or _older(fates, service.name, other):
            return f"joins {other} again, which was started after it"
    return None


def _older(fates: Fates, service: str, other: str) -> bool:
    mine = [_instant(container.started) for container in fates.kept.get(service, ()) if container.started]
    its = [_instant(container.started) for container in fates.kept.get(other, ()) if container.started]
    return bool(mine and its) and min(mine) < max(its)


def _instant(moment: str) -> tuple[str, str]:
    """Sortable form of RFC 3339 in UTC, whose fraction may have any number of digits."""
    whole, _, fraction = moment.rstrip("Z").partition(".")
    return whole, fraction.ljust(9, "0")


def plan_services(wanted: Wanted, fates: Fates, graph: Graph, decided: Started, depth: Mapping[str, int]) -> Iterator[Step]:
    """Steps for every service that is started or waited for."""
    one_shots = {service.name for service in wanted.services if service.one_shot}
    for service in sorted(wanted.services, key=lambda service: (depth[service.name], service.name)):
        name = service.name
        leaving = fates.leaving(name)
        if name in decided.restarted:
            step = _stop(service, fates.kept[name], decided.causes[name], depth[name])
            yield replace(step, after=_taken_over(graph[name], fates))
        if name in decided.causes:
            start = _start(service, graph[name], decided.causes[name], depth[name], one_shots, restart_policy(service))
            yield replace(start, leaving=leaving)
        if name in decided.causes or name in decided.waited:
            yield replace(wait_for(service, decided.waited.get(name) or "until it is ready", depth[name]), leaving=leaving)
        if name in fates.beside or any(_nameless(service, container) for container in fates.kept[name]):
            yield NameReplicas(
                target=name, cause="they are ready", after=(f"await service {name}",), service=name, leaving=leaving
            )


def _nameless(service: ServiceWanted, container: ContainerSeen) -> bool:
    """Whether a replacement was cut off before its neighbours could find it."""
    network = routed_network(service)
    known = container.aliases.get(network) if network and container.state == "running" else None
    return known is not None and service.name not in known


def _taken_over(dependencies: Sequence[Dependency], fates: Fates) -> tuple[str, ...]:
    """What a restart waits for: where nothing else has to be stopped first, the new containers that it is for."""
    if fates.early:
        return ()
    return tuple(f"await service {entry.service}" for entry in dependencies if entry.restart and entry.service in fates.beside)


def _stop(service: ServiceWanted, kept: Sequence[ContainerSeen], cause: str, level: int) -> StopService:
    return StopService(
        target=service.name,
        cause=cause,
        service=service.name,
        containers=tuple((container.id, container.number) for container in kept if container.state in _UP),
        grace=service.stop_grace,
        pre_stop=service.pre_stop,
        level=level,
    )


def _start(  # noqa: PLR0917 - the fields of the step
    service: ServiceWanted, dependencies: Sequence[Dependency], cause: str, level: int, one_shots: set[str], policy: str
) -> StartService:
    kind = RunOneShot if service.one_shot else StartService
    return kind(
        target=service.name,
        cause=cause,
        after=(
            "create container all",
            f"place service {service.name}",
            f"inject service {service.name}",
            f"stop service {service.name}",
            *(_awaited(entry, one_shots) for entry in dependencies),
        ),
        service=service,
        level=level,
        policy=policy,
    )


def _awaited(entry: Dependency, one_shots: set[str]) -> str:
    """The step after which a dependency's condition holds."""
    if entry.condition == "service_started":
        return f"run one-shot {entry.service}" if entry.service in one_shots else f"start service {entry.service}"
    return f"await service {entry.service}"


def wait_for(service: ServiceWanted, cause: str, level: int) -> AwaitReady:
    """The step that ends when ``service`` is ready, or has ended when it is a one-shot."""
    start = f"run one-shot {service.name}" if service.one_shot else f"start service {service.name}"
    return AwaitReady(
        target=service.name,
        cause=cause,
        after=(start,),
        service=service,
        goal="done" if service.one_shot else "ready",
        level=level,
    )
