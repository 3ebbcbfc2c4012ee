"""Data of a class that a tier does not take: told with what it is, where it comes from, the rule, and a way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from localenv.actions.configuration import Loaded
from localenv.core.configuration.tier import Classification, TierProfile
from localenv.core.documents import Path
from localenv.core.names import EnvironmentId
from localenv.core.rewrite.volume_classes import mounted_volumes, told_classes
from localenv.core.snapshots.model import Snapshot, highest_class
from localenv.core.wanted import Model
from localenv.errors import LocalenvError

__all__ = ["DataRefused", "data_refused", "refuse_brought", "refuse_present", "refuse_snapshot", "refuse_told"]


class DataRefused(LocalenvError):
    """A tier does not take data of this class."""

    code = "data-refused"


def data_refused(
    classification: Classification, tier: TierProfile, loaded: Loaded, *, details: Sequence[str], hints: Sequence[str]
) -> DataRefused:
    """The error, with the place of the tier's rule after ``details``."""
    rule = _line(loaded, ("tiers", tier.tier, "data", "allowed"))
    return DataRefused(
        f"{tier.tier} cannot use data classified {classification}",
        details=(*details, f"tier {tier.tier} allows: {', '.join(tier.data.allowed)}   ({rule})"),
        hints=tuple(hints),
    )


def refuse_brought(volumes: Mapping[str, Classification], source: str, tier: TierProfile, loaded: Loaded) -> None:
    """Raises ``DataRefused`` when the tier does not take what comes from ``source``: classes by key of the volume."""
    refused = {key: found for key, found in volumes.items() if found not in tier.data.allowed}
    if refused:
        raise data_refused(
            highest_class(refused.values()),
            tier,
            loaded,
            details=[f"volume {key} comes from {source} ({found})" for key, found in refused.items()],
            hints=("localenv data ls",),
        )


def refuse_snapshot(snapshot: Snapshot, tier: TierProfile, loaded: Loaded) -> None:
    """Raises ``DataRefused`` when the tier does not take what is in the snapshot."""
    source = f"snapshot {snapshot.label} of {snapshot.environment}"
    refuse_brought({volume.key: volume.classification for volume in snapshot.volumes}, source, tier, loaded)


def refuse_told(model: Model, external: Mapping[str, Classification], tier: TierProfile, loaded: Loaded) -> None:
    """Raises ``DataRefused`` when a mounted volume holds what the tier does not take, as localenv.yaml or its label tells.

    ``external`` has the classes that external volumes have by themselves, by name on the engine.
    """
    told = told_classes(model, loaded.settings, external)
    mounted = {key: name for key, name in mounted_volumes(model).items() if key in told}
    refused = {key: name for key, name in mounted.items() if told[key] not in tier.data.allowed}
    if not refused:
        return
    details = []
    for key, name in refused.items():
        labelled = external.get(name) == told[key]
        place = _line(loaded, ("volumes", key, "external" if labelled else "classification"))
        details.append(f"{f'external volume {name}' if labelled else f'volume {key}'} is {told[key]}   ({place})")
    found = highest_class(told[key] for key in refused)
    takers = [name for name, each in loaded.settings.tiers.items() if found in each.data.allowed]
    raise data_refused(found, tier, loaded, details=details, hints=[f"localenv up {name}" for name in takers[:1]])


def refuse_present(volumes: Mapping[str, str], environment: EnvironmentId, tier: TierProfile, loaded: Loaded) -> None:
    """Raises ``DataRefused`` when the environment has data that its tier does not take: it had another tier before.

    ``volumes`` has what their labels say, by name on the engine; of a volume with a driver of its own they say nothing.
    Synthetic data is let be: it is also what a volume holds that no profile has filled.
    """
    found = {name: highest_class((told,)) for name, told in volumes.items() if told}
    refused = {name: told for name, told in found.items() if told != "synthetic" and told not in tier.data.allowed}
    if refused:
        raise data_refused(
            highest_class(refused.values()),
            tier,
            loaded,
            details=[f"volume {name} of {environment.name} is {told} already" for name, told in sorted(refused.items())],
            hints=(f"localenv up {environment.name}-2 --tier {tier.tier}",),
        )


def _line(loaded: Loaded, path: Path) -> str:
    """File and line, without the column."""
    return loaded.where(path).rpartition(":")[0]
