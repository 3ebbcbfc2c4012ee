"""``repair``: the ledger from the labels, and what was left of nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from localenv.actions.volumes import Volumes
from localenv.core import labels
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.observed import Observed
from localenv.core.repair import (
    Leftover,
    allocations_of,
    domain_of,
    exposures_of_model,
    exposures_text,
    holds_binds,
    is_stopped,
    leftovers,
    release_of,
)
from localenv.core.snapshots.model import Snapshot
from localenv.core.summary import EnvironmentSummary, summarise
from localenv.core.wanted import Allocations, Model
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine
from localenv.ports.releases import ReleaseStore
from localenv.ports.router import Router
from localenv.ports.state import EnvironmentRecord, Ledger, Locks, Store
from localenv.values import dataclass

__all__ = ["Repair", "Repaired"]


class KeptLedger(Ledger, Protocol):
    """A ledger that can look for damage, and begin anew beside the damaged one."""

    def damage(self) -> str | None:
        """What is wrong with the file; ``None`` when it can be used. Raises for one of a newer version."""
        ...

    def set_aside(self) -> str:
        """Move the file aside and begin an empty one; return where the old one is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What was done, or would be."""

    set_aside: str | None
    """Where the damaged ledger is kept; in a dry run what is wrong with it."""
    records: tuple[EnvironmentRecord, ...]
    """Rebuilt."""
    allocations: tuple[EnvironmentId, ...]
    """Environments whose addresses or ports were entered again."""
    leftovers: tuple[Leftover, ...]
    removed: bool
    problems: tuple[str, ...] = ()
    """What could not be done."""


class Repair:
    """Changes nothing on the engine but networks that nobody uses; volumes are never touched."""

    def __init__(  # noqa: PLR0913 - what it touches, handed in once by the wiring
        self,
        *,
        engine: Engine,
        ledger: KeptLedger,
        locks: Locks,
        store: Store,
        router: Router,
        volumes: Volumes,
        releases: ReleaseStore,
        tier: Callable[[str, str], TierProfile],
    ) -> None:
        """``tier``: rules of a tier by its name and a project's directory, as shipped where that is gone."""
        self._engine = engine
        self._ledger = ledger
        self._locks = locks
        self._store = store
        self._router = router
        self._volumes = volumes
        self._releases = releases
        self._tier = tier

    def __call__(self, *, remove: bool, dry_run: bool) -> Repaired:
        """Rebuild what is missing; ``remove`` also takes away what is left of nothing."""
        damage = self._ledger.damage()
        aside = damage if damage is None or dry_run else self._ledger.set_aside()
        usable = damage is None or not dry_run
        observed = self._volumes.with_kept(self._engine.observe())
        records = [record.id for record in self._ledger.records()] if usable else []
        rebuilt, entered, problems = list[EnvironmentRecord](), list[EnvironmentId](), list[str]()
        for summary in summarise(observed):
            own = _of(observed, summary.id)
            if summary.id not in records:
                rebuilt.append(self._rebuilt(summary, own, save=not dry_run))
            held = self._ledger.allocations(summary.id) if usable else Allocations()
            try:
                if self._entered(summary.id, own, held, save=not dry_run):
                    entered.append(summary.id)
            except LocalenvError as error:
                problems.append(f"{summary.id}: {error.message}")
        routes = self._router.status().environments if usable else ()
        left = leftovers(observed, folders=self._store.folders(), routes=routes, records=records)
        if remove and not dry_run:
            problems += self._remove(left)
        return Repaired(
            set_aside=aside,
            records=tuple(rebuilt),
            allocations=tuple(entered),
            leftovers=left,
            removed=remove and not dry_run,
            problems=tuple(problems),
        )

    def _rebuilt(self, summary: EnvironmentSummary, observed: Observed, *, save: bool) -> EnvironmentRecord:
        model = self._store.rendered(summary.id)
        live = self._tier(summary.tier, summary.directory).binds == "live"
        snapshot = self._stands_on(observed)
        release = release_of(model, observed.without_runs().containers, self._releases.releases(summary.id.project))
        record = EnvironmentRecord(
            id=summary.id,
            tier=summary.tier,
            directory=summary.directory,
            data_profile=summary.data_profile,
            holds_binds=holds_binds(model, summary.directory, live=live),
            stopped=is_stopped(observed.containers),
            exposures=exposures_text(exposures_of_model(model, summary)),
            domain=domain_of(model, summary.id),
            snapshot=snapshot.id if snapshot else None,
            baseline=snapshot.key if snapshot else None,
            done=json.dumps(dict(snapshot.one_shots)) if snapshot else "{}",
            release=release.name if release else None,
        )
        if save:
            self._ledger.save(record)
        return record

    def _stands_on(self, observed: Observed) -> Snapshot | None:
        """The snapshot that its data began as."""
        named = {seen.labels.get(labels.SNAPSHOT) for seen in observed.volumes}
        return next((each for each in self._volumes.snapshots() if each.id in named), None)

    def _entered(self, environment: EnvironmentId, observed: Observed, held: Allocations, *, save: bool) -> bool:
        """Enter what the engine has and the ledger does not; what the ledger has beyond that stays."""
        model: Model | None = self._store.rendered(environment)
        seen = allocations_of(observed, model)
        merged = Allocations(subnets={**held.subnets, **seen.subnets}, ports={**seen.ports, **held.ports})
        if merged == held:
            return False
        if save:
            with self._locks.allocations():
                self._ledger.allocate(environment, merged)
        return True

    def _remove(self, left: Sequence[Leftover]) -> Iterable[str]:
        problems = []
        for environment in dict.fromkeys(leftover.id for leftover in left):
            try:
                with self._locks.environment(environment, "repair", wait=False):
                    self._remove_one(environment)
            except LocalenvError as error:
                problems.append(f"{environment}: {error.message}")
        return problems

    def _remove_one(self, environment: EnvironmentId) -> None:
        """Looked at once more under the lock: it may have come up meanwhile."""
        observed = self._engine.observe(environment.project, environment.name)
        observed = self._volumes.with_kept(observed, {environment})
        if observed.containers or observed.volumes:
            return
        for network in observed.networks:
            self._engine.remove_network(network.name)
        self._router.withdraw(environment)
        self._ledger.forget(environment)
        self._store.remove(environment)


def _of(observed: Observed, environment: EnvironmentId) -> Observed:
    key = (environment.project, environment.name)
    return Observed(
        containers=tuple(each for each in observed.containers if (each.project, each.environment) == key),
        networks=tuple(each for each in observed.networks if (each.project, each.environment) == key),
        volumes=tuple(each for each in observed.volumes if (each.project, each.environment) == key),
    )
