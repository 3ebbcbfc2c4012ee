"""``diff``, and the line about drift that other commands show."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from localenv.actions.diff import Diff, Diffed
from localenv.core.diff import ways
from localenv.core.names import EnvironmentId
from localenv.core.releases.difference import ReleaseDifference, release_difference
from localenv.errors import LocalenvError
from localenv.wiring.environments import project_here, tier_of
from localenv.wiring.services import Services

__all__ = ["differences", "drift", "drifts", "release_differences"]


def differences(told: Services, left: EnvironmentId, right: EnvironmentId) -> Diffed:
    """Compare two environments. Raises ``NotFound`` for one that is not there."""
    return Diff(told.engine, told.ledger, told.store)(left, right)


def release_differences(told: Services, directory: Path, left: str, right: str) -> ReleaseDifference | None:
    """Compare two releases; ``None`` where the names are not both those of releases of the project here."""
    project = project_here(told, directory)
    found = [told.releases.release(project, name) for name in (left, right)] if project else []
    one, other = found or (None, None)
    return release_difference(one, other) if one is not None and other is not None else None


def drifts(told: Services, environments: Iterable[EnvironmentId]) -> dict[EnvironmentId, str]:
    """``drift`` of those that have something to say."""
    found = ((environment, drift(told, environment)) for environment in environments)
    return {environment: line for environment, line in found if line is not None}


def drift(told: Services, environment: EnvironmentId) -> str | None:
    """How an environment differs from the one whose shape its tier promises; ``None`` where there is nothing to say."""
    model = _model_of(told, environment)
    if model is None:
        return None
    try:
        count = len(ways(differences(told, environment, model).differences))
    except LocalenvError:
        return None
    if not count:
        return f"does not differ from {model.name}"
    counted = "1 way" if count == 1 else f"{count} ways"
    return f"differs from {model.name} in {counted}: localenv diff {environment.name} {model.name}"


def _model_of(told: Services, environment: EnvironmentId) -> EnvironmentId | None:
    """The environment named like the tier that this one's tier is shaped after, when it is there."""
    shape = tier_of(told, environment).shape_of
    if shape is None or shape == environment.name:
        return None
    model = EnvironmentId(project=environment.project, name=shape)
    return model if told.ledger.record(model) else None
