"""Values for planning tests, and a pure stand-in for the engine that carries a plan out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from localenv.core import labels
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, NetworkSeen, Observed, VolumeSeen
from localenv.core.plan import Plan
from localenv.core.plan import steps as kinds
from localenv.core.plan.rolling_steps import NameReplicas
from localenv.core.wanted import Dependency, NetworkWanted, ServiceWanted, VolumeWanted, Wanted

STAGING = EnvironmentId(project="shop", name="staging")
NOTHING = Observed()
SUBNET = "10.231.4.0/27"
IDENTIFIERS = itertools.count(1)
MOMENTS = itertools.count(1)
"""What starts later has a later time, whichever simulator started it."""
NETWORK = NetworkWanted(key="default", name="shop_staging_default")


def service(name: str, *needs: Dependency | str, **given: Any) -> ServiceWanted:
    dependencies = tuple(need if isinstance(need, Dependency) else Dependency(service=need) for need in needs)
    return ServiceWanted(
        **{"name": name, "image": f"{name}:1", "image_id": None, "spec": f"{name}-1", "dependencies": dependencies, **given}
    )


def volume(key: str, **given: Any) -> VolumeWanted:
    return VolumeWanted(**{"key": key, "name": f"shop_staging_{key}", **given})


def wanted(*services: ServiceWanted, definitions: dict[str, dict[str, Any]] | None = None, **given: Any) -> Wanted:
    model = {"services": {entry.name: (definitions or {}).get(entry.name, {}) for entry in services}}
    values: dict[str, Any] = {
        "id": STAGING,
        "owner": "me",
        "tier": TierProfile(tier="staging", purpose=""),
        "directory": "/code/shop",
        "model": model,
        "services": services,
        "networks": (NETWORK,),
        "subnets": {NETWORK.name: SUBNET},
    }
    return Wanted(**{**values, **given})


class Simulator:
    """Does to an ``Observed`` what the steps of a plan would do to the engine."""

    def __init__(self, state: Wanted) -> None:
        self.wanted = state

    def run(self, observed: Observed, plan: Plan, *, until: int | None = None) -> Observed:
        """``until`` cuts the run off after so many steps."""
        for step in plan.steps[:until]:
            observed = self._do(observed, step)
        return observed

    def _do(self, observed: Observed, step: kinds.Step) -> Observed:  # noqa: C901, PLR0911, PLR0912 - one case for each kind
        match step:
            case kinds.CreateNetwork():
                assert all(seen.name != step.target for seen in observed.networks)
                seen = NetworkSeen(
                    name=step.target,
                    id=step.target,
                    project="shop",
                    environment="staging",
                    subnet=step.subnet,
                    labels=step.labels,
                )
                return replace(observed, networks=(*observed.networks, seen))
            case kinds.RemoveNetwork():
                assert not any(step.target in seen.addresses for seen in observed.containers)
                return replace(observed, networks=tuple(seen for seen in observed.networks if seen.name != step.target))
            case kinds.CreateVolume():
                volume_seen = VolumeSeen(
                    name=step.target,
                    project="shop",
                    environment="staging",
                    classification=step.labels[labels.CLASSIFICATION],
                    profile=None,
                )
                return replace(observed, volumes=(*observed.volumes, volume_seen))
            case kinds.RemoveContainer():
                return replace(observed, containers=tuple(seen for seen in observed.containers if seen.id != step.container))
            case kinds.CreateContainers():
                return replace(observed, containers=(*observed.containers, *self._created(step)))
            case kinds.PlaceReplicas():
                return self._placed(observed, step)
            case kinds.StartService():
                return self._changed(observed, step.service.name, lambda seen: self._started(seen, step.policy), step.leaving)
            case kinds.AwaitReady(goal="done"):
                return self._changed(observed, step.target, lambda seen: replace(seen, state="exited", exit_code=0))
            case kinds.AwaitReady():
                return self._changed(observed, step.target, self._ready, step.leaving)
            case NameReplicas():
                named = {NETWORK.name: (step.service,)}
                return self._changed(observed, step.service, lambda seen: replace(seen, aliases=named), step.leaving)
            case kinds.StopService():
                chosen = {identifier for identifier, _ in step.containers}
                others = tuple(seen.id for seen in observed.containers if seen.id not in chosen)
                return self._changed(
                    observed, step.service, lambda seen: replace(seen, state="exited", exit_code=143, addresses={}), others
                )
            case _:
                return observed

    def _created(self, step: kinds.CreateContainers) -> Iterator[ContainerSeen]:
        named = {entry.name: entry for entry in self.wanted.services}
        for new in step.containers:
            entry = named[new.service]
            yield container(entry, number=new.number, id=f"c{next(IDENTIFIERS)}", state="created", addresses={})

    def _started(self, seen: ContainerSeen, policy: str) -> ContainerSeen:
        if seen.state == "running" and seen.restart == policy:
            return seen
        return replace(
            seen,
            state="running",
            restart=policy,
            started=f"2026-01-01T00:00:00.{next(MOMENTS):09d}Z",
            addresses={NETWORK.name: "10.231.4.9", **seen.fixed},
            health="starting" if seen.health != "none" else "none",
        )

    def _ready(self, seen: ContainerSeen) -> ContainerSeen:
        health: Literal["none", "healthy"] = "none" if seen.health == "none" else "healthy"
        return replace(seen, state="running", health=health, addresses={NETWORK.name: "10.231.4.9", **seen.fixed})

    def _placed(self, observed: Observed, step: kinds.PlaceReplicas) -> Observed:
        for waiting in [seen for seen in observed.containers if seen.service == step.service and seen.state == "created"]:
            held = {seen.address_on(NETWORK.name) for seen in observed.containers}
            free = (slot.addresses for slot in step.placements if slot.addresses[NETWORK.name] not in held)
            moved = replace(
                waiting,
                fixed=waiting.fixed or next(free),
                aliases={NETWORK.name: () if step.quiet else (step.service,)},
            )
            containers = tuple(moved if seen.id == waiting.id else seen for seen in observed.containers)
            observed = replace(observed, containers=containers)
        return observed

    @staticmethod
    def _changed(observed: Observed, name: str, change: Any, without: tuple[str, ...] = ()) -> Observed:
        containers = tuple(
            change(seen) if seen.service == name and seen.id not in without else seen for seen in observed.containers
        )
        return replace(observed, containers=containers)


def container(entry: ServiceWanted, *, number: int = 1, **given: Any) -> ContainerSeen:
    values: dict[str, Any] = {
        "id": f"{entry.name}{number}",
        "name": f"shop_staging-{entry.name}-{number}",
        "project": "shop",
        "environment": "staging",
        "service": entry.name,
        "number": number,
        "spec": entry.spec,
        "tier": "staging",
        "image": entry.image,
        "image_id": "sha256:1",
        "state": "running",
        "health": "healthy" if entry.health else "none",
        "one_shot": entry.one_shot,
        "restart": "no" if entry.one_shot else "always",
        "started": "2026-01-01T00:00:00Z" if given.get("state", "running") == "running" else None,
        "addresses": {NETWORK.name: "10.231.4.5"},
    }
    return ContainerSeen(**{**values, **given})
