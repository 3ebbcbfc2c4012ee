"""``up``: the pipeline of the architecture's page, in its order and words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from localenv.actions.chosen_data import has_data, refuse_other_profile, snapshot_named
from localenv.actions.configuration import Loaded
from localenv.actions.executions import Executions
from localenv.actions.executor.values import Outcome
from localenv.actions.fresh_data import DiscardHalfLoaded
from localenv.actions.origins import Origins, only_data
from localenv.actions.prepare import Prepare, Prepared, PrepareRequest
from localenv.actions.refused_data import DataRefused, refuse_brought, refuse_snapshot
from localenv.actions.remember import RememberEnvironment, exposures_told
from localenv.actions.route_facts import route_facts
from localenv.actions.side_by_side import side_by_side
from localenv.actions.sources import Sources, Wish
from localenv.actions.up_request import UpRequest, UpResult
from localenv.actions.volumes import Volumes
from localenv.core.configuration.environments import environment_settings, has_tier
from localenv.core.configuration.tier import Classification, TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.plan import DataOrigin, Plan, plan, without_waiting
from localenv.core.plan.digest import digest
from localenv.core.plan.journal import unfinished
from localenv.core.snapshots.model import Snapshot
from localenv.errors import LocalenvError
from localenv.errors.engine import PortTaken
from localenv.errors.refused import Refused
from localenv.ports.clock import Clock
from localenv.ports.progress import Message, PlanMade, Progress
from localenv.ports.router import Router, RouterStatus
from localenv.ports.state import EnvironmentRecord, Ledger, Locks, Store

__all__ = ["Up"]

_ATTEMPTS = 3
"""At a plan whose loopback port something else took between choosing and binding."""


class Up:
    """Makes environments what their project's files say."""

    def __init__(  # noqa: PLR0913 - the pipeline's parts, handed in once by the wiring
        self,
        *,
        project: Callable[[str], Loaded],
        prepare: Prepare,
        discard_half_loaded: DiscardHalfLoaded,
        sources: Sources,
        origins: Origins,
        remember: RememberEnvironment,
        volumes: Volumes,
        executions: Executions,
        router: Router,
        ledger: Ledger,
        locks: Locks,
        store: Store,
        progress: Progress,
        clock: Clock,
    ) -> None:
        self._project = project
        self._prepare = prepare
        self._discard_half_loaded = discard_half_loaded
        self._sources = sources
        self._origins = origins
        self._remember = remember
        self._volumes = volumes
        self._executions = executions
        self._router = router
        self._ledger = ledger
        self._locks = locks
        self._store = store
        self._progress = progress
        self._clock = clock

    def __call__(self, request: UpRequest) -> list[UpResult]:
        """Bring all up side by side. Raises what the first failing stage raises; several failures become one error."""
        loaded = self.project(request)
        for name in request.names:
            self._rules(request, loaded, name)
        self._refuse_snapshot(request, loaded)
        ids = [EnvironmentId(project=loaded.settings.project, name=name) for name in request.names]
        settings = loaded.settings.router
        router = self._router.status() if request.dry_run else self._router.ensure(mode=settings.mode, inside=settings.inside)
        if not request.dry_run:
            self._volumes.mend()
        work = self._planned if request.dry_run else self._one
        return side_by_side(ids, lambda one: work(request, loaded, one, router), self._executions.interrupt)

    def project(self, request: UpRequest) -> Loaded:
        """Raises ``LocalenvError`` (code ``other-project``) where another project stands in the directory than was meant."""
        loaded = self._project(request.directory)
        if request.project in {None, loaded.settings.project}:
            return loaded
        raise LocalenvError(
            f"the files of {request.project} are not where they were: project {loaded.settings.project} is there",
            where=request.directory,
            hints=(f"run the command in the directory of {request.project}",),
            code="other-project",
        )

    def interrupt(self) -> None:
        """End what is under way in other threads, and let nothing more begin."""
        self._executions.interrupt()

    def baseline_key(self, directory: str, name: str) -> str | None:
        """Key of the baseline that an environment would begin as now; ``None`` when it has none. Changes nothing."""
        loaded = self._project(directory)
        environment = EnvironmentId(project=loaded.settings.project, name=name)
        request = UpRequest(directory=directory, names=(name,), dry_run=True)
        loaded = self._source(request, loaded, environment)
        asked = self._asked(request, loaded, environment)
        resolved = self._prepare.resolved(asked)
        if resolved.refusals:
            return None
        return self._origins.key(self._prepare(asked, resolved, self._router.status(), inside=self._inside(loaded)))

    def check(self, request: UpRequest, snapshot: Snapshot | None) -> None:
        """Whether an environment that is there may have its data replaced by ``snapshot``, or by its data profile's.

        Raises what this ``up`` would: ``DataRefused``, ``InvalidInput``, ``Refused``. Changes nothing.
        """
        loaded = self.project(request)
        for name in request.names:
            environment = EnvironmentId(project=loaded.settings.project, name=name)
            source = self._source(request, loaded, environment)
            asked = self._asked(replace(request, dry_run=True), source, environment)
            resolved = self._prepare.resolved(asked)
            if resolved.refusals:
                raise Refused(resolved.refusals)
            self._prepare.admitted(asked, resolved.model)
            if snapshot is not None:
                refuse_snapshot(snapshot, self._rules(request, loaded, name), loaded)

    def refuse_brought(self, request: UpRequest, volumes: Mapping[str, Classification], source: str) -> None:
        """Raises ``DataRefused`` when one of the environments must not begin with volumes of these classes, by key."""
        loaded = self.project(request)
        for name in request.names:
            refuse_brought(volumes, source, self._rules(request, loaded, name), loaded)

    def _refuse_snapshot(self, request: UpRequest, loaded: Loaded) -> None:
        """Before anything is made. Raises ``DataRefused``, ``LocalenvError`` (code ``no-snapshot``)."""
        if (chosen := self._chosen(request, loaded)) is not None:
            for name in request.names:
                refuse_snapshot(chosen, self._rules(request, loaded, name), loaded)

    def _rules(self, request: UpRequest, loaded: Loaded, name: str) -> TierProfile:
        return environment_settings(loaded.settings, name, self._tier(loaded, request, name), request.data)[0]

    def _tier(self, loaded: Loaded, request: UpRequest, name: str) -> str | None:
        """``--tier`` is for the names that need one; an existing environment keeps its own."""
        if has_tier(loaded.settings, name):
            return None if len(request.names) > 1 else request.tier
        record = self._ledger.record(EnvironmentId(project=loaded.settings.project, name=name))
        return request.tier or (record.tier if record else None) or request.other_tier

    def _source(self, request: UpRequest, loaded: Loaded, environment: EnvironmentId) -> Loaded:
        tier = self._rules(request, loaded, environment.name)
        wanted = Wish(
            release=request.release,
            deploying=request.deploying,
            worktree=request.worktree or request.data_only,
            captured=request.captured,
            passed=request.passed,
        )
        return self._sources(loaded, environment, tier, wanted)

    def _planned(self, request: UpRequest, loaded: Loaded, environment: EnvironmentId, router: RouterStatus) -> UpResult:
        loaded = self._source(request, loaded, environment)
        asked = self._asked(request, loaded, environment)
        resolved = self._prepare.resolved(asked)
        if resolved.refusals:
            return UpResult(id=environment, plan=Plan(environment=environment), refusals=resolved.refusals, notes=resolved.notes)
        prepared = self._prepare(asked, resolved, router, inside=self._inside(loaded))
        record = self._ledger.record(environment)
        chosen = self._chosen(request, loaded)
        with self._origins.hold(
            prepared, loaded, record, chosen=chosen, wait=request.wait, change=False, data_only=request.data_only
        ) as origin:
            prepared = self._to_make(request, loaded, prepared, origin, record)
            steps = self._plan(prepared, loaded, router, origin)
        return UpResult(
            id=environment,
            plan=steps if request.wait else without_waiting(steps),
            notes=prepared.wanted.notes,
            snapshot=origin.snapshot,
        )

    def _one(self, request: UpRequest, loaded: Loaded, environment: EnvironmentId, router: RouterStatus) -> UpResult:
        began = self._clock.monotonic()
        with self._locks.environment(environment, "up"), self._nothing_left_when_refused(environment):
            loaded = self._source(request, loaded, environment)
            asked = self._asked(request, loaded, environment)
            resolved = self._prepare.resolved(asked)
            if resolved.refusals:
                raise Refused(resolved.refusals)
            told = {"resolve": self._clock.monotonic() - began}
            self._tell(environment, "resolve", ", ".join(resolved.shown_files), told["resolve"])
            self._discard_half_loaded(environment)
            chosen = self._chosen(request, loaded)
            for attempt in range(_ATTEMPTS):
                prepared = self._prepare(asked, resolved, router, inside=self._inside(loaded))
                record = self._ledger.record(environment)
                with self._origins.hold(
                    prepared, loaded, record, chosen=chosen, wait=request.wait, data_only=request.data_only
                ) as origin:
                    if origin.snapshot and self._store.adopt_secrets(environment, origin.snapshot.secrets):
                        resolved = self._prepare.resolved(asked)
                        prepared = self._prepare(asked, resolved, router, inside=self._inside(loaded))
                    if chosen and origin.snapshot != chosen:
                        raise has_data(environment, chosen)
                    prepared = self._to_make(request, loaded, prepared, origin, record)
                    steps = self._plan(prepared, loaded, router, origin)
                    told["plan"] = self._clock.monotonic() - began - told["resolve"]
                    self._tell_plan(environment, prepared, steps, told["plan"])
                    self._remember.begun(prepared, request, loaded, router, origin)
                    self._prepare.check_again(resolved)
                    try:
                        outcome = self._executions(
                            steps if request.wait else without_waiting(steps), prepared, mode=router.mode, timeout=request.timeout
                        )
                        break
                    except PortTaken as error:
                        if attempt + 1 == _ATTEMPTS or not self._prepare.give_back(environment, error.port):
                            raise
            self._remember.ended(prepared, steps, loaded, ready=request.wait)
        told["total"] = self._clock.monotonic() - began
        return UpResult(
            id=environment,
            plan=steps,
            notes=prepared.wanted.notes,
            exposures=tuple(exposures_told(prepared, router)),
            status=outcome.status,
            seconds={**told, **_stages(outcome)},
            snapshot=origin.snapshot,
        )

    def _to_make(
        self, request: UpRequest, loaded: Loaded, prepared: Prepared, origin: DataOrigin, record: EnvironmentRecord | None
    ) -> Prepared:
        """What is left to do with data of this origin. Raises ``LocalenvError`` where other data is there already."""
        refuse_other_profile(prepared, request.data)
        if not _brings_a_release(loaded, record):
            prepared = self._origins.without_done(prepared, origin, record)
        return only_data(prepared, origin) if request.data_only else prepared

    @contextmanager
    def _nothing_left_when_refused(self, environment: EnvironmentId) -> Iterator[None]:
        try:
            yield
        except (Refused, DataRefused):
            self._prepare.forget_unused(environment)
            raise

    def _asked(self, request: UpRequest, loaded: Loaded, environment: EnvironmentId) -> PrepareRequest:
        return PrepareRequest(
            loaded=loaded,
            id=environment,
            tier=self._tier(loaded, request, environment.name),
            data=request.data,
            scale=request.scale,
            build=request.build,
            change=not request.dry_run,
        )

    def _chosen(self, request: UpRequest, loaded: Loaded) -> Snapshot | None:
        if request.snapshot is None:
            return None
        return snapshot_named(self._volumes, request.snapshot, loaded.settings.project)

    def _plan(self, prepared: Prepared, loaded: Loaded, router: RouterStatus, origin: DataOrigin) -> Plan:
        wanted = prepared.wanted
        inside = tuple(wanted.subnets.values()) if loaded.settings.router.inside else ()
        return plan(
            wanted,
            prepared.observed,
            route_facts(self._router, prepared, domain=loaded.settings.domain, mode=router.mode, inside=inside),
            data=prepared.data,
            origin=origin,
            images=prepared.images_missing,
            unfinished=unfinished(self._store.journal_lines(prepared.id)),
        )

    def _inside(self, loaded: Loaded) -> str | None:
        return self._router.inside_address() if loaded.settings.router.inside else None

    def _tell_plan(self, environment: EnvironmentId, prepared: Prepared, steps: Plan, seconds: float) -> None:
        self._tell(environment, "plan", digest(steps), seconds)
        self._progress.emit(
            PlanMade(
                environment=environment.name,
                plan=steps,
                services=tuple(service.name for service in prepared.wanted.services),
                redact=self._executions.redactor(prepared.wanted),
            )
        )
        if steps.changes:
            for note in prepared.wanted.notes:
                self._progress.emit(
                    Message(
                        stage="note",
                        text=f"{note.service}: {note.message}" if note.service else note.message,
                        environment=environment.name,
                    )
                )

    def _tell(self, environment: EnvironmentId, stage: str, text: str, seconds: float) -> None:
        self._progress.emit(Message(stage=stage, text=text, seconds=seconds, environment=environment.name))


def _brings_a_release(loaded: Loaded, record: EnvironmentRecord | None) -> bool:
    """Whether another release comes to an environment that was ready before: then its one-shots run once more."""
    release = loaded.release
    return release is not None and record is not None and record.ready is not None and record.release != release.name


def _stages(outcome: Outcome) -> Mapping[str, float]:
    """Seconds to carry the plan out, and those of them that passed until the router served it."""
    return {"start": outcome.seconds - outcome.router_seconds, "router": outcome.router_seconds}
