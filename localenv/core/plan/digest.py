"""A plan in one line: how much of what."""

from __future__ import annotations

from localenv.core.plan.data_steps import CloneSnapshot
from localenv.core.plan.steps import (
    BuildImage,
    CreateContainers,
    CreateNetwork,
    CreateVolume,
    EnsureImage,
    LoadData,
    PublishRoute,
    RemoveContainer,
    RemoveNetwork,
    RemoveVolume,
    RunOneShot,
    StartService,
    Step,
    StopService,
)
from localenv.core.plan.value import Plan

__all__ = ["digest"]


def digest(plan: Plan) -> str:
    """``1 network, 3 volumes, data small, 7 containers, 2 hostnames``; ``nothing to do`` for an empty plan."""
    containers = sum(len(step.containers) for step in plan.steps if isinstance(step, CreateContainers))
    parts = [
        _counted(_of(plan, EnsureImage, BuildImage), "image to get", "images to get"),
        _counted(_of(plan, CreateNetwork), "network"),
        _counted(_of(plan, CreateVolume), "volume"),
        *_cloned(plan),
        *sorted({f"data {step.profile}" for step in plan.steps if isinstance(step, LoadData)}),
        _counted(containers, "container"),
        _counted(_of(plan, RemoveContainer), "container to remove", "containers to remove"),
        _counted(_of(plan, RemoveNetwork), "network to remove", "networks to remove"),
        _counted(_of(plan, RemoveVolume), "volume to remove", "volumes to remove"),
        _counted(_of(plan, StopService), "service to stop", "services to stop"),
        "" if containers else _counted(_of(plan, StartService, RunOneShot), "service to start", "services to start"),
        _counted(sum(len(step.exposures) for step in plan.steps if type(step) is PublishRoute), "hostname"),
    ]
    return ", ".join(part for part in parts if part) or ("smaller changes" if plan.changes else "nothing to do")


def _cloned(plan: Plan) -> list[str]:
    """``3 volumes from baseline large (7f3a12), 1.8 GB`` for each snapshot."""
    found: dict[str, list[CloneSnapshot]] = {}
    for step in plan.steps:
        if isinstance(step, CloneSnapshot):
            found.setdefault(step.snapshot.id, []).append(step)
    return [
        f"{_counted(len(steps), 'volume')} from {'baseline' if steps[0].snapshot.kind == 'baseline' else 'snapshot'} "
        f"{steps[0].snapshot.label} ({megabytes(steps[0].snapshot.size)})"
        for steps in found.values()
    ]


def megabytes(count: int) -> str:
    """``812 MB``, ``1.8 GB``: powers of 1024."""
    return f"{count / 1024**3:.1f} GB" if count >= 1024**3 else f"{max(1, round(count / 1024**2))} MB"


def _of(plan: Plan, *kinds: type[Step]) -> int:
    return sum(type(step) in kinds for step in plan.steps)


def _counted(count: int, one: str, many: str | None = None) -> str:
    if not count:
        return ""
    return f"{count} {one if count == 1 else many or one + 's'}"
