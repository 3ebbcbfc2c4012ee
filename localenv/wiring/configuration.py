"""Actions about configuration with what they need."""

from __future__ import annotations

from pathlib import Path

from localenv.actions.configuration import LoadSettings
from localenv.actions.configuration_schema import ConfigurationSchema
from localenv.actions.configuration_views import CheckConfiguration, ShowConfiguration, ShowTiers
from localenv.adapters.project_files import DiskFiles
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.ports.files import ProjectFiles

__all__ = ["check_configuration", "configuration_schema", "load_settings", "show_configuration", "show_tiers"]


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
