"""Loading a project's configuration: where the project is, what its files say, and what counts in the end."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from localenv.core.configuration.branch import BRANCH_KEYS, of_branch
from localenv.core.configuration.effective import Effective, Layers, effective
from localenv.core.configuration.environments import environment_settings
from localenv.core.configuration.merge import Origin
from localenv.core.configuration.project_name import may_name_project, project_name
from localenv.core.configuration.settings import Settings
from localenv.core.documents import Document, Path
from localenv.core.findings import Note
from localenv.core.paths import inside
from localenv.core.releases.model import Release
from localenv.errors import InvalidInput, LocalenvError, NotFound
from localenv.ports.files import ProjectFiles
from localenv.values import dataclass

__all__ = ["COMPOSE_NAMES", "SETTINGS_NAME", "LoadSettings", "Loaded", "Parse", "environment_settings"]

SETTINGS_NAME = "localenv.yaml"
COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""In the order in which Compose prefers them."""

_LIMIT = 1024 * 1024
_ENDING = ".yaml"
Parse = Callable[[bytes, str], Document]
"""Parses YAML; the second argument is the name that errors print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A project and its effective configuration."""

    directory: str
    """Absolute: where localenv.yaml or the Compose file is."""
    effective: Effective
    documents: Mapping[str, Document] = field(default_factory=dict)
    """The project's files that were read, by their path in it."""
    profiles: Mapping[str, str] = field(default_factory=dict)
    """Absolute path of each data profile's file by its name."""
    notes: tuple[Note, ...] = ()
    is_project: bool = True
    """``False`` where there is no project, and this is what ships."""
    release: Release | None = None
    """The release whose files count, in place of the working tree."""
    tree: str | None = None
    """Absolute: where the release has the project's files."""
    origin: str = ""
    """The project's own checkout, where ``directory`` is in a worktree of localenv's own."""
    foreign: bool = False
    """Whether the files are somebody's branch: they get nothing of the caller's shell."""

    @property
    def code(self) -> str:
        """Absolute: where the Compose files and all that they name are."""
        return self.tree or self.directory

    @property
    def checkout(self) -> str:
        """Absolute: the project's own checkout, wherever its files are read from."""
        return self.origin or self.directory

    @property
    def settings(self) -> Settings:
        """The configuration as it counts."""
        return self.effective.settings

    @property
    def origins(self) -> Mapping[Path, Origin]:
        """Where each value that is not a default came from."""
        return self.effective.origins

    def with_settings(self, settings: Settings) -> Loaded:
        """The same project with other settings; where its values came from stays."""
        return replace(self, effective=replace(self.effective, settings=settings))

    def where(self, path: Path) -> str:
        """Place of a value for an error: its own, or its nearest ancestor's."""
        for length in range(len(path), 0, -1):
            origin = self.origins.get(path[:length])
            if origin is not None and origin.where:
                return origin.where
        return SETTINGS_NAME


class LoadSettings:
    """Finds the project around a directory and loads everything that configures it."""

    def __init__(self, files: ProjectFiles, parse: Parse, *, shipped: str, home: str | None = None) -> None:
        """``shipped``: directory that holds localenv's own ``profiles``; ``home``: the user's, where looking upwards ends."""
        self._files = files
        self._parse = parse
        self._shipped = shipped
        self._home = home

    def __call__(self, directory: str, command_line: Mapping[str, Any] | None = None) -> Loaded:
        """Load the project that ``directory`` belongs to; ``command_line`` has options nested as in localenv.yaml.

        Raises ``NotFound`` where there is no project, ``InvalidInput`` that names every problem of its files.
        """
        root = self.find_root(directory)
        return self._loaded(root, self._own(root, SETTINGS_NAME), command_line or {})

    def at(self, root: str) -> Loaded:
        """The project whose files are in ``root`` and nowhere above: a commit's, or a release's.

        Raises ``NotFound`` (code ``no-compose-file``) when there is none.
        """
        if not any(self._is_file(posixpath.join(root, name)) for name in (SETTINGS_NAME, *COMPOSE_NAMES)):
            raise NotFound("this commit has no Compose file where the project is", where=root, code="no-compose-file")
        return self._loaded(root, self._own(root, SETTINGS_NAME), {})

    def refuse_link(self, root: str) -> None:
        """Raises ``InvalidInput`` (code ``outside-project``) when a link of a commit leads to where its project should be."""
        if self._files.facts(root).real != root:
            raise InvalidInput(
                "the folder of the project is a link in this commit, which leads elsewhere", where=root, code="outside-project"
            )

    def in_worktree(self, root: str, project: Loaded, *, foreign: bool) -> Loaded:
        """The files in ``root``, a worktree of localenv's own, under the rules of ``project``, its own checkout.

        Raises ``NotFound`` (code ``no-compose-file``) when the commit has no project there, ``InvalidInput`` (code
        ``outside-project``) when a link leads there.
        """
        self.refuse_link(root)
        loaded = self.at(root)
        settings, notes = of_branch(loaded.settings, project.settings)
        own = {path: origin for path, origin in loaded.origins.items() if path and path[0] in BRANCH_KEYS}
        rules = {path: origin for path, origin in project.origins.items() if not path or path[0] not in BRANCH_KEYS}
        return replace(
            loaded,
            effective=replace(loaded.effective, settings=settings, origins={**rules, **own}),
            notes=(*loaded.notes, *notes),
            origin=project.directory,
            foreign=foreign,
        )

    def without_settings(self, root: str) -> Loaded:
        """The project in ``root`` as it would be with no localenv.yaml."""
        return self._loaded(root, None, {})

    def with_settings(self, root: str, text: str) -> Loaded:
        """The project in ``root`` as it would be if localenv.yaml had this text."""
        return self._loaded(root, self._parse(text.encode(), SETTINGS_NAME), {})

    def _loaded(self, root: str, settings: Document | None, command_line: Mapping[str, Any]) -> Loaded:
        own_tiers = dict(self._tiers(root, shown="profiles/tiers"))
        profiles = {**self._profiles(self._shipped), **self._profiles(root)}
        name, origin = self._project_name(root, settings)
        layers = Layers(
            project=name,
            project_origin=origin,
            shipped_tiers=dict(self._tiers(self._shipped, shown="profiles/tiers")),
            own_tiers=own_tiers,
            settings=settings,
            command_line=command_line,
        )
        counted = effective(layers, profiles=profiles)
        documents = {document.file: document for document in (*own_tiers.values(), *((settings,) if settings else ()))}
        return Loaded(
            directory=root,
            effective=counted,
            documents=documents,
            profiles=profiles,
            notes=(*counted.notes, *self._misspelt(root)),
        )

    def or_shipped(self, directory: str) -> Loaded:
        """Like a call; where there is no project, the configuration that every project starts from, with ``directory``."""
        try:
            return self(directory)
        except NotFound:
            return Loaded(directory=directory, effective=self._shipped_alone(), is_project=False)

    def shipped(self) -> Settings:
        """What counts where no project says otherwise: the shipped tiers."""
        return self._shipped_alone().settings

    def _shipped_alone(self) -> Effective:
        tiers = dict(self._tiers(self._shipped, shown="profiles/tiers"))
        return effective(Layers(project="any", project_origin="no project", shipped_tiers=tiers))

    def find_root(self, directory: str) -> str:
        """The project's directory: the nearest one upwards with a localenv.yaml, else the nearest with a Compose file.

        Looking upwards ends at the root of the git repository and below the home directory.
        """
        above = list(self._upwards(directory))
        for names in ((SETTINGS_NAME,), COMPOSE_NAMES):
            for place in above:
                if any(self._is_file(posixpath.join(place, name)) for name in names):
                    return place
        raise NotFound(
            f"there is no project in {directory}: neither {SETTINGS_NAME} nor a Compose file, there or above",
            hints=("cd to a directory with a compose.yaml", "localenv demo   (the demo shop, to look around)"),
            code="no-project",
        )

    def _upwards(self, directory: str) -> Iterator[str]:
        place = directory
        while True:
            yield place
            above = posixpath.dirname(place)
            if above in {place, "/", self._home} or self._files.facts(posixpath.join(place, ".git")).kind != "missing":
                return
            place = above

    def _project_name(self, root: str, settings: Document | None) -> tuple[str, str]:
        stated = settings.value if settings is not None and isinstance(settings.value, dict) else {}
        if isinstance(stated.get("project"), str):
            return project_name(None, "", posixpath.basename(root))
        listed = stated.get("compose")
        files: list[Any] = listed if isinstance(listed, list) and listed else self._default_compose(root)
        for file in reversed(files):
            model = self._named_model(root, file) if isinstance(file, str) else None
            if model is not None:
                return project_name(model, file, posixpath.basename(root))
        return project_name(None, "", posixpath.basename(root))

    def _default_compose(self, root: str) -> list[str]:
        return [name for name in COMPOSE_NAMES if self._is_file(posixpath.join(root, name))][:1]

    def _named_model(self, root: str, file: str) -> Any:
        """The parsed Compose file when it has a name; what is wrong with it is told by those who read it in full."""
        path = posixpath.normpath(posixpath.join(root, file))
        try:
            if not inside(self._files.facts(path).real, self._files.facts(root).real):
                return None
            text = self._files.read(path, limit=_LIMIT)
            value = self._parse(text, file).value if may_name_project(text) else None
        except LocalenvError:
            return None
        return value if isinstance(value, dict) and "name" in value else None

    def _own(self, root: str, relative: str) -> Document | None:
        """A file of the project, ``None`` when it is missing. It may not lead out of the project."""
        path = posixpath.join(root, relative)
        facts = self._files.facts(path)
        if facts.kind == "missing":
            return None
        if not inside(facts.real, self._files.facts(root).real):
            raise InvalidInput(f"{relative} leads out of the project", where=relative, code="outside-project")
        return self._parse(self._files.read(path, limit=_LIMIT), relative)

    def _tiers(self, root: str, *, shown: str) -> Iterator[tuple[str, Document]]:
        for entry in self._files.entries(posixpath.join(root, "profiles/tiers")):
            if entry.endswith(_ENDING) and (document := self._own(root, f"{shown}/{entry}")) is not None:
                yield entry.removesuffix(_ENDING), document

    def _profiles(self, root: str) -> dict[str, str]:
        folder = posixpath.join(root, "profiles/data")
        return {
            entry.removesuffix(_ENDING): posixpath.join(folder, entry)
            for entry in self._files.entries(folder)
            if entry.endswith(_ENDING)
        }

    def _misspelt(self, root: str) -> Iterator[Note]:
        for name in ("localenv.yml", ".localenv.yaml"):
            if self._is_file(posixpath.join(root, name)):
                yield Note(code="not-read", message=f"{name} is not read: the file is called {SETTINGS_NAME}")
        for folder in ("profiles/tiers", "profiles/data"):
            for entry in self._files.entries(posixpath.join(root, folder)):
                if entry.endswith(".yml"):
                    yield Note(code="not-read", message=f"{folder}/{entry} is not read: its ending must be {_ENDING}")

    def _is_file(self, path: str) -> bool:
        return self._files.facts(path).kind == "file"
