"""The plans of down, destroy, stop, start and restart: made from what is there, whether or not the project still is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan.graph import dependencies, levels, restart_policy
from localenv.core.plan.services import ended_well, wait_for
from localenv.core.plan.steps import (
    AwaitReady,
    RemoveContainer,
    RemoveNetwork,
    RemoveVolume,
    RunOneShot,
    StartService,
    Step,
    StopService,
    WithdrawRoute,
)
from localenv.core.plan.value import Plan, assemble
from localenv.core.wanted import Dependency, ServiceWanted

__all__ = ["plan_destroy", "plan_down", "plan_restart", "plan_start", "plan_stop"]

_UP = frozenset({"running", "restarting", "paused"})
_GRACE = 10.0


def plan_down(
    environment: EnvironmentId, observed: Observed, services: Sequence[ServiceWanted] = (), *, published: bool = True
) -> Plan:
    """Stop in the reverse order of dependencies, then remove containers and networks; volumes stay.

    ``services``: what is known of their order and hooks, from the rendered model; without it all stop at once.
    """
    stops = tuple(_stops(observed, services, cause="down", published=published, environment=environment))
    stop_ids = tuple(step.id for step in stops)
    return assemble(environment, (*_withdraw(environment, "down", published), *stops, *_removed(observed, "down", stop_ids)))


def plan_destroy(environment: EnvironmentId, observed: Observed, *, published: bool = True, stored: Iterable[str] = ()) -> Plan:
    """Kill and remove everything of the environment at once, its volumes too.

    ``stored``: names of its volumes whose content is kept, also where the engine's object was removed.
    """
    removed = tuple(_removed(observed, "destroy", ()))
    gone = tuple(step.id for step in removed if isinstance(step, RemoveContainer))
    volumes = (
        RemoveVolume(target=name, cause="destroy", after=gone)
        for name in sorted({*(seen.name for seen in observed.volumes), *stored})
    )
    return assemble(environment, (*_withdraw(environment, "destroy", published), *removed, *volumes))


def plan_stop(
    environment: EnvironmentId, observed: Observed, services: Sequence[ServiceWanted] = (), *, published: bool = True
) -> Plan:
    """Stop in the reverse order of dependencies and stay down when the engine is restarted."""
    stops = _stops(observed, services, cause="stop", published=published, environment=environment, hold=True)
    return assemble(environment, (*_withdraw(environment, "stop", published), *stops))


def plan_start(environment: EnvironmentId, observed: Observed, services: Sequence[ServiceWanted]) -> Plan:
    """Start what was stopped, in the order of dependencies. One-shots that ended with 0 are left alone."""
    return assemble(environment, _starts(observed.without_runs(), services, {}))


def plan_restart(
    environment: EnvironmentId, observed: Observed, services: Sequence[ServiceWanted], only: Iterable[str] = ()
) -> Plan:
    """Stop and start again, all services or ``only`` these and what restarts with them (``depends_on``, ``restart: true``)."""
    chosen = _with_followers(frozenset(only), services) or frozenset(service.name for service in services)
    affected = Observed(containers=tuple(seen for seen in observed.without_runs().containers if seen.service in chosen))
    stops = tuple(
        step
        for step in _stops(affected, services, cause="restart", published=False, environment=environment)
        if isinstance(step, StopService) and not _is_one_shot(services, step.service)
    )
    return assemble(environment, (*stops, *_starts(affected, services, {step.service: step.id for step in stops})))


def _with_followers(chosen: frozenset[str], services: Sequence[ServiceWanted]) -> frozenset[str]:
    while more := {
        service.name
        for service in services
        if service.name not in chosen and any(entry.restart and entry.service in chosen for entry in service.dependencies)
    }:
        chosen |= more
    return chosen


def _is_one_shot(services: Sequence[ServiceWanted], name: str) -> bool:
    return any(service.one_shot for service in services if service.name == name)


def _withdraw(environment: EnvironmentId, cause: str, published: bool) -> Iterator[Step]:  # noqa: FBT001 - the only caller names it
    if published:
        yield WithdrawRoute(target=environment.compose_project, cause=cause)


def _by_service(observed: Observed) -> dict[str, list[ContainerSeen]]:
    found: dict[str, list[ContainerSeen]] = {}
    for container in sorted(observed.containers, key=lambda container: (container.service, container.number, container.name)):
        found.setdefault(container.service, []).append(container)
    return found


def _stops(
    observed: Observed,
    services: Sequence[ServiceWanted],
    *,
    cause: str,
    published: bool,
    environment: EnvironmentId,
    hold: bool = False,
) -> Iterator[Step]:
    named = {service.name: service for service in services}
    graph = dependencies(services)
    depth = levels(graph)
    seen = _by_service(observed)
    users = _users(graph)
    first = (f"withdraw route {environment.compose_project}",) if published else ()
    for name in sorted(seen, key=lambda name: (-depth.get(name, 0), name)):
        containers = [item for item in seen[name] if item.state in _UP or (hold and item.restart not in {"no", ""})]
        if containers:
            service = named.get(name)
            yield StopService(
                target=name,
                cause=cause,
                after=(*first, *(f"stop service {user}" for user in users.get(name, ()))),
                service=name,
                containers=tuple((item.id, item.number) for item in containers),
                grace=service.stop_grace if service else _GRACE,
                pre_stop=service.pre_stop if service else (),
                hold=hold,
                level=depth.get(name, 0),
            )


def _users(graph: Mapping[str, Sequence[Dependency]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, entries in graph.items():
        for entry in entries:
            found.setdefault(entry.service, []).append(name)
    return found


def _removed(observed: Observed, cause: str, after: tuple[str, ...]) -> Iterator[Step]:
    containers = [
        RemoveContainer(target=seen.name, cause=cause, after=after, container=seen.id, service=seen.service, number=seen.number)
        for seen in sorted(observed.containers, key=lambda seen: (seen.name, seen.id))
    ]
    yield from containers
    gone = tuple(step.id for step in containers)
    for network in sorted(observed.networks, key=lambda network: network.name):
        yield RemoveNetwork(target=network.name, cause=cause, after=gone)


def _starts(observed: Observed, services: Sequence[ServiceWanted], stops: Mapping[str, str]) -> Iterator[Step]:
    graph = dependencies(services)
    depth = levels(graph)
    seen = _by_service(observed)
    for service in sorted(services, key=lambda service: (depth[service.name], service.name)):
        containers = seen.get(service.name, [])
        cause = _start_cause(service, containers, stopped=service.name in stops)
        waiting = any(item.state == "running" and item.health in {"starting", "unhealthy"} for item in containers)
        if cause is not None:
            step = _start(service, cause, depth[service.name])
            after = (*stops.values(), *(_condition(entry, services) for entry in graph[service.name]))
            yield replace(step, after=after)
        if cause is not None or waiting:
            yield _waited(service, depth[service.name])


def _start_cause(service: ServiceWanted, containers: Sequence[ContainerSeen], *, stopped: bool) -> str | None:
    for item in containers:
        if service.one_shot:
            if item.state == "created" or (item.state == "exited" and item.exit_code != 0):
                return "did not end with 0"
        elif stopped:
            return "restart"
        elif service.may_end and ended_well(item, restart_policy(service)):
            continue
        elif item.state not in {"running", "restarting"}:
            return "stopped"
        elif item.started is not None and item.restart != restart_policy(service):
            return f"restart policy {item.restart} -> {restart_policy(service)}"
    return None


def _start(service: ServiceWanted, cause: str, level: int) -> StartService:
    if service.one_shot:
        return RunOneShot(target=service.name, cause=cause, service=service, level=level, policy=restart_policy(service))
    return StartService(target=service.name, cause=cause, service=service, level=level, policy=restart_policy(service))


def _condition(entry: Dependency, services: Sequence[ServiceWanted]) -> str:
    if entry.condition != "service_started":
        return f"await service {entry.service}"
    kind = "run one-shot" if _is_one_shot(services, entry.service) else "start service"
    return f"{kind} {entry.service}"


def _waited(service: ServiceWanted, level: int) -> AwaitReady:
    return wait_for(service, "until it is ready", level)
