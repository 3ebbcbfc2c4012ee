"""What exists: every environment on the engine, joined with what the ledger knows."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from localenv.actions.volumes import Volumes
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, Observed
from localenv.core.summary import EnvironmentSummary, doubtful, seen_ready, summarise
from localenv.errors import NotFound
from localenv.ports.engine import Engine, Usage
from localenv.ports.state import EnvironmentRecord, Ledger
from localenv.values import dataclass

__all__ = ["Environments", "Listed", "exposures_of"]

_USAGE_WORKERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Environments with the memory that each uses, in bytes; ``None`` where it was not asked."""

    environments: tuple[EnvironmentSummary, ...]
    memory: Mapping[EnvironmentId, int]


class Environments:
    """Lists environments and finds one by name."""

    def __init__(self, engine: Engine, ledger: Ledger, volumes: Volumes) -> None:
        self._engine = engine
        self._ledger = ledger
        self._volumes = volumes

    def all(self, project: str | None = None) -> tuple[EnvironmentSummary, ...]:
        """Every environment, of one project when named."""
        records = {record.id: record for record in self._ledger.records()}
        wanted = {record for record in records if project in {None, record.project}}
        observed = self._with_kept(self._engine.observe(project, details=False), wanted)
        closer = {seen.id: seen for seen in self._engine.look_closer(doubtful(observed.containers))}
        containers = tuple(closer.get(seen.id, seen) for seen in observed.containers)
        return self._summaries(replace(observed, containers=containers), records)

    def listed(self, project: str | None = None, *, memory: bool = True) -> Listed:
        """``all`` and what each uses now; one call to the engine a running container, side by side."""
        environments = self.all(project)
        return Listed(environments=environments, memory=self._memory(environments) if memory else {})

    def one(self, environment: EnvironmentId) -> EnvironmentSummary:
        """One environment; raises ``NotFound`` naming the nearest one that exists."""
        record = self._ledger.record(environment)
        observed = self.observed(environment, recorded=record is not None)
        found = self._summaries(observed, {environment: record} if record else {})
        if not found:
            raise self.missing(environment)
        return found[0]

    def observed(self, environment: EnvironmentId, *, recorded: bool = True) -> Observed:
        """What is there of one environment, volumes whose content alone was kept included."""
        observed = self._engine.observe(environment.project, environment.name)
        return self._with_kept(observed, {environment} if recorded else set())

    def _with_kept(self, observed: Observed, recorded: Collection[EnvironmentId]) -> Observed:
        """What is kept is asked for only where an environment has no volume on the engine: it costs a call."""
        seen = {(volume.project, volume.environment) for volume in observed.volumes}
        without = {key for key in recorded if (key.project, key.name) not in seen}
        return self._volumes.with_kept(observed, without) if without else observed

    def missing(self, environment: EnvironmentId) -> NotFound:
        """The error for an environment that does not exist."""
        from difflib import get_close_matches

        names = sorted(summary.id.name for summary in self.all(environment.project))
        near = get_close_matches(environment.name, names, n=1)
        return NotFound(
            f"there is no environment {environment.name} of {environment.project}",
            details=(f"there are: {', '.join(names)}",) if names else (),
            hints=(f"did you mean {near[0]}?",) if near else ("localenv ls", f"localenv up {environment.name}"),
            code="no-environment",
        )

    def usage(self, containers: tuple[ContainerSeen, ...]) -> Mapping[str, Usage]:
        """Memory and CPU of running containers, by container ID."""
        running = [container.id for container in containers if container.state == "running"]
        if not running:
            return {}
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(_USAGE_WORKERS, len(running)), "usage") as pool:
            usages = list(pool.map(self._engine.usage, running))
        return {container: usage for container, usage in zip(running, usages, strict=True) if usage is not None}

    def _summaries(
        self, observed: Observed, records: Mapping[EnvironmentId, EnvironmentRecord]
    ) -> tuple[EnvironmentSummary, ...]:
        ready = {key: record.ready for key, record in records.items()}
        containers = tuple(
            seen_ready(seen, ready.get(EnvironmentId(project=seen.project, name=seen.environment)))
            for seen in observed.containers
        )
        summaries = summarise(replace(observed, containers=containers))
        return tuple(_with_record(summary, records.get(summary.id)) for summary in summaries)

    def _memory(self, environments: tuple[EnvironmentSummary, ...]) -> Mapping[EnvironmentId, int]:
        containers = tuple(c for summary in environments for service in summary.services for c in service.containers)
        usage = self.usage(containers)
        totals: dict[EnvironmentId, int] = {}
        for container in containers:
            if container.id in usage:
                key = EnvironmentId(project=container.project, name=container.environment)
                totals[key] = totals.get(key, 0) + usage[container.id].memory
        return totals


def exposures_of(record: EnvironmentRecord | None) -> list[dict[str, object]]:
    """The exposures that the last ``up`` recorded."""
    return list(json.loads(record.exposures)) if record else []


def _with_record(summary: EnvironmentSummary, record: EnvironmentRecord | None) -> EnvironmentSummary:
    if record is None:
        return summary
    url = next((str(e["url"]) for e in exposures_of(record) if e.get("primary") and e.get("url")), None)
    return replace(
        summary,
        expires=record.expires,
        release=record.release,
        branch=record.branch,
        revision=record.revision if record.origin else None,
        url=url,
        tier=summary.tier or record.tier,
        directory=record.directory or summary.directory,
        data_profile=summary.data_profile or record.data_profile,
    )
