"""``snapshot``, ``clone``, ``gc`` and what of ``data`` is about baselines, with what they need."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from localenv.actions.build_data import BuildData
from localenv.actions.clone_environment import CloneEnvironment
from localenv.actions.configuration import Loaded
from localenv.actions.profiles import DataProfiles
from localenv.actions.replace_data import ReplaceData
from localenv.errors import LocalenvError
from localenv.wiring.environments import audit, environment, existing, load, project_here, services, tier_of
from localenv.wiring.services import Services

__all__ = [
    "audit",
    "build_data",
    "clone",
    "environment",
    "existing",
    "load",
    "profile_classes",
    "project_here",
    "replace_data",
    "services",
    "tier_of",
]


def clone(told: Services) -> CloneEnvironment:
    """Makes clones."""
    return CloneEnvironment(snapshots=told.snapshots, up=told.up, ledger=told.ledger)


def build_data(told: Services) -> BuildData:
    """Makes baselines ahead of time."""
    return BuildData(up=told.up, lifecycle=told.lifecycle, volumes=told.volumes)


def replace_data(told: Services) -> ReplaceData:
    """Resets and restores."""
    return ReplaceData(
        engine=told.engine,
        ledger=told.ledger,
        locks=told.locks,
        store=told.store,
        volumes=told.volumes,
        snapshots=told.snapshots,
        executor=told.executor(),
        up=told.up,
    )


def profile_classes(told: Services, directory: Path) -> list[tuple[str, str, str]]:
    """Name, class and place of every data profile of the project; the class of one that cannot be read is ``?``."""
    loaded = load(told, directory)
    return [(name, _class_of(told.profiles, loaded, name), path) for name, path in sorted(loaded.profiles.items())]


def _class_of(profiles: DataProfiles, loaded: Loaded, name: str) -> str:
    with suppress(LocalenvError):
        return profiles.decoded(loaded, name).classification
    return "?"
