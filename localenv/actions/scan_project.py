"""Follows every file that Compose will read, within bounds, before Compose is started."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Final

from localenv.actions.scan_admission import Admission
from localenv.core.configuration.settings import Grant
from localenv.core.documents import Document
from localenv.core.findings import Note, Refusal
from localenv.core.interpolation import EnvValue, Lookup
from localenv.core.paths import absolute, shown
from localenv.core.scan.dotenv import layered, parse_env_file
from localenv.core.scan.keys import check_names
from localenv.core.scan.places import Places
from localenv.core.scan.references import Include, Reference, includes, service_references
from localenv.core.scan.scanned import Scanned
from localenv.core.scan.values import mentioned, unset_paths
from localenv.ports.files import ProjectFiles
from localenv.values import dataclass

__all__ = ["ScanInput", "ScanProject"]

_UNDERSTOOD: Final = frozenset({"COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME"})
"""Profiles are taken where the tier names none; the project's name is the environment's."""

_LoadDocuments = Callable[[bytes, str], tuple[Document, ...]]
_Values = Mapping[str, EnvValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanInput:
    """Which files to begin with. Paths are absolute."""

    root: str
    """What counts as inside the project; without symbolic links."""
    directory: str
    """Compose's project directory, from which relative paths count."""
    files: tuple[str, ...]
    env_files: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    """The caller's environment."""
    home: str = ""
    project: str = ""
    """The project's own directory, from which grants count their paths; empty: ``root``."""
    grants: tuple[Grant, ...] = ()


class ScanProject:
    """Reads files through ``ProjectFiles`` and decides about each before it is opened."""

    def __init__(self, files: ProjectFiles, load_documents: _LoadDocuments) -> None:
        self._files = files
        self._load_documents = load_documents

    def __call__(self, request: ScanInput) -> Scanned:
        """Scan. Raises ``InvalidInput`` for what is no Compose file or past the bounds, ``NotFound`` for a missing one."""
        scan = _Scan(self._files, self._load_documents, request)
        return scan.run()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """Compose files that make one model together."""

    files: tuple[str, ...]
    base: str
    layers: tuple[_Values, ...]
    only: str | None = None
    """The one service that is taken, for files that are extended."""
    taken_by: str | None = None


class _Scan:
    def __init__(self, files: ProjectFiles, load_documents: _LoadDocuments, request: ScanInput) -> None:
        self._files = files
        self._load = load_documents
        self._request = request
        self._admission = Admission(
            files, root=request.root, directory=request.project or request.root, home=request.home, grants=request.grants
        )
        self._waiting: deque[_Task] = deque()
        self._parsed: dict[str, tuple[Document, ...]] = {}
        self._done: set[tuple[str, str, str | None, str | None]] = set()
        self._main: list[Document] = []
        self._included: list[Document] = []
        self._extended: dict[str, list[tuple[Document, str]]] = {}
        self._conditional: dict[Refusal, None] = {}
        self._names: set[str] = {"HOME", "PWD"}
        self._unset: dict[str, None] = {}
        self._values: _Values = {}
        self._steered: dict[str, None] = {}

    def run(self) -> Scanned:
        caller = {name: EnvValue(value) for name, value in self._request.variables.items()}
        for file in (*self._request.files, *self._request.env_files):
            self._admission.admit_own(file)
        if not self._admission.refusals:
            self._values = self._env_files(self._request.env_files, (caller,))
            layers = (caller, self._values)
            self._waiting.append(_Task(files=self._request.files, base=self._request.directory, layers=layers))
        while self._waiting:
            self._take(self._waiting.popleft())
        return Scanned(
            places=Places(
                documents=(*self._included, *self._main),
                extended={service: tuple(found) for service, found in self._extended.items()},
            ),
            refusals=tuple(self._admission.refusals),
            used=tuple(self._admission.used),
            conditional=tuple(self._conditional),
            notes=self._notes(),
            read=self._admission.read,
            missing=self._admission.missing,
            profiles=self._profiles(),
            values={name: value.text for name, value in self._values.items()},
            names=frozenset(self._names),
            unset=tuple(self._unset),
        )

    def _take(self, task: _Task) -> None:
        lookup = layered(*task.layers)
        for file in task.files:
            key = (file, task.base, task.only, task.taken_by)
            if key in self._done:
                continue
            self._done.add(key)
            for document in self._documents(file):
                self._file_document(document, task)
                self._look_at(document, task, lookup)

    def _file_document(self, document: Document, task: _Task) -> None:
        if task.taken_by is not None and task.only is not None:
            self._extended.setdefault(task.taken_by, []).append((document, task.only))
        elif task.files == self._request.files:
            self._main.append(document)
        else:
            self._included.append(document)

    def _look_at(self, document: Document, task: _Task, lookup: Lookup) -> None:
        check_names(document)
        found = mentioned(document, lookup)
        self._names |= found.names
        if task.only is None:
            self._unset.update(dict.fromkeys(found.unset))
            for include in includes(document):
                self._include(include, document, task, lookup)
        self._conditional.update(dict.fromkeys(unset_paths(document, lookup, task.only)))
        for reference in service_references(document, task.only):
            if reference.kind == "extends":
                self._extend(reference, document, task, lookup)
            elif (path := self._admission.admitted(reference, document, task.base, lookup)) is not None:
                self._service_env_file(path, task.layers)

    def _include(self, include: Include, document: Document, task: _Task, lookup: Lookup) -> None:
        files = tuple(self._admission.admitted(reference, document, task.base, lookup) for reference in include.files)
        present = tuple(file for file in files if file is not None)
        if not present:
            return
        base = present[0].rpartition("/")[0] or "/"
        if include.directory is not None:
            folder = self._admission.clear(replace(include.files[0], text=include.directory), document, lookup)
            if folder is None:
                return
            base = absolute(folder, task.base, self._request.home)
        if include.env_files is None:
            own = absolute(".env", base)
            env_files: tuple[str, ...] = (own,) if self._admission.admit_own(own, optional=True) else ()
        else:
            named = (self._admission.admitted(reference, document, task.base, lookup) for reference in include.env_files)
            env_files = tuple(file for file in named if file is not None)
        layers = (*task.layers, self._env_files(env_files, task.layers))
        self._waiting.append(_Task(files=present, base=base, layers=layers))

    def _extend(self, reference: Reference, document: Document, task: _Task, lookup: Lookup) -> None:
        taken_by = task.taken_by or reference.service
        if not reference.text:
            if reference.target is not None and taken_by is not None:
                self._extended.setdefault(taken_by, []).append((document, reference.target))
                if task.only is not None and task.only != reference.target:
                    again = _Task(files=task.files, base=task.base, layers=task.layers, only=reference.target, taken_by=taken_by)
                    self._waiting.append(again)
            return
        path = self._admission.admitted(reference, document, task.base, lookup)
        if path is not None:
            base = path.rpartition("/")[0] or "/"
            self._waiting.append(_Task(files=(path,), base=base, layers=task.layers, only=reference.target, taken_by=taken_by))

    def _documents(self, file: str) -> tuple[Document, ...]:
        if file not in self._parsed:
            self._parsed[file] = self._load(self._admission.content(file), shown(file, self._request.root))
        return self._parsed[file]

    def _env_files(self, files: tuple[str, ...], around: tuple[_Values, ...]) -> _Values:
        values: dict[str, EnvValue] = {}
        for file in files:
            found = parse_env_file(self._admission.content(file), shown(file, self._request.root), layered(*around, values))
            values.update(found.values)
            self._names |= found.mentioned
            self._steered.update(dict.fromkeys(name for name in found.values if name.startswith("COMPOSE_")))
        return values

    def _service_env_file(self, path: str, around: tuple[_Values, ...]) -> None:
        found = parse_env_file(self._admission.content(path), shown(path, self._request.root), layered(*around))
        self._names |= found.mentioned

    def _profiles(self) -> tuple[str, ...]:
        chosen = self._values.get("COMPOSE_PROFILES")
        if chosen is None or chosen.opaque:
            return ()
        return tuple(name for part in chosen.text.split(",") if (name := part.strip()))

    def _notes(self) -> tuple[Note, ...]:
        steering = [name for name in self._steered if name not in _UNDERSTOOD]
        if not steering:
            return ()
        text = f"{', '.join(steering)} in .env: left out, localenv.yaml and the tier decide that"
        return (Note(code="compose-variables", message=text),)
