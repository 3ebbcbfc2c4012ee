"""Making, listing and removing releases."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from localenv.actions.configuration import SETTINGS_NAME, Loaded
from localenv.actions.prepare import Prepare, PrepareRequest
from localenv.actions.resolve import Resolved
from localenv.actions.run import with_every_profile
from localenv.core.configuration.settings import Settings
from localenv.core.names import EnvironmentId
from localenv.core.paths import inside
from localenv.core.releases.model import (
    CapturedFile,
    Release,
    ReleaseImage,
    captured_variables,
    kept_reference,
    same_content,
)
from localenv.core.rewrite import hashed_paths
from localenv.core.rewrite.model import mapping
from localenv.core.run_model import needed_services
from localenv.core.wanted import Model
from localenv.errors import InvalidInput, LocalenvError
from localenv.errors.refused import Refused
from localenv.ports.clock import Clock
from localenv.ports.delivery import Deliveries
from localenv.ports.engine import Engine
from localenv.ports.files import ProjectFiles
from localenv.ports.kept_images import KeptImages
from localenv.ports.progress import Message, Progress
from localenv.ports.releases import ReleaseStore, Source
from localenv.ports.router import RouterStatus
from localenv.ports.state import EnvironmentRecord, Ledger
from localenv.values import dataclass

__all__ = ["KEPT", "MAKER", "CodeState", "Made", "Releases"]

_ALWAYS = (SETTINGS_NAME, "profiles/tiers")
KEPT = 5
"""How many of a project's newest releases stay though no environment needs them: they may be on their way."""
_PROFILES = "profiles/data"
"""Their names have to be known when the release's configuration is read; what they fill in is that of the day."""
MAKER = "release-maker"
"""Name of the environment that a release is resolved for: none of those that run, so that nothing of theirs is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeState:
    """Where the files of a release stand in Git."""

    commit: str | None = None
    branch: str | None = None
    dirty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A release, and whether it is a new one."""

    release: Release
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One tier of what a release is made from."""

    tier: str
    resolved: Resolved
    images: Mapping[str, tuple[str, ...]]
    """Services by the reference of their image."""
    digests: Mapping[str, str]
    built: frozenset[str]


class Releases:
    """Builds each image once and captures what the model hangs on."""

    def __init__(  # noqa: PLR0913 - what it touches, handed in once by the wiring
        self,
        *,
        prepare: Prepare,
        digests: Callable[[Model, str], Mapping[str, str]],
        engine: Engine,
        images: KeptImages,
        files: ProjectFiles,
        releases: ReleaseStore,
        ledger: Ledger,
        deliveries: Deliveries,
        variables: Mapping[str, str],
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._prepare = prepare
        self._digests = digests
        self._engine = engine
        self._images = images
        self._files = files
        self._releases = releases
        self._ledger = ledger
        self._deliveries = deliveries
        self._variables = variables
        self._clock = clock
        self._progress = progress

    def create(self, loaded: Loaded, router: RouterStatus, state: CodeState, *, by: str, note: str = "") -> Made:
        """Make a release of the files in ``loaded.code``, or find that the newest one holds the same, and holds it still.

        Raises ``Refused`` for a model that may not run in one of the tiers, and what building raises.
        """
        tiers = _tiers(loaded.settings)
        parts = [self._part(loaded, router, tier) for tier in tiers]
        if missing := _checked_alone(loaded.settings, parts):
            parts.append(self._part(with_every_profile(loaded, tiers[0]), router, tiers[0], only=missing))
        found = self._kept(loaded.settings.project, parts)
        project = loaded.settings.project
        newest = next(iter(self._releases.releases(project)), None)

        def make(name: str, files: tuple[CapturedFile, ...]) -> Release | None:
            release = Release(
                name=name,
                project=project,
                created=self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                by=by,
                images=found,
                builds={service: digest for part in parts for service, digest in part.digests.items()},
                files=files,
                grants=loaded.settings.grants,
                variables=captured_variables({name for part in parts for name in part.resolved.named}, self._variables),
                models={part.tier: part.resolved.model for part in parts[: len(tiers)]},
                commit=state.commit,
                branch=state.branch,
                dirty=state.dirty,
                note=note,
            )
            if newest is None or not same_content(release, newest):
                return release
            return release if self._releases.changed_file(newest) is not None else None

        made = self._releases.create(project, self._files.facts(loaded.code).real, self._sources(loaded, parts), make)
        if made is not None:
            return Made(release=made, new=True)
        if newest is None:
            raise LocalenvError("nothing was captured", code="capture")
        return Made(release=newest, new=False)

    def users(self, release: Release) -> tuple[str, ...]:
        """Names of the environments that run it, or may go back to it."""
        records = (record for record in self._ledger.records() if record.id.project == release.project)
        return tuple(sorted(record.id.name for record in records if release.name in self._needed(record)))

    def refuse_needed(self, release: Release) -> None:
        """Raises ``LocalenvError`` (code ``in-use``) while an environment runs it or would be rolled back to it."""
        if users := self.users(release):
            raise LocalenvError(
                f"release {release.name} is needed by {', '.join(users)}",
                hints=(f"localenv history {users[0]}",),
                code="in-use",
            )

    def remove(self, release: Release) -> None:
        """Raises ``LocalenvError`` (code ``in-use``) as ``refuse_needed`` does."""
        self.refuse_needed(release)
        self._releases.remove(release)
        self._untag(release)

    def forget(self, project: str) -> None:
        """Remove all releases of a project that is gone, with their images."""
        found = self._releases.releases(project)
        self._releases.forget(project)
        for release in found:
            self._untag(release)

    def unneeded(self) -> tuple[Release, ...]:
        """Of every project those that are not among its newest, and that no environment runs or would go back to."""
        return tuple(
            release
            for project in self._releases.projects()
            for release in self._releases.releases(project)[KEPT:]
            if not self.users(release)
        )

    def hold(self) -> None:
        """Keep the images of all releases again, where somebody took away what kept them."""
        images = {
            image.kept: image.id
            for project in self._releases.projects()
            for release in self._releases.releases(project)
            for image in release.images
        }
        for kept, identifier in images.items():
            if self._engine.image(identifier) is not None:
                self._images.keep(identifier, kept)

    def _needed(self, record: EnvironmentRecord) -> frozenset[str | None]:
        """What an environment runs, what is on its way there, and what ``rollback`` would bring back."""
        known = self._deliveries.deployments(record.id.project, environment=record.id.name)
        under_way = (each.release for each in known[:1] if each.outcome == "running")
        before = next((each.release for each in known if each.outcome == "done" and each.release != record.release), None)
        return frozenset((record.release, before, *under_way))

    def _untag(self, release: Release) -> None:
        others = {image.kept for other in self._releases.releases(release.project) for image in other.images}
        for image in release.images:
            if image.kept not in others:
                self._images.give_up(image.kept)

    def _part(self, loaded: Loaded, router: RouterStatus, tier: str, *, only: frozenset[str] | None = None) -> _Part:
        request = PrepareRequest(
            loaded=loaded, id=EnvironmentId(project=loaded.settings.project, name=MAKER), tier=tier, change=False
        )
        resolved = self._prepare.resolved(request)
        wanted = frozenset(mapping(resolved.model, "services")) if only is None else _with_needed(resolved.model, only)
        if refusals := tuple(
            each for each in resolved.refusals if only is None or each.service is None or each.service in wanted
        ):
            raise Refused(refusals)
        building = replace(request, change=True)
        try:
            rewritten = self._prepare.rewritten(building, resolved, router, only=wanted)
        finally:
            self._prepare.forget_unused(request.id)
        services = {name: service for name, service in mapping(rewritten.model, "services").items() if name in wanted}
        images: dict[str, tuple[str, ...]] = {}
        for name, service in services.items():
            reference = str(service.get("image", ""))
            images[reference] = (*images.get(reference, ()), name)
        built = frozenset(str(service.get("image")) for service in services.values() if service.get("build"))
        digests = {name: digest for name, digest in self._digests(resolved.model, resolved.directory).items() if name in wanted}
        return _Part(tier=tier, resolved=resolved, images=images, digests=digests, built=built)

    def _kept(self, project: str, parts: Sequence[_Part]) -> tuple[ReleaseImage, ...]:
        by_reference: dict[str, set[str]] = {}
        for part in parts:
            for reference, names in part.images.items():
                by_reference.setdefault(reference, set()).update(names)
        built = {reference for part in parts for reference in part.built}
        found: list[ReleaseImage] = []
        for reference, services in sorted(by_reference.items()):
            details = self._engine.image(reference)
            if details is None:
                raise InvalidInput(f"the image {reference} is not there", code="image-missing")
            kept = kept_reference(project, min(services), details.id)
            self._images.keep(details.id, kept)
            found.append(
                ReleaseImage(
                    reference=reference, id=details.id, kept=kept, services=tuple(sorted(services)), built=reference in built
                )
            )
        self._progress.emit(Message(stage="images", text=f"{len(found)} kept for the release"))
        return tuple(found)

    def _sources(self, loaded: Loaded, parts: Sequence[_Part]) -> list[Source]:
        """The files that any tier's model hangs on, and what its services mount from the project."""
        root = self._files.facts(loaded.code).real
        found: dict[str, Source] = {}
        for path in self._files_of(root, parts):
            found[path] = Source(path=path)
        for part in parts:
            for path, exclude in hashed_paths(part.resolved.model, root).items():
                if self._files.facts(path).kind in {"file", "directory"}:
                    found[path] = Source(path=path, exclude=exclude)
        return [found[path] for path in sorted(found)]

    def _files_of(self, root: str, parts: Sequence[_Part]) -> Iterator[str]:
        for name in _ALWAYS:
            path = posixpath.join(root, name)
            if self._files.facts(path).kind in {"file", "directory"}:
                yield path
        profiles = posixpath.join(root, _PROFILES)
        yield from (posixpath.join(profiles, name) for name in self._files.entries(profiles) if name.endswith(".yaml"))
        for part in parts:
            yield from (path for path in part.resolved.files_read if inside(path, root))


def _tiers(settings: Settings) -> list[str]:
    """Tiers that a release may run in: those that take releases, and those before them in the chain."""
    wanted: list[str] = []
    for name, tier in settings.tiers.items():
        if tier.source == "release":
            wanted.append(name)
            if tier.after in settings.tiers and tier.after is not None:
                wanted.append(tier.after)
    return list(dict.fromkeys(wanted))


def _checked_alone(settings: Settings, parts: Sequence[_Part]) -> frozenset[str]:
    """Services that only checks run: those of Compose profiles that no tier has on."""
    there = {service for part in parts for service in mapping(part.resolved.model, "services")}
    return frozenset(check.service for check in settings.checks.values() if check.service is not None) - there


def _with_needed(model: Model, names: frozenset[str]) -> frozenset[str]:
    there = names & set(mapping(model, "services"))
    return frozenset(other for name in there for other in needed_services(model, name))
