"""What ``localenv config`` and ``localenv tiers`` tell."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localenv.actions.configuration import COMPOSE_NAMES, Loaded, LoadSettings, Parse
from localenv.core.configuration.data_profile import decode_data_profile
from localenv.core.configuration.flatten import ConfiguredValue, configured_values, printable_settings
from localenv.core.configuration.problems import Problem, raise_problems
from localenv.core.configuration.services import check_services
from localenv.core.documents import Document
from localenv.core.findings import Note
from localenv.core.paths import inside, shown
from localenv.core.tiers_table import TiersTable, tiers_table
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.files import ProjectFiles
from localenv.values import dataclass

__all__ = ["CheckConfiguration", "CheckedConfiguration", "ShowConfiguration", "ShowTiers", "ShownConfiguration"]

_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConfiguration:
    """The effective configuration with the origin of each value."""

    project: str
    directory: str
    settings: Mapping[str, Any]
    """As plain values, secrets hidden."""
    values: tuple[ConfiguredValue, ...]
    notes: tuple[Note, ...]


class ShowConfiguration:
    """Loads a project's configuration to be printed."""

    def __init__(self, load: LoadSettings) -> None:
        self._load = load

    def __call__(self, directory: str, command_line: Mapping[str, Any] | None = None) -> ShownConfiguration:
        """Load and flatten. Raises what ``LoadSettings`` raises."""
        loaded = self._load(directory, command_line)
        return ShownConfiguration(
            project=loaded.settings.project,
            directory=loaded.directory,
            settings=printable_settings(loaded.effective),
            values=configured_values(loaded.effective),
            notes=loaded.notes,
        )


class ShowTiers:
    """The tiers of a project, or the shipped ones where there is no project."""

    def __init__(self, load: LoadSettings) -> None:
        self._load = load

    def __call__(self, directory: str) -> TiersTable:
        """Load and tabulate. Raises what ``LoadSettings`` raises, but not for a missing project."""
        loaded = self._load.or_shipped(directory)
        return tiers_table(loaded.effective, project=loaded.settings.project if loaded.is_project else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedConfiguration:
    """A configuration that holds: what was read for it, and what is worth knowing."""

    project: str
    directory: str
    files: tuple[str, ...]
    """Relative to the project."""
    notes: tuple[Note, ...]


class CheckConfiguration:
    """Everything that can be checked without Compose or the engine: settings, data profiles, services."""

    def __init__(self, load: LoadSettings, files: ProjectFiles, parse: Parse) -> None:
        self._load = load
        self._files = files
        self._parse = parse

    def __call__(self, directory: str, command_line: Mapping[str, Any] | None = None) -> CheckedConfiguration:
        """Load and check. Raises ``InvalidInput`` that names every problem found."""
        loaded = self._load(directory, command_line)
        own = {name: path for name, path in loaded.profiles.items() if inside(path, loaded.directory)}
        compose = self._compose(loaded)
        problems = [
            *(problem for name, path in own.items() for problem in self._profile_problems(loaded, name, path)),
            *_service_problems(loaded, compose),
        ]
        raise_problems(problems)
        profiles = [shown(path, loaded.directory) for path in own.values()]
        files = (*loaded.documents, *profiles, *(document.file for document in compose))
        return CheckedConfiguration(
            project=loaded.settings.project, directory=loaded.directory, files=tuple(files), notes=loaded.notes
        )

    def _profile_problems(self, loaded: Loaded, name: str, path: str) -> Iterator[Problem]:
        try:
            decode_data_profile(self._parse(self._files.read(path, limit=_LIMIT), shown(path, loaded.directory)), name)
        except LocalenvError as error:
            yield from _as_problems(error)

    def _compose(self, loaded: Loaded) -> tuple[Document, ...]:
        """The Compose files of the project that can be parsed by themselves; others are for Compose to complain of."""
        names = (
            loaded.settings.compose
            or tuple(name for name in COMPOSE_NAMES if self._files.facts(posixpath.join(loaded.directory, name)).kind == "file")[
                :1
            ]
        )
        found = []
        for name in names:
            path = posixpath.join(loaded.directory, name)
            if self._files.facts(path).kind == "missing":
                where = loaded.where(("compose", names.index(name)))
                raise InvalidInput(f"the Compose file {name} is missing", where=where, code="no-compose-file")
            if inside(self._files.facts(path).real, self._files.facts(loaded.directory).real):
                found.append(self._parse(self._files.read(path, limit=_LIMIT), name))
        return tuple(found)


def _service_problems(loaded: Loaded, compose: Sequence[Document]) -> Iterator[Problem]:
    """Unknown services, when these files are all there is."""
    models = [document.value for document in compose if isinstance(document.value, dict)]
    if not models or any("include" in model for model in models):
        return
    services = {str(name) for model in models for name in _keys(model, "services")}
    volumes = {str(name) for model in models for name in _keys(model, "volumes")}
    yield from check_services(loaded.settings, services=services, volumes=volumes, where=loaded.where)


def _keys(model: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    value = model.get(key)
    return tuple(value) if isinstance(value, Mapping) else ()


def _as_problems(error: LocalenvError) -> Iterator[Problem]:
    if error.details:
        for line in error.details:
            where, _, text = line.partition("  ")
            yield Problem(where=where, path="", message=text)
    else:
        yield Problem(where=error.where or "", path="", message=error.message, hint=error.hints[0] if error.hints else None)
