"""What an environment's new volumes would hold, held against what its tier takes."""

from __future__ import annotations

from collections.abc import Mapping

from localenv.actions.configuration import Loaded
from localenv.actions.profiles import DataProfiles, LoadedProfile
from localenv.actions.refused_data import refuse_told
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import Classification, TierProfile
from localenv.core.rewrite.volume_classes import class_of_labels, taken_over
from localenv.core.wanted import Model
from localenv.ports.engine import Engine
from localenv.values import dataclass

__all__ = ["AdmitData", "Admitted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Data that the tier takes."""

    profile: LoadedProfile | None
    external_classes: Mapping[str, Classification]
    """Of external volumes, by name on the engine, where their labels say one."""


class AdmitData:
    """Looks at the data profile and at volumes that bring their content with them. Makes nothing."""

    def __init__(self, engine: Engine, profiles: DataProfiles) -> None:
        self._engine = engine
        self._profiles = profiles

    def __call__(self, loaded: Loaded, tier: TierProfile, profile: str | None, model: Model) -> Admitted:
        """Raises ``InvalidInput`` for a profile that does not exist, ``DataRefused`` for a class that the tier does not take."""
        found = self._profiles(loaded, profile, tier) if profile else None
        external = self._external(model, loaded.settings)
        refuse_told(model, external, tier, loaded)
        return Admitted(profile=found, external_classes=external)

    def _external(self, model: Model, settings: Settings) -> dict[str, Classification]:
        labels = {name: self._engine.volume_labels(name) for name in sorted(taken_over(model, settings))}
        return {name: told for name, found in labels.items() if found and (told := class_of_labels(found)) is not None}
