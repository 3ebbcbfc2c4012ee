"""Down, stop, start, restart and destroy: from what is there, whether or not the project still is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from localenv.actions.discard_sources import DiscardSources
from localenv.actions.executor.executor import Executor
from localenv.actions.side_by_side import side_by_side
from localenv.actions.volumes import Volumes
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan import Plan, plan_destroy, plan_down, plan_restart, plan_start, plan_stop
from localenv.core.wanted import ServiceWanted
from localenv.ports.clock import Clock
from localenv.ports.engine import Engine
from localenv.ports.router import Router
from localenv.ports.state import Ledger, Locks, Store
from localenv.values import dataclass

__all__ = ["Lifecycle", "LifecycleResult", "Verb"]

Verb = Literal["down", "stop", "start", "restart", "destroy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleResult:
    """What was done to one environment."""

    id: EnvironmentId
    plan: Plan
    seconds: float


class Lifecycle:
    """Does one verb to several environments side by side."""

    def __init__(  # noqa: PLR0913 - what the verbs touch, handed in once by the wiring
        self,
        *,
        engine: Engine,
        ledger: Ledger,
        locks: Locks,
        store: Store,
        router: Router,
        executor: Executor,
        clock: Clock,
        volumes: Volumes,
        discard: DiscardSources,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._locks = locks
        self._store = store
        self._router = router
        self._executor = executor
        self._clock = clock
        self._volumes = volumes
        self._discard = discard

    def __call__(self, verb: Verb, environments: Sequence[EnvironmentId], *, dry_run: bool = False) -> list[LifecycleResult]:
        """Carry out ``verb``; with ``dry_run`` only plan it. Raises ``NotFound`` for what does not exist."""
        if verb in {"start", "restart"} and not dry_run:
            self._router.ensure()
            self._volumes.mend()
        return side_by_side(
            environments, lambda environment: self._one(verb, environment, dry_run=dry_run), self._executor.interrupt
        )

    def _one(self, verb: Verb, environment: EnvironmentId, *, dry_run: bool) -> LifecycleResult:
        began = self._clock.monotonic()
        if dry_run:
            return LifecycleResult(id=environment, plan=self._plan(verb, environment), seconds=0.0)
        with self._locks.environment(environment, verb):
            plan = self._plan(verb, environment)
            self._executor.run(plan)
            self._remember(verb, environment)
        return LifecycleResult(id=environment, plan=plan, seconds=self._clock.monotonic() - began)

    def _plan(self, verb: Verb, environment: EnvironmentId) -> Plan:
        observed = self._engine.observe(environment.project, environment.name)
        services = self._store.services(environment) or _from_containers(observed)
        published = self._router.published(environment) is not None
        match verb:
            case "destroy":
                return plan_destroy(environment, observed, published=published, stored=self._volumes.of(environment))
            case "down":
                return plan_down(environment, observed, services, published=published)
            case "stop":
                return plan_stop(environment, observed, services, published=False)
            case "start":
                return plan_start(environment, observed, services)
            case "restart":
                return plan_restart(environment, observed, services)

    def _remember(self, verb: Verb, environment: EnvironmentId) -> None:
        if verb == "destroy":
            # The record goes last: killed before that, the environment can still be named and destroyed again.
            self._router.withdraw(environment)
            built = self._discard.built_for_it(environment)
            self._store.remove(environment)
            self._discard.images(environment.project, built)
            self._discard.worktree(environment)
            self._ledger.forget(environment)
            self._locks.discard(environment)
        elif (record := self._ledger.record(environment)) is not None:
            ready = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ") if verb in {"start", "restart"} else record.ready
            self._ledger.save(replace(record, stopped=verb == "stop", ready=ready))


def _from_containers(observed: Observed) -> tuple[ServiceWanted, ...]:
    """What labels and states tell of the services where the state directory was lost: no order, no hooks."""
    first: dict[str, ContainerSeen] = {}
    counts: dict[str, int] = {}
    for container in observed.containers:
        first.setdefault(container.service, container)
        counts[container.service] = counts.get(container.service, 0) + 1
    return tuple(
        ServiceWanted(
            name=name,
            image=seen.image,
            image_id=seen.image_id,
            spec=seen.spec,
            replicas=counts[name],
            one_shot=seen.one_shot,
            may_end=seen.may_end,
            restart="on-failure" if seen.may_end else None,
            image_health=seen.health != "none",
        )
        for name, seen in sorted(first.items())
    )
