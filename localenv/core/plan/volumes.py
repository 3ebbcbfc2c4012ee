"""Which volumes to create and what to put into new ones. ``up`` never removes one."""

from __future__ import annotations

from collections.abc import Iterator

from localenv.core import labels
from localenv.core.observed import Observed
from localenv.core.plan.networks import environment_labels
from localenv.core.plan.steps import CloneVolume, CreateVolume, SeedVolume, Step
from localenv.core.wanted import VolumeWanted, Wanted

__all__ = ["new_volumes", "plan_volumes"]


def new_volumes(wanted: Wanted, observed: Observed) -> frozenset[str]:
    """Names of the volumes that are wanted and not there."""
    there = {seen.name for seen in observed.volumes}
    return frozenset(volume.name for volume in wanted.volumes if not volume.shared) - there


def plan_volumes(wanted: Wanted, observed: Observed, unfinished: frozenset[str]) -> Iterator[Step]:
    """Create what is missing; fill what is new, or was not filled to the end by an earlier run."""
    new = new_volumes(wanted, observed)
    for volume in sorted(wanted.volumes, key=lambda volume: volume.name):
        if volume.shared:
            continue
        if volume.name in new:
            yield _create(wanted, volume)
        fill = _fill(wanted, volume, new=volume.name in new)
        if fill is not None and (volume.name in new or fill.id in unfinished):
            yield fill


def _create(wanted: Wanted, volume: VolumeWanted) -> CreateVolume:
    return CreateVolume(
        target=volume.name,
        cause="not there",
        labels=environment_labels(wanted)
        | {
            labels.COMPOSE_VOLUME: volume.key,
            labels.CLASSIFICATION: volume.classification,
            labels.PROFILE: volume.profile or "none",
        },
    )


def _fill(wanted: Wanted, volume: VolumeWanted, *, new: bool) -> Step | None:
    image = _carrier(wanted, volume)
    after = (f"create volume {volume.name}",)
    again = "not finished by the last run"
    if image is None:
        return None
    if volume.seed is not None:
        cause = f"content {volume.seed.digest[:12]}" if new else again
        return SeedVolume(
            target=volume.name, cause=cause, after=after, source=volume.seed.source, image=image, exclude=volume.seed.exclude
        )
    if volume.clone_of is not None:
        return CloneVolume(
            target=volume.name, cause="a copy of its own" if new else again, after=after, source=volume.clone_of, image=image
        )
    return None


def _carrier(wanted: Wanted, volume: VolumeWanted) -> str | None:
    users = sorted(service.image for service in wanted.services if volume.name in service.volumes)
    return users[0] if users else next(iter(sorted(service.image for service in wanted.services)), None)
