"""Actions about configuration with what they need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from localenv.actions.configuration import LoadSettings
from localenv.actions.configuration_schema import ConfigurationSchema
from localenv.actions.configuration_views import CheckConfiguration, ShowConfiguration, ShowTiers
from localenv.adapters.project_files import DiskFiles
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.ports.files import ProjectFiles

if TYPE_CHECKING:
    from localenv.actions.configuration import Loaded
    from localenv.actions.init_project import InitProject
    from localenv.core.wanted import Model

__all__ = ["check_configuration", "configuration_schema", "init_project", "load_settings", "show_configuration", "show_tiers"]


def load_settings(files: ProjectFiles | None = None) -> LoadSettings:
    """Loads a project's settings from the disk."""
    return LoadSettings(files or DiskFiles(), load_document, shipped=str(shipped_root()), home=str(Path.home()))


def show_configuration() -> ShowConfiguration:
    """For ``config show``."""
    return ShowConfiguration(load_settings())


def check_configuration() -> CheckConfiguration:
    """For ``config check``."""
    files = DiskFiles()
    return CheckConfiguration(load_settings(files), files, load_document)


def configuration_schema() -> ConfigurationSchema:
    """For ``config schema``."""
    return ConfigurationSchema()


def show_tiers() -> ShowTiers:
    """For ``tiers``."""
    return ShowTiers(load_settings())


@contextmanager
def init_project() -> Iterator[InitProject]:
    """For ``init``: needs Compose to resolve the project's files, but no engine."""
    from localenv.actions.init_project import InitProject
    from localenv.actions.resolve import ResolveInput
    from localenv.adapters.atomic_files import write_whole
    from localenv.core.configuration.environments import environment_settings
    from localenv.core.names import EnvironmentId
    from localenv.errors.refused import Refused
    from localenv.wiring.services import services

    with services() as told:

        def resolve(loaded: Loaded) -> Model:
            settings = loaded.settings
            name = next(iter(settings.tiers))
            tier, _data = environment_settings(settings, name)
            found = EnvironmentId(project=settings.project, name=name)
            resolved = told.resolve(ResolveInput(directory=loaded.directory, id=found, settings=settings, tier=tier))
            if resolved.refusals and not resolved.model:
                raise Refused(resolved.refusals)
            return resolved.model

        def write(path: str, text: str) -> None:
            write_whole(Path(path), text.encode(), mode=0o644)

        yield InitProject(told.load_settings, resolve, told.files, write)
