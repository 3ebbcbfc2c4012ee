"""From a project and an environment's name to what is wanted, what is there, and the plan between the two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from localenv.actions.admit_data import AdmitData, Admitted
from localenv.actions.allocate import Allocate, Needs
from localenv.actions.builds import BuildRequest
from localenv.actions.configuration import Loaded, environment_settings
from localenv.actions.environment_images import EnvironmentImages, FoundImages, run_by
from localenv.actions.profiles import LoadedProfile
from localenv.actions.refused_data import refuse_present
from localenv.actions.resolve import Resolved, ResolveInput, ResolveProject
from localenv.core.configuration.environments import has_tier
from localenv.core.configuration.problems import nearest
from localenv.core.configuration.tier import TierProfile
from localenv.core.findings import Note, Refusal
from localenv.core.names import EnvironmentId
from localenv.core.observed import Observed
from localenv.core.placing import needed_ports, needed_subnets, place
from localenv.core.plan import DataFacts, ImageMissing
from localenv.core.rewrite import (
    BindFacts,
    Platform,
    RewriteContext,
    RouterFacts,
    SecretValues,
    hashed_paths,
    mounted_paths,
    rewrite,
)
from localenv.core.summary import seen_ready
from localenv.core.wanted import Model, Rewritten, Wanted
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.engine import Engine
from localenv.ports.files import ProjectFiles
from localenv.ports.router import RouterStatus
from localenv.ports.state import EnvironmentRecord, Ledger, Locks, Store
from localenv.values import dataclass

__all__ = ["Prepare", "PrepareRequest", "Prepared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareRequest:
    """One environment of a loaded project."""

    loaded: Loaded
    id: EnvironmentId
    tier: str | None = None
    data: str | None = None
    scale: float | None = None
    """Multiplies the rows that the data profile generates; ``None``: as the environment has it."""
    build: bool = False
    change: bool = True
    """Whether images may be fetched and built, and addresses taken; false for a dry run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that a plan is made from."""

    id: EnvironmentId
    tier: TierProfile
    wanted: Wanted
    observed: Observed
    profile: LoadedProfile | None
    data: DataFacts | None
    refusals: tuple[Refusal, ...] = ()
    images_missing: tuple[ImageMissing, ...] = ()
    holds_binds: bool = False
    context: RewriteContext
    model: Model
    """As resolved: the same in every environment but for names, secrets and what its tier sets."""


class Prepare:
    """Resolve, build, rewrite, allocate, observe: in this order, each by whom it belongs to."""

    def __init__(  # noqa: PLR0913 - the pipeline's parts, handed in once by the wiring
        self,
        *,
        engine: Engine,
        ledger: Ledger,
        locks: Locks,
        store: Store,
        files: ProjectFiles,
        resolve: Callable[[Loaded | None], ResolveProject],
        images: EnvironmentImages,
        admit: AdmitData,
        allocate: Allocate,
        platform: Platform,
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._locks = locks
        self._store = store
        self._files = files
        self._resolve = resolve
        self._images = images
        self._admit = admit
        self._allocate = allocate
        self._platform = platform

    def resolved(self, request: PrepareRequest) -> Resolved:
        """The resolved and checked model; refusals are in it."""
        tier, _data = environment_settings(request.loaded.settings, request.id.name, self._tier_of(request), request.data)
        return self._resolve(request.loaded)(
            ResolveInput(
                directory=request.loaded.code,
                id=request.id,
                settings=request.loaded.settings,
                tier=tier,
                secrets=self._secrets(request),
                foreign=request.loaded.foreign,
            )
        )

    def admitted(self, request: PrepareRequest, model: Model) -> Admitted:
        """Data that the environment would have. Raises ``DataRefused`` for what its tier does not take; makes nothing."""
        record = self._ledger.record(request.id)
        chosen = request.data or (record.data_profile if record else None)
        tier, data = environment_settings(request.loaded.settings, request.id.name, self._tier_of(request), chosen)
        found = self._admit(request.loaded, tier, data, model)
        return replace(found, profile=_scaled(found.profile, request, record))

    def forget_unused(self, environment: EnvironmentId) -> None:
        """Remove the folder of an environment that came to nothing: it holds secrets that nobody uses."""
        if self._ledger.record(environment) is None and self._store.rendered(environment) is None:
            self._store.remove(environment)

    def check_again(self, resolved: Resolved) -> None:
        """Hold what the model mounts to where it led when it was checked."""
        self._resolve(None).check_again(resolved)

    def __call__(
        self, request: PrepareRequest, resolved: Resolved, router: RouterStatus, *, inside: str | None = None
    ) -> Prepared:
        """Make the wanted side and read the observed one."""
        record = self._ledger.record(request.id)
        tier, _data = environment_settings(request.loaded.settings, request.id.name, self._tier_of(request), request.data)
        admitted = self.admitted(request, resolved.model)
        profile = admitted.profile
        observed = self._observed(request.id, record)
        refuse_present({seen.name: seen.classification for seen in observed.volumes}, request.id, tier, request.loaded)
        holds = self._holds_binds(request, tier, record, observed)
        context = self._context(
            request, resolved, tier, admitted, RouterFacts(mode=router.mode, https_port=router.https_port, inside_address=inside)
        )
        context = replace(context, holds_binds=holds)
        images = self._found_images(request, rewrite(resolved.model, context).model)
        context = replace(context, images=images.details)
        rewritten = rewrite(resolved.model, context)
        needs = Needs(subnets=needed_subnets(rewritten, context), ports=needed_ports(rewritten))
        allocations = self._allocate(request.id, needs, observed, keep=request.change)
        wanted = place(rewritten, context, allocations)
        if request.loaded.release is not None:
            wanted = replace(wanted, model=run_by(wanted.model, images.kept))
        return Prepared(
            id=request.id,
            tier=tier,
            wanted=replace(wanted, notes=(*resolved.notes, *wanted.notes, *_unknown_services(request, tier, resolved.model))),
            observed=observed,
            profile=profile,
            data=profile.facts(wanted) if profile else None,
            refusals=resolved.refusals,
            images_missing=() if request.loaded.release else self._images.missing(wanted.model, context.images),
            holds_binds=holds,
            context=context,
            model=resolved.model,
        )

    def rewritten(
        self,
        request: PrepareRequest,
        resolved: Resolved,
        router: RouterStatus,
        *,
        only: frozenset[str],
        inside: str | None = None,
    ) -> Rewritten:
        """The model of an existing environment before addresses, for one more container of the services ``only``.

        Their images are there afterwards; nothing is allocated and nothing remembered.
        """
        record = self._ledger.record(request.id)
        tier, _data = environment_settings(request.loaded.settings, request.id.name, self._tier_of(request), request.data)
        needed = {name: service for name, service in (resolved.model.get("services") or {}).items() if name in only}
        admitted = self.admitted(request, {**resolved.model, "services": needed})
        facts = RouterFacts(mode=router.mode, https_port=router.https_port, inside_address=inside)
        context = self._context(request, resolved, tier, admitted, facts)
        context = replace(context, holds_binds=record.holds_binds if record else False)
        draft = rewrite(resolved.model, context)
        wanted = {name: service for name, service in (draft.model.get("services") or {}).items() if name in only}
        images = self._found_images(request, {**draft.model, "services": wanted})
        rewritten = rewrite(resolved.model, replace(context, images=images.details))
        return replace(rewritten, model=run_by(rewritten.model, images.kept)) if request.loaded.release else rewritten

    def give_back(self, environment: EnvironmentId, port: int) -> bool:
        """Give up a loopback port that something else has taken; whether it was one that was chosen here."""
        return self._allocate.release_port(environment, port)

    def _observed(self, environment: EnvironmentId, record: EnvironmentRecord | None) -> Observed:
        observed = self._engine.observe(environment.project, environment.name)
        ready = record.ready if record else None
        return replace(observed, containers=tuple(seen_ready(seen, ready) for seen in observed.containers))

    def _tier_of(self, request: PrepareRequest) -> str | None:
        """The tier that was asked for, or the one that an existing environment has."""
        if request.tier is not None:
            return request.tier
        settings = request.loaded.settings
        if has_tier(settings, request.id.name):
            return None
        record = self._ledger.record(request.id)
        return record.tier if record and record.tier in settings.tiers else None

    def _context(
        self,
        request: PrepareRequest,
        resolved: Resolved,
        tier: TierProfile,
        admitted: Admitted,
        router: RouterFacts,
    ) -> RewriteContext:
        settings = request.loaded.settings
        profile = admitted.profile
        return RewriteContext(
            id=request.id,
            tier=tier,
            settings=settings,
            owner=self._engine.owner,
            directory=self._files.facts(request.loaded.code).real,
            checkout=self._files.facts(request.loaded.checkout).real,
            state_directory=self._store.directory(request.id) if request.change else self._store.path(request.id),
            builds=self._images.digests(resolved.model, request.loaded.release, resolved.directory),
            binds=self._bind_facts(resolved.model, tier, request.loaded.code),
            secrets=SecretValues(self._secrets(request)),
            variables=SecretValues(resolved.variables),
            router=router,
            data_profile=profile.name if profile else None,
            data_class=profile.classification if profile else "synthetic",
            external_classes=admitted.external_classes,
            release=request.loaded.release.name if request.loaded.release else None,
            platform=self._platform,
        )

    def _secrets(self, request: PrepareRequest) -> Mapping[str, str]:
        """Generated values; a dry run takes those that are there, so that it sees no difference where there is none.

        One that is not there yet has a value that stands for it: the same baseline is recognised with it.
        """
        wanted = {name: (spec.generate, spec.length) for name, spec in request.loaded.settings.secrets.items()}
        if request.change:
            return self._store.secrets(request.id, wanted)
        kept = self._store.kept_secrets(request.id)
        return {name: kept.get(name, f"not-made-yet-{name}") for name in wanted}

    def _bind_facts(self, model: Model, tier: TierProfile, directory: str) -> Mapping[str, BindFacts]:
        """Kinds of all mounted paths; their digests too, since a one-shot runs again when its binds have changed."""
        found: dict[str, BindFacts] = {}
        hashed = hashed_paths(model, self._files.facts(directory).real)
        for path in mounted_paths(model):
            kind = self._files.facts(path).kind
            known = kind if kind in {"file", "directory", "missing"} else "other"
            digest = ""
            if known in {"file", "directory"} and path in hashed:
                try:
                    digest = self._files.digest(path, ignore=frozenset(hashed[path]).__contains__)
                except LocalenvError:
                    if tier.binds == "captured":
                        raise
            found[path] = BindFacts(kind=known, digest=digest)
        return found

    def _holds_binds(
        self, request: PrepareRequest, tier: TierProfile, record: EnvironmentRecord | None, observed: Observed
    ) -> bool:
        """One development environment of a project has the live binds: the first, until it is destroyed.

        One that is on its way up has nothing on the engine yet, and is known by its lock.
        """
        if tier.binds != "live":
            return False
        if record is not None and (observed.containers or observed.volumes or observed.networks):
            return record.holds_binds
        with self._locks.allocations():
            others = [
                other
                for other in self._ledger.records()
                if other.holds_binds and other.id.project == request.id.project and other.id != request.id
            ]
            holds = not any(self._exists(other.id) or self._locks.is_held(other.id) for other in others)
            if request.change:
                claim = record or EnvironmentRecord(id=request.id, tier=tier.tier, directory=request.loaded.directory)
                self._ledger.save(replace(claim, holds_binds=holds))
        return holds

    def _exists(self, environment: EnvironmentId) -> bool:
        seen = self._engine.observe(environment.project, environment.name)
        return bool(seen.containers or seen.networks or seen.volumes)

    def _found_images(self, request: PrepareRequest, model: Model) -> FoundImages:
        if (release := request.loaded.release) is not None:
            return self._images.of_release(request.id, model, release)
        wanted = BuildRequest(environment=request.id, directory=request.loaded.code, model=model, again=request.build)
        return self._images.of_worktree(wanted, change=request.change)


def _scaled(found: LoadedProfile | None, request: PrepareRequest, record: EnvironmentRecord | None) -> LoadedProfile | None:
    """The profile at the scale that was asked for, else at the environment's. Raises ``InvalidInput`` for a scale of nothing."""
    if request.scale is not None and (found is None or not found.generates):
        told = f"data profile {found.name} generates no rows" if found else f"{request.id.name} has no data profile"
        raise InvalidInput(f"{told}: there is nothing to scale", hints=("localenv data ls",), code="no-rows")
    if found is None:
        return None
    same = record is not None and request.data in {None, record.data_profile}
    kept = record.data_scale if record and same else 1.0
    return replace(found, scale=kept if request.scale is None else request.scale)


def _unknown_services(request: PrepareRequest, tier: TierProfile, model: Model) -> tuple[Note, ...]:
    """Services that the configuration names and this environment does not have: a typo, or a profile that is not on."""
    services = model.get("services") or {}
    named = [*(f"expose.{name}" for name in request.loaded.settings.expose), *(f"replicas.{name}" for name in tier.replicas)]
    notes = []
    for path in named:
        name = path.partition(".")[2]
        if name not in services:
            close = nearest(name, services)
            said = f"; did you mean {close}?" if close else ""
            notes.append(Note(code="unknown-service", message=f"{path}: there is no service {name} in this environment{said}"))
    return tuple(notes)
