"""From a project's files to the model that Compose makes of them, scanned before and checked after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from localenv import __version__
from localenv.actions.find_compose_files import ComposeFiles, find_compose_files
from localenv.actions.witnessed import WitnessedMemory
from localenv.core.check.context import ENGINE_SOCKETS, CheckContext
from localenv.core.check.model import check, in_order, paths_of
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.findings import Note, Refusal
from localenv.core.names import EnvironmentId
from localenv.core.paths import absolute, shown
from localenv.core.scan.extensions import with_extensions
from localenv.core.scan.scanned import Scanned
from localenv.core.typed import from_msgpack
from localenv.core.wanted import Model
from localenv.errors import LocalenvError
from localenv.errors.compose import ModelInvalid
from localenv.ports.cache import Cache
from localenv.ports.compose import Compose, ResolveRequest
from localenv.ports.files import ProjectFiles
from localenv.values import dataclass

if TYPE_CHECKING:
    from localenv.actions.scan_project import ScanProject

__all__ = ["ResolveInput", "ResolveProject", "Resolved"]

_FORMAT: Final = 6
"""Of a cached result; another number leaves the old ones unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveInput:
    """One environment of the project in ``directory``."""

    directory: str
    id: EnvironmentId
    settings: Settings
    tier: TierProfile
    root: str | None = None
    """What counts as inside the project, when it is more than ``directory``."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Generated values (``secrets`` of localenv.yaml): variables of their names have these values."""
    foreign: bool = False
    """Whether the files are somebody's branch, which gets nothing of the caller's shell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The model of one environment, before it is rewritten. With refusals it must not be run."""

    model: Model
    """Empty when a file was refused that Compose would have read."""
    directory: str
    """Compose's project directory."""
    files: tuple[str, ...]
    """Compose files in the order of merging, absolute."""
    env_files: tuple[str, ...] = ()
    files_read: tuple[str, ...] = ()
    """Every file that the model hangs on, absolute."""
    shown_files: tuple[str, ...] = ()
    """The Compose files and env files as a person names them."""
    places: Mapping[str, str] = field(default_factory=dict)
    """``file:line:column`` by dotted path: of services and their keys, networks, volumes, secrets and configs."""
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()
    leads_to: Mapping[str, str] = field(default_factory=dict)
    """Where each path of the machine that the model names led when it was checked."""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Values of the variables that secrets and configs name with ``environment``."""
    named: tuple[str, ...] = ()
    """Variables that the files name: what they are set to makes a difference."""


class ResolveProject:
    """Finds, scans, resolves and checks; a result is taken from the cache when nothing that it hangs on has changed."""

    def __init__(
        self,
        *,
        files: ProjectFiles,
        compose: Compose,
        scan: Callable[[], ScanProject],
        cache: Cache,
        variables: Mapping[str, str],
        plugin: Callable[[], str],
    ) -> None:
        """``variables``: the caller's environment, without what Compose does not get to see.

        ``scan`` and ``plugin`` are asked for when they are needed; ``plugin`` tells one installed Compose from another, quickly.
        """
        self._files = files
        self._compose = compose
        self._scan = scan
        self._variables = variables
        self._memory = WitnessedMemory(cache, files, variables)
        self._plugin = plugin

    def __call__(self, request: ResolveInput) -> Resolved:
        """Resolve one environment. Refusals are part of the result.

        Raises ``InvalidInput`` with file and line for files that cannot be used, ``NotFound`` for missing ones.
        """
        directory = self._files.facts(request.directory).real
        root = self._files.facts(request.root).real if request.root else directory
        found = find_compose_files(self._files, directory, request.settings, request.tier)
        key = self._key(request, found, root)
        if (known := self._remembered(key)) is not None:
            return known
        from localenv.actions.scan_project import ScanInput

        scanned = self._scan()(
            ScanInput(
                root=root,
                directory=found.directory,
                files=found.files,
                env_files=found.env_files,
                variables=self._given(request, found),
                home=self._variables.get("HOME", ""),
                project=directory,
                grants=request.settings.grants,
            )
        )
        result = self._result(request, found, scanned)
        if scanned.refusals:
            return result
        result = self._resolved(request, found, scanned, root, result)
        self._memory.put(
            key,
            msgspec.msgpack.encode(result),
            read=scanned.read,
            names=scanned.names - {"PWD"},
            looked_at=(*paths_of(result.model), *ENGINE_SOCKETS),
        )
        return result

    def check_again(self, resolved: Resolved) -> None:
        """Right before a start: raises ``LocalenvError`` (code ``path-changed``) when a path leads elsewhere by now."""
        for path, real in resolved.leads_to.items():
            now = self._files.facts(path).real
            if now != real:
                raise LocalenvError(
                    f"{shown(path, resolved.directory)} was exchanged while this command ran: it leads to {now} now",
                    code="path-changed",
                    hints=("run the same command again, and the new place is checked",),
                )

    def _result(self, request: ResolveInput, found: ComposeFiles, scanned: Scanned) -> Resolved:
        root = self._files.facts(request.directory).real
        notes = [*found.notes, *scanned.notes]
        if scanned.profiles and not request.tier.compose_profiles:
            text = f"profiles {', '.join(scanned.profiles)}: chosen by COMPOSE_PROFILES in .env"
            notes.append(Note(code="compose-profiles", message=text))
        if scanned.unset:
            names = ", ".join(scanned.unset)
            hint = f"; try: {_copy(found)}" if found.example else ""
            notes.append(Note(code="unset-variables", message=f"set nowhere, and so empty: {names}{hint}"))
        return Resolved(
            model={},
            directory=found.directory,
            files=found.files,
            env_files=found.env_files,
            files_read=tuple(path for path, digest in scanned.read.items() if digest),
            shown_files=tuple(shown(path, root) for path in (*found.files, *found.env_files)),
            named=tuple(sorted(scanned.names)),
            refusals=in_order(scanned.refusals),
            notes=tuple(notes),
        )

    def _resolved(self, request: ResolveInput, found: ComposeFiles, scanned: Scanned, root: str, result: Resolved) -> Resolved:
        try:
            model = self._compose.resolve(
                ResolveRequest(
                    directory=found.directory,
                    project_name=request.id.compose_project,
                    files=found.files,
                    env_files=found.env_files,
                    profiles=request.tier.compose_profiles or scanned.profiles,
                    variables={**request.secrets, "PWD": found.directory},
                )
            )
        except ModelInvalid as error:
            placed = _placed(error, scanned, found, root, self._example_of(error.file))
            if scanned.conditional and placed.where is None:
                return replace(result, refusals=in_order(_with_example(refusal, found) for refusal in scanned.conditional))
            raise placed from None
        model = with_extensions(_with_nothing_handed_on(model) if request.foreign else model, scanned.places)
        context = CheckContext(
            root=root,
            directory=self._files.facts(request.directory).real,
            settings=request.settings,
            places=scanned.places,
            facts={path: self._files.facts(path) for path in paths_of(model)},
            sockets=tuple({*ENGINE_SOCKETS, *(self._files.facts(path).real for path in ENGINE_SOCKETS)}),
            home=self._variables.get("HOME", ""),
        )
        services = model.get("services") or {}
        conditional = tuple(
            _with_example(refusal, found)
            for refusal in scanned.conditional
            if refusal.service is None or refusal.service in services
        )
        checked = check(model, context, also=conditional, used=scanned.used)
        return replace(
            result,
            model=model,
            refusals=checked.refusals,
            notes=(*result.notes, *checked.notes),
            places=scanned.places.of_model(model),
            leads_to={path: facts.real for path, facts in context.facts.items()},
            variables=_wanted_variables(model, {**scanned.values, **self._given(request, found)}),
        )

    def _example_of(self, file: str | None) -> str | None:
        """What stands beside a missing env file to be copied to it, such as ``api/.env.example``."""
        if file is None:
            return None
        beside = (f"{file}{end}" for end in (".example", ".sample", ".template", ".dist"))
        return next((path for path in beside if self._files.facts(path).exists), None)

    def _given(self, request: ResolveInput, found: ComposeFiles) -> Mapping[str, str]:
        """What Compose finds set around the env files: the caller's variables, its own folder, and the project's name."""
        callers = {name: value for name, value in self._variables.items() if not name.startswith(("COMPOSE_", "GIT_"))}
        return {**callers, **request.secrets, "PWD": found.directory, "COMPOSE_PROJECT_NAME": request.id.compose_project}

    def _key(self, request: ResolveInput, found: ComposeFiles, root: str) -> str:
        settings = request.settings
        parts: list[Any] = [
            _FORMAT,
            __version__,
            self._plugin(),
            request.id.compose_project,
            request.directory,
            root,
            found,
            settings.grants,
            settings.volumes,
            request.tier.compose_profiles,
            self._variables.get("HOME"),
            dict(request.secrets),
            request.foreign,
        ]
        return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()

    def _remembered(self, key: str) -> Resolved | None:
        known = self._memory.get(key)
        try:
            return None if known is None else from_msgpack(known, Resolved)
        except (msgspec.MsgspecError, ValueError):
            return None


def _with_nothing_handed_on(model: Model) -> Model:
    """The model without variables and build arguments that have no value: Compose would take theirs from the shell."""
    services = {
        name: {
            **service,
            **({"environment": _with_values(found)} if isinstance(found := service.get("environment"), dict) else {}),
            **(
                {"build": {**build, "args": _with_values(build["args"])}} if _has_arguments(build := service.get("build")) else {}
            ),
        }
        for name, service in (model.get("services") or {}).items()
    }
    return {**model, "services": services}


def _has_arguments(build: Any) -> bool:
    return isinstance(build, dict) and isinstance(build.get("args"), dict)


def _with_values(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}


def _wanted_variables(model: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    entries = [entry for section in ("secrets", "configs") for entry in (model.get(section) or {}).values()]
    names = {str(entry["environment"]) for entry in entries if isinstance(entry, dict) and entry.get("environment")}
    return {name: values[name] for name in sorted(names) if name in values}


def _placed(error: ModelInvalid, scanned: Scanned, found: ComposeFiles, root: str, example: str | None) -> ModelInvalid:
    """Compose names a path, a variable or a file; the scan knows the line."""
    place = scanned.places.find_dotted(error.path) if error.path else None
    if place is None and error.variable:
        place = scanned.places.find_variable(error.variable)
    where = str(place) if place else scanned.missing.get(error.file or "", error.where)
    message = error.message.replace(error.file, shown(error.file, root)) if error.file else error.message
    hints = error.hints
    if found.example and (error.variable or scanned.unset or error.file == absolute(".env", found.directory)):
        hints = (_copy(found), *hints)
    elif error.file and example:
        hints = (f"cp {shown(example, root)} {shown(error.file, root)}   and fill it in", *hints)
    if found.left_out and error.path:
        hints = (*hints, f"{found.left_out} is left out here: compose_override: true, under the tier in localenv.yaml, takes it")
    return ModelInvalid(message, path=error.path, variable=error.variable, file=error.file, where=where, hints=hints)


def _with_example(refusal: Refusal, found: ComposeFiles) -> Refusal:
    return replace(refusal, hint=_copy(found)) if found.example else refusal


def _copy(found: ComposeFiles) -> str:
    return f"cp {found.example} .env   and fill it in"
