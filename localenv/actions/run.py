"""``run``: one more container of a service, in the networks and with the volumes of an environment that is there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Protocol

import msgspec

from localenv.actions.configuration import Loaded
from localenv.actions.masking import Masking
from localenv.actions.prepare import Prepare, PrepareRequest
from localenv.actions.resolve import Resolved
from localenv.core import labels
from localenv.core.configuration.environments import tier_left_to
from localenv.core.names import EnvironmentId
from localenv.core.observed import Observed
from localenv.core.rewrite.model import mapping
from localenv.core.run_model import RunModel, injected_copies, needed_services, run_model, used_volumes
from localenv.core.wanted import FileCopy, Rewritten
from localenv.errors import LocalenvError, NotFound
from localenv.errors.refused import Refused
from localenv.ports.compose import Compose
from localenv.ports.engine import Engine, VolumeSpec
from localenv.ports.router import Router
from localenv.ports.state import EnvironmentRecord, Ledger
from localenv.values import dataclass

__all__ = ["PreparedRun", "Run", "RunRequest", "with_every_profile"]

_EVERY_PROFILE = ("*",)


class RunStore(Protocol):
    """The part of ``ports.state.Store`` that a run needs."""

    def path(self, environment: EnvironmentId) -> str: ...
    def copy(self, wanted: FileCopy) -> None: ...
    def write_run(self, environment: EnvironmentId, service: str, model: RunModel) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What to run and how. Without ``command`` the service's own."""

    id: EnvironmentId
    service: str
    command: tuple[str, ...] = ()
    terminal: bool = False
    user: str | None = None
    workdir: str | None = None
    variables: tuple[str, ...] = ()
    """``NAME=VALUE``, or ``NAME`` for the caller's own value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """A call of Compose that is ready to be made."""

    file: str
    project_name: str
    directory: str
    arguments: tuple[str, ...]
    redact: Callable[[str], str] = str
    """Masks the environment's secrets."""


class Run:
    """Makes the container's file from the project as it is now, and hands the terminal to Compose."""

    def __init__(  # noqa: PLR0913 - what a container's making touches, handed in once by the wiring
        self,
        *,
        project: Callable[[EnvironmentRecord], Loaded],
        prepare: Prepare,
        engine: Engine,
        compose: Compose,
        router: Router,
        ledger: Ledger,
        store: RunStore,
        masking: Masking,
    ) -> None:
        self._project = project
        self._prepare = prepare
        self._engine = engine
        self._compose = compose
        self._router = router
        self._ledger = ledger
        self._store = store
        self._masking = masking

    def prepared(self, request: RunRequest) -> PreparedRun:
        """Have images, volumes and the file ready.

        Raises ``NotFound`` for an environment that is not up or a service that the project does not have, ``Refused``
        when the service asks for what is refused.
        """
        observed = self._engine.observe(request.id.project, request.id.name)
        record = self._ledger.record(request.id)
        if record is None or not observed.networks:
            raise NotFound(f"{request.id} is not up", hints=(f"localenv up {request.id.name}",), code="not-up")
        loaded = self._project(record)
        tier = tier_left_to(loaded.settings, request.id.name, record.tier)
        asked = PrepareRequest(loaded=loaded, id=request.id, tier=tier, data=record.data_profile)
        asked, resolved = self._with_service(asked, request.service, record)
        needed = needed_services(resolved.model, request.service)
        if refusals := tuple(each for each in resolved.refusals if each.service is None or each.service in needed):
            raise Refused(refusals)
        rewritten = self._rewritten(asked, resolved, needed)
        file = self._write(request, rewritten, record)
        self._create_volumes(rewritten, file.model, observed)
        return PreparedRun(
            file=file.path,
            project_name=request.id.compose_project,
            directory=resolved.directory,
            arguments=_arguments(request),
            redact=self._masking(rewritten.model, (each for files in rewritten.injected.values() for each in files)),
        )

    def start(self, prepared: PreparedRun) -> int:
        """Hand the terminal over; return the command's exit code when the container is removed."""
        return self._compose.attach(
            file=prepared.file,
            project_name=prepared.project_name,
            directory=prepared.directory,
            arguments=prepared.arguments,
        )

    def collect(self, prepared: PreparedRun, on_line: Callable[[str], None]) -> int:
        """The same without the terminal: each line that it prints is handed over, without secrets: it is kept and shown."""
        return self._compose.collect(
            file=prepared.file,
            project_name=prepared.project_name,
            directory=prepared.directory,
            arguments=prepared.arguments,
            on_line=lambda line: on_line(prepared.redact(line)),
        )

    def _with_service(self, asked: PrepareRequest, service: str, record: EnvironmentRecord) -> tuple[PrepareRequest, Resolved]:
        """The model that has the service: as the tier sees it, else with every profile of the Compose file active."""
        resolved = self._prepare.resolved(asked)
        if service in mapping(resolved.model, "services"):
            return asked, resolved
        if resolved.refusals and not resolved.model:
            raise Refused(resolved.refusals)
        wider = replace(asked, loaded=with_every_profile(asked.loaded, record.tier))
        everything = self._prepare.resolved(wider)
        known = mapping(everything.model, "services")
        if service not in known:
            near = get_close_matches(service, known, n=1)
            raise NotFound(
                f"{asked.id.project} has no service {service!a}",
                details=(f"services: {', '.join(known)}",),
                hints=(f"did you mean {near[0]}?",) if near else (),
                code="no-service",
            )
        return wider, everything

    def _rewritten(self, asked: PrepareRequest, resolved: Resolved, needed: frozenset[str]) -> Rewritten:
        inside = self._router.inside_address() if asked.loaded.settings.router.inside else None
        return self._prepare.rewritten(asked, resolved, self._router.status(), only=needed, inside=inside)

    def _write(self, request: RunRequest, rewritten: Rewritten, record: EnvironmentRecord) -> _RunFile:
        injected = rewritten.injected.get(request.service, ())
        digests = {file.target: hashlib.sha256(file.content).hexdigest() for file in injected}
        copies = injected_copies(injected, state_directory=self._store.path(request.id), digest=digests)
        mounts = {file.target: copy.target for file, copy in zip(injected, copies, strict=True)}
        model = run_model(rewritten, request.service, mounts=mounts, tier=self._labels(record))
        text = msgspec.json.encode(model).decode()
        for copy in (*copies, *(copy for copy in rewritten.copies if copy.target in text)):
            self._store.copy(copy)
        return _RunFile(path=self._store.write_run(request.id, request.service, model), model=model)

    def _create_volumes(self, rewritten: Rewritten, model: RunModel, observed: Observed) -> None:
        """A service of another profile may have volumes that the environment has not needed so far."""
        there = {volume.name for volume in observed.volumes}
        for volume in rewritten.volumes:
            if volume.shared or volume.name in there or volume.name not in used_volumes(model):
                continue
            if volume.seed is not None or volume.clone_of is not None:
                raise LocalenvError(
                    f"the volume {volume.key} is filled from the project by up, and this environment does not have it",
                    hints=(f"localenv up {observed.networks[0].environment}",),
                    code="volume-missing",
                )
            own = {labels.COMPOSE_VOLUME: volume.key, labels.CLASSIFICATION: volume.classification, labels.PROFILE: "none"}
            seen = observed.networks[0].labels
            marks = {key: value for key, value in seen.items() if key.startswith((labels.PREFIX, labels.COMPOSE_PROJECT))}
            self._engine.create_volume(VolumeSpec(name=volume.name, labels={**marks, **own}))

    def _labels(self, record: EnvironmentRecord) -> Mapping[str, str]:
        return {
            labels.OWNER: self._engine.owner,
            labels.PROJECT: record.id.project,
            labels.ENVIRONMENT: record.id.name,
            labels.TIER: record.tier,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _RunFile:
    path: str
    model: RunModel


def with_every_profile(loaded: Loaded, tier: str) -> Loaded:
    """The same project with all profiles of its Compose file active in a tier."""
    settings = loaded.settings
    widened = msgspec.structs.replace(settings.tiers[tier], compose_profiles=_EVERY_PROFILE)
    return loaded.with_settings(msgspec.structs.replace(settings, tiers={**settings.tiers, tier: widened}))


def _arguments(request: RunRequest) -> tuple[str, ...]:
    """``docker compose run``: names after ``--``, so that none is taken for an option."""
    return (
        *("run", "--rm", "--no-deps"),
        *(() if request.terminal else ("--no-TTY",)),
        *((f"--user={request.user}",) if request.user else ()),
        *((f"--workdir={request.workdir}",) if request.workdir else ()),
        *(f"--env={variable}" for variable in request.variables),
        "--",
        request.service,
        *request.command,
    )
