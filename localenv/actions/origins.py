"""Where the data of a new environment comes from: a snapshot that was asked for, its baseline, or nothing but itself."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import msgspec

from localenv.actions.configuration import Loaded
from localenv.actions.prepare import Prepared
from localenv.actions.profiles import DataProfiles, LoadedProfile
from localenv.actions.refused_data import refuse_present, refuse_snapshot
from localenv.actions.volumes import Volumes
from localenv.core.baselines import (
    BaselineParts,
    baseline_key,
    baseline_parts,
    lasting_one_shots,
    secrets_within,
    service_digests,
)
from localenv.core.plan import DataOrigin
from localenv.core.plan.data import early_services
from localenv.core.plan.data_steps import TakeSnapshot
from localenv.core.plan.graph import dependencies
from localenv.core.plan.volumes import new_volumes
from localenv.core.snapshots.model import Snapshot, VolumeToFreeze
from localenv.core.wanted import ServiceWanted, Wanted
from localenv.errors import LocalenvError
from localenv.ports.files import ProjectFiles
from localenv.ports.state import EnvironmentRecord, Locks
from localenv.values import dataclass

__all__ = ["Origins", "only_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Baseline:
    """What would be frozen, and its name."""

    key: str
    parts: BaselineParts
    digests: Mapping[str, str]


class Origins:
    """Chooses, and sees to it that a baseline is made once however many environments ask for it."""

    def __init__(self, volumes: Volumes, profiles: DataProfiles, locks: Locks, files: ProjectFiles) -> None:
        self._volumes = volumes
        self._profiles = profiles
        self._locks = locks
        self._files = files

    @contextmanager
    def hold(
        self,
        prepared: Prepared,
        loaded: Loaded,
        record: EnvironmentRecord | None,
        *,
        chosen: Snapshot | None = None,
        wait: bool = True,
        change: bool = True,
        data_only: bool = False,
    ) -> Iterator[DataOrigin]:
        """The origin for the time of one plan; a baseline that has to be made is held meanwhile.

        With ``data_only`` the baseline is what all is done for, and not to get it is a failure.

        Who does not wait for services that are ready makes none of them, unless data is loaded, which waits for them anyway.
        Raises ``DataRefused`` for a snapshot, or content that was kept, of a class that the tier does not take.
        """
        with self._found(prepared, record, chosen, takes=wait or bool(prepared.data), change=change) as origin:
            if origin.kept:
                refuse_present(self._volumes.classes(origin.kept), prepared.id, prepared.tier, loaded)
            if origin.snapshot is not None:
                refuse_snapshot(origin.snapshot, prepared.tier, loaded)
            profile = self._profile_of_data(prepared, loaded, origin)
            statements = profile.personalise(prepared.wanted, prepared.context) if profile else {}
            early = set(origin.early) or set(_before(prepared.wanted, statements))
            take = replace(origin.take, needed=data_only) if origin.take else None
            yield replace(origin, take=take, personalise=statements, early=tuple(sorted(early)))

    def _profile_of_data(self, prepared: Prepared, loaded: Loaded, origin: DataOrigin) -> LoadedProfile | None:
        """What made the data that the environment has or gets: a clone keeps to the data profile of its origin.

        ``None`` for data of no profile, and of one that the project has no longer.
        """
        there = (seen.profile for seen in prepared.observed.volumes if seen.profile not in {None, "none"})
        own = prepared.profile
        name = origin.snapshot.profile if origin.snapshot else next(there, own.name if own else None)
        if own is not None and own.name == name:
            return own
        return self._profiles.decoded(loaded, name) if name is not None and name in loaded.profiles else None

    @contextmanager
    def _found(
        self, prepared: Prepared, record: EnvironmentRecord | None, chosen: Snapshot | None, *, takes: bool, change: bool
    ) -> Iterator[DataOrigin]:
        missing = new_volumes(prepared.wanted, prepared.observed)
        if not missing or (change and self._volumes.store is None):
            yield DataOrigin()
            return
        kept = frozenset(self._volumes.stored()) & missing
        fresh = missing - kept
        snapshot = chosen or self._of_record(record)
        if not fresh or snapshot is not None:
            yield DataOrigin(kept=kept, snapshot=snapshot if fresh else None)
            return
        baseline = self._baseline(prepared, fresh)
        if baseline is None:
            yield DataOrigin(kept=kept)
            return
        if not takes:
            yield DataOrigin(kept=kept, snapshot=self._by_key(baseline.key))
            return
        with self._made(baseline, prepared, change=change) as origin:
            yield replace(origin, kept=kept)

    @contextmanager
    def _made(self, baseline: _Baseline, prepared: Prepared, *, change: bool) -> Iterator[DataOrigin]:
        """The baseline that is there, or what freezes it while nobody else does."""
        found = self._by_key(baseline.key)
        if found is not None or not change:
            yield DataOrigin(snapshot=found) if found else _to_take(baseline, prepared)
            return
        with self._locks.baseline(baseline.key, prepared.id, until=lambda: self._by_key(baseline.key) is not None):
            found = self._by_key(baseline.key)
            yield DataOrigin(snapshot=found) if found else _to_take(baseline, prepared)

    def _of_record(self, record: EnvironmentRecord | None) -> Snapshot | None:
        """What the environment's data stood on before, where that is still there."""
        return self._volumes.snapshot(record.snapshot) if record is not None else None

    def _by_key(self, key: str) -> Snapshot | None:
        return next((each for each in self._volumes.snapshots() if each.kind == "baseline" and each.key == key), None)

    def _baseline(self, prepared: Prepared, fresh: frozenset[str]) -> _Baseline | None:
        """``None`` when part of the data is there already: what is frozen has to be all of it."""
        parts = baseline_parts(prepared.wanted, prepared.data, prepared.context.images)
        if parts is None or not {volume.name for volume in parts.volumes} <= fresh:
            return None
        digests = service_digests(prepared.model, prepared.wanted, prepared.context)
        return _Baseline(key=baseline_key(parts, digests, self._profile_digest(prepared.profile)), parts=parts, digests=digests)

    def key(self, prepared: Prepared) -> str | None:
        """Name of the baseline that the environment would have if it were new; ``None`` when it has none."""
        baseline = self._baseline(prepared, frozenset(volume.name for volume in prepared.wanted.volumes))
        return baseline.key if baseline else None

    def done(self, prepared: Prepared) -> Mapping[str, str]:
        """Digest by service of the one-shots whose work lasts in the environment's volumes."""
        parts = baseline_parts(prepared.wanted, prepared.data, prepared.context.images)
        if parts is None:
            return {}
        digests = service_digests(prepared.model, prepared.wanted, prepared.context)
        return {name: digests[name] for name in lasting_one_shots(prepared.wanted, parts)}

    def without_done(self, prepared: Prepared, origin: DataOrigin, record: EnvironmentRecord | None) -> Prepared:
        """The same with no container for one-shots whose work came with the data, unless one is there."""
        done = _done_before(origin, record)
        if not done:
            return prepared
        now = self.done(prepared)
        there = {seen.service for seen in prepared.observed.containers}
        over = {name for name, digest in done.items() if now.get(name) == digest and name not in there}
        services = tuple(
            replace(service, replicas=0) if service.name in over else _past(service, prepared.wanted.services, over)
            for service in prepared.wanted.services
        )
        return replace(prepared, wanted=replace(prepared.wanted, services=services))

    def _profile_digest(self, profile: LoadedProfile | None) -> str | None:
        """Of what a data profile says of the data, and of all files that it refers to: clones are personalised later."""
        if profile is None:
            return None
        made_with = msgspec.structs.replace(profile.profile, personalise={})
        found = [msgspec.json.encode(made_with, order="sorted").decode(), str(profile.scale)]
        names = [name for data in profile.profile.services.values() for name in data.files]
        names += [name for content in profile.profile.volumes.values() for name in content.sources]
        found += [self._files.digest(posixpath.join(profile.directory, name)) for name in names]
        return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _past(service: ServiceWanted, services: Sequence[ServiceWanted], over: Collection[str]) -> ServiceWanted:
    """Who waited for a one-shot that is over waits for what that one waited for."""
    waits = {other.name: other.dependencies for other in services}
    found = list(service.dependencies)
    while waited := next((entry for entry in found if entry.service in over), None):
        found.remove(waited)
        known = {entry.service for entry in found}
        found += [entry for entry in waits[waited.service] if entry.service not in known]
    return replace(service, dependencies=tuple(found)) if tuple(found) != service.dependencies else service


def _done_before(origin: DataOrigin, record: EnvironmentRecord | None) -> Mapping[str, str]:
    if origin.snapshot is not None:
        return origin.snapshot.one_shots
    if record is not None and record.snapshot is not None:
        return {str(name): str(digest) for name, digest in json.loads(record.done).items()}
    return {}


def _before(wanted: Wanted, statements: Mapping[str, object]) -> frozenset[str]:
    return early_services(wanted, dependencies(wanted.services, wanted.model), sorted(statements)) if statements else frozenset()


def _to_take(baseline: _Baseline, prepared: Prepared) -> DataOrigin:
    parts = baseline.parts
    services = [service for service in prepared.wanted.services if service.name in parts.services]
    names = {volume.name for volume in parts.volumes}
    profile = prepared.profile
    name = profile.label if profile else "own"
    take = TakeSnapshot(
        target=name,
        cause="the first environment with this data: the next ones start from it",
        snapshot_kind="baseline",
        name=name,
        key=baseline.key,
        profile=profile.name if profile else None,
        tier=prepared.tier.tier,
        volumes=tuple(
            VolumeToFreeze(key=volume.key, name=volume.name, classification=volume.classification) for volume in parts.volumes
        ),
        images={service.name: service.image_id for service in services if service.image_id},
        one_shots={name: baseline.digests[name] for name in lasting_one_shots(prepared.wanted, parts)},
        secrets=secrets_within(prepared.model, parts.services, prepared.context.secrets),
        stops=tuple(service for service in services if not service.one_shot and names & set(service.volumes)),
    )
    return DataOrigin(take=take, early=parts.services)


def only_data(prepared: Prepared, origin: DataOrigin) -> Prepared:
    """The same with nothing but what makes the data; nothing at all when its baseline is there. Nothing is served.

    Raises ``LocalenvError`` (code ``no-data``) for a project without a database that could be frozen.
    """
    if origin.snapshot is None and origin.take is None:
        raise LocalenvError(
            "there is no data to build: no database with a volume of its own, and no data profile that fills one",
            hints=("localenv tiers", "localenv config show data"),
            code="no-data",
        )
    wanted = prepared.wanted
    kept = set(origin.early) if origin.take is not None else set()
    services = tuple(
        service if service.name in kept else replace(service, replicas=0, placements=()) for service in wanted.services
    )
    volumes = wanted.volumes if kept else ()
    networks = wanted.networks if kept else ()
    return replace(
        prepared,
        wanted=replace(wanted, services=services, volumes=volumes, networks=networks, exposures=(), copies=wanted.copies),
    )
