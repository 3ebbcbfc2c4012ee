"""Which volumes to create and what to put into new ones. ``up`` never removes one."""

from __future__ import annotations

from collections.abc import Iterator

from localenv.core import labels
from localenv.core.observed import Observed
from localenv.core.plan.data_steps import CloneSnapshot
from localenv.core.plan.networks import environment_labels
from localenv.core.plan.steps import CloneVolume, CreateVolume, SeedVolume, Step
from localenv.core.plan.value import DataOrigin
from localenv.core.snapshots.model import highest_class
from localenv.core.wanted import VolumeWanted, Wanted

__all__ = ["cloned_volumes", "new_volumes", "plan_volumes"]


def new_volumes(wanted: Wanted, observed: Observed) -> frozenset[str]:
    """Names of the volumes that are wanted and not there."""
    there = {seen.name for seen in observed.volumes}
    return frozenset(volume.name for volume in wanted.volumes if not volume.shared) - there


def cloned_volumes(wanted: Wanted, fresh: frozenset[str], origin: DataOrigin) -> frozenset[str]:
    """Names of the new volumes that begin as the snapshot's."""
    if origin.snapshot is None:
        return frozenset()
    return frozenset(
        volume.name
        for volume in wanted.volumes
        if volume.name in fresh and not volume.shareable and origin.snapshot.volume(volume.key)
    )


def plan_volumes(wanted: Wanted, observed: Observed, unfinished: frozenset[str], origin: DataOrigin) -> Iterator[Step]:
    """Create what is missing; fill what is new, or was not filled to the end by an earlier run."""
    missing = new_volumes(wanted, observed)
    new = missing - origin.kept
    cloned = cloned_volumes(wanted, new, origin)
    for volume in sorted(wanted.volumes, key=lambda volume: volume.name):
        if volume.shared:
            continue
        if volume.name in cloned:
            yield _stand_on(wanted, volume, origin)
            continue
        if volume.name in missing:
            yield _create(wanted, volume, "not there" if volume.name in new else "it was removed, its content was kept")
        fill = _fill(wanted, volume, new=volume.name in new)
        if fill is not None and (volume.name in new or fill.id in unfinished):
            yield fill


def _stand_on(wanted: Wanted, volume: VolumeWanted, origin: DataOrigin) -> CloneSnapshot:
    snapshot = origin.snapshot
    found = snapshot.volume(volume.key) if snapshot else None
    if snapshot is None or found is None:
        raise ValueError(f"{volume.key} is not in the snapshot")
    return CloneSnapshot(
        target=volume.name,
        cause="not there",
        snapshot=snapshot,
        volume=volume.key,
        labels=environment_labels(wanted)
        | {
            labels.COMPOSE_VOLUME: volume.key,
            labels.CLASSIFICATION: highest_class((found.classification, volume.classification)),
            labels.PROFILE: snapshot.profile or "none",
        },
    )


def _create(wanted: Wanted, volume: VolumeWanted, cause: str) -> CreateVolume:
    return CreateVolume(
        target=volume.name,
        cause=cause,
        labels=environment_labels(wanted)
        | {
            labels.COMPOSE_VOLUME: volume.key,
            labels.CLASSIFICATION: volume.classification,
            labels.PROFILE: volume.profile or "none",
            **({labels.SOURCE: "true"} if volume.seed is not None and volume.shareable else {}),
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
