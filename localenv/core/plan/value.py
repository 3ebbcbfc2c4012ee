"""A plan as a value, the facts it is made from beside wanted and observed, and its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from localenv.core.names import EnvironmentId
from localenv.core.plan.data_steps import Statement, TakeSnapshot
from localenv.core.plan.steps import Step
from localenv.core.snapshots.model import Snapshot
from localenv.values import dataclass

__all__ = ["DataFacts", "DataOrigin", "ImageMissing", "Plan", "RouteFacts", "assemble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """What the router serves for the environment, and what it is to serve."""

    domain: str = "localhost"
    published: str | None = None
    """Revision that is published; ``None`` when nothing is."""
    revision: str | None = None
    """Revision that is wanted; ``None`` when it is not known before the containers run."""
    inside: tuple[str, ...] = ()
    """Subnets that may call the environment's own URLs from inside."""
    probe: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """What a data profile fills."""

    profile: str
    services: tuple[str, ...] = ()
    """Services whose own client loads it."""
    volumes: tuple[str, ...] = ()
    """Names on the engine of volumes that get plain files."""

    def __bool__(self) -> bool:
        """Whether it fills anything."""
        return bool(self.services or self.volumes)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataOrigin:
    """Where the content of new volumes comes from, beside seeds and the files of a data profile."""

    snapshot: Snapshot | None = None
    """New volumes of these names stand on it."""
    kept: frozenset[str] = frozenset()
    """Names on the engine of volumes whose content is there although the engine's own object is not."""
    take: TakeSnapshot | None = None
    """The baseline to freeze once the data is there; its ``after`` is filled in by the plan."""
    early: tuple[str, ...] = ()
    """Services that run before it is frozen; all others start afterwards."""
    personalise: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    """Statements by service, for data that is new here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMissing:
    """An image that the engine does not have; ``service`` is set when that service builds it."""

    reference: str
    service: str | None = None
    cause: str = "not there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in an order in which they could be done one by one."""

    environment: EnvironmentId
    steps: tuple[Step, ...] = ()

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that alter something; empty when there is nothing to do."""
        return tuple(step for step in self.steps if step.changes)

    @property
    def waits(self) -> bool:
        """Whether anything is left to be waited for although nothing may change."""
        return any(step.action in {"await", "confirm", "probe"} for step in self.steps)


def assemble(environment: EnvironmentId, steps: Iterable[Step]) -> Plan:
    """Order the steps after their predecessors; predecessors that are not in the plan are forgotten.

    Among steps that could come next the one that was given first does. Raises ``ValueError`` on a cycle.
    """
    given = tuple(steps)
    known = {step.id for step in given}
    if len(known) != len(given):
        twice = sorted({step.id for step in given if sum(other.id == step.id for other in given) > 1})
        raise ValueError(f"two steps have one identifier: {', '.join(twice)}")
    pruned = {step.id: replace(step, after=tuple(sorted(set(step.after) & known))) for step in given}
    return Plan(environment=environment, steps=tuple(_ordered(pruned)))


def _ordered(steps: Mapping[str, Step]) -> Iterable[Step]:
    pending = dict(steps)
    done: set[str] = set()
    while pending:
        step = next((step for step in pending.values() if done.issuperset(step.after)), None)
        if step is None:
            raise ValueError(f"steps wait for each other: {', '.join(pending)}")
        del pending[step.id]
        done.add(step.id)
        yield step
