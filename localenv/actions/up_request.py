"""What ``up`` is asked for, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from localenv.core.findings import Note, Refusal
from localenv.core.names import EnvironmentId
from localenv.core.plan import Plan
from localenv.core.snapshots.model import Snapshot
from localenv.values import dataclass

__all__ = ["UpRequest", "UpResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpRequest:
    """Which environments of the project around ``directory``, and how."""

    directory: str
    names: tuple[str, ...]
    project: str | None = None
    """Whose they are, where that is known before: what stands in ``directory`` by now may be another project."""
    tier: str | None = None
    other_tier: str | None = None
    """Tier of names that have none by themselves, where ``tier`` says none."""
    data: str | None = None
    scale: float | None = None
    """Multiplies the rows that the data profile generates."""
    snapshot: str | None = None
    """Snapshot that new data begins as: its name, or the start of its identifier."""
    build: bool = False
    wait: bool = True
    timeout: float = 300.0
    """Seconds to become healthy."""
    release: str | None = None
    """Release to run, in place of what the environment has."""
    deploying: bool = False
    """Whether ``release`` comes through the gates; else only tiers that take any code run it."""
    worktree: bool = False
    """Whether a tier that runs releases only may run the working tree."""
    passed: str | None = None
    """Tier of the environment that the code comes from, where it is another's: the gates of later tiers are not passed."""
    captured: bool = False
    """Whether the working tree is copied when the environment is made, also in a tier that mounts it."""
    dry_run: bool = False
    data_only: bool = False
    """Only until the baseline of the data is there: what makes it runs, nothing else, and nothing is served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpResult:
    """What became of one environment."""

    id: EnvironmentId
    plan: Plan
    notes: tuple[Note, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    exposures: tuple[Mapping[str, object], ...] = ()
    """As ``urls`` tells them."""
    status: int | None = None
    """What the main URL answered; ``None`` when it was not asked."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """By stage: resolve, plan, start, router, total."""
    snapshot: Snapshot | None = None
    """What its new data stands on."""
