"""Releases, promotion and their history, with what they need."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from localenv.actions.approvals import History, RollBack, RollBackRequest
from localenv.actions.configuration import Loaded
from localenv.actions.deploy import Deploy, Deployed
from localenv.actions.gates import AskGates
from localenv.actions.load_test import LoadTest
from localenv.actions.promote import Promote, Promoted, PromoteRequest
from localenv.actions.releases import MAKER, CodeState, Made, Releases
from localenv.actions.run_checks import RunChecks
from localenv.actions.sources import release_named
from localenv.adapters.atomic_files import private_directory
from localenv.core.configuration.settings import Check
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Approval, Deployment
from localenv.core.releases.model import Release
from localenv.errors import LocalenvError, NotFound, Unavailable
from localenv.ports.state import EnvironmentRecord
from localenv.wiring.environments import audit, environment, existing, load, services
from localenv.wiring.run import run
from localenv.wiring.services import Services
from localenv.wiring.snapshots import replace_data
from localenv.wiring.standing import approve

__all__ = [
    "approved",
    "checked_out",
    "checks",
    "create_release",
    "environment",
    "existing",
    "first_target",
    "history_of",
    "load",
    "named",
    "old_releases",
    "promoted",
    "releases",
    "remove_releases",
    "rolled_back",
    "services",
    "target_after",
]

_LOAD_GENERATOR = "h2load"
"""Its recipe."""


def releases(told: Services) -> Releases:
    """What makes and removes releases."""
    return Releases(
        prepare=told.prepare,
        digests=told.builds.digests,
        engine=told.engine,
        images=told.kept_images,
        files=told.files,
        releases=told.releases,
        ledger=told.ledger,
        deliveries=told.deliveries,
        variables=told.environment,
        clock=told.clock,
        progress=told.progress,
    )


def old_releases(told: Services, *, remove: bool) -> tuple[Release, ...]:
    """Releases that nothing needs. To ``remove`` them also keeps the images of the others again, where something let them go."""
    action = releases(told)
    found = action.unneeded()
    if remove:
        for release in found:
            action.remove(release)
        action.hold()
    return found


def create_release(told: Services, directory: Path, *, by: str | None, note: str, commit: str | None = None) -> Made:
    """A release of the working tree around ``directory``, or of a commit of its repository."""
    loaded = load(told, directory)
    action, maker = releases(told), by or told.host.user()
    with _alone(told, loaded.settings.project, "release create"):
        if commit is None:
            return action.create(loaded, told.router.status(), code_state(told, loaded.directory), by=maker, note=note)
        with checked_out(told, loaded, commit) as (then, state):
            return action.create(then, told.router.status(), state, by=maker, note=note)


def remove_releases(told: Services, found: Sequence[Release], *, dry_run: bool) -> None:
    """All of them, which are of one project, or none. Raises ``LocalenvError`` (code ``in-use``)."""
    action = releases(told)
    with _alone(told, found[0].project, "release rm"):
        for release in found:
            action.refuse_needed(release)
        for release in () if dry_run else found:
            action.remove(release)


@contextmanager
def _alone(told: Services, project: str, doing: str) -> Iterator[None]:
    """One release of a project at a time: two would share what a release is resolved in, and each miss the other.

    One that goes would take the images from one that is just being made of the same.
    """
    maker = EnvironmentId(project=project, name=MAKER)
    with told.locks.environment(maker, doing):
        try:
            yield
        finally:
            told.locks.discard(maker)


@contextmanager
def checked_out(told: Services, loaded: Loaded, name: str) -> Iterator[tuple[Loaded, CodeState]]:
    """The project as it was at a commit, for as long as a release is made of it. What a killed command left goes, too.

    Its configuration is that commit's, but what is granted is what a person grants now; env files that the repository
    does not have are the working tree's.
    """
    repository = told.git.repository(loaded.directory)
    commit = told.git.commit(repository, name)
    place = (private_directory(told.place.home) / "checkouts" / loaded.settings.project).resolve()
    shutil.rmtree(place, ignore_errors=True)
    try:
        told.git.checkout(repository, commit, str(private_directory(place) / "tree"))
        folder = place / "tree" / repository.inside
        told.load_settings.refuse_link(str(folder))
        then = told.sources.at(loaded, str(folder), grants=loaded.settings.grants)
        for env_file in (".env", *(f".env.{tier}" for tier in loaded.settings.tiers)):
            told.worktree_folders.lend(str(Path(loaded.directory) / env_file), str(folder / env_file))
        branch = told.git.find(repository, name)
        yield then, CodeState(commit=commit, branch=branch.name if branch else None)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def code_state(told: Services, directory: str) -> CodeState:
    """What Git says of the files; nothing where there is no repository, no commit or no git."""
    try:
        repository = told.git.repository(directory)
        head = told.git.head(repository)
        return CodeState(commit=head.commit, branch=head.branch, dirty=bool(told.git.changes(repository)))
    except (NotFound, Unavailable):
        return CodeState()


def named(told: Services, directory: Path, name: str) -> Release:
    """A release of the project here. Raises ``NotFound`` that lists what there is."""
    return release_named(told.releases, load(told, directory).settings.project, name)


def checks(told: Services, release: Release | None = None) -> RunChecks:
    """The project's checks as the environment's own configuration has them, or a release's in its place."""

    def project(record: EnvironmentRecord) -> Loaded:
        loaded = told.project_of(record)
        return loaded if release is None else told.sources.of(loaded, release)

    def configured(found: EnvironmentId) -> Mapping[str, Check]:
        record = told.ledger.record(found)
        if record is None:
            raise NotFound(f"there is no environment {found}", hints=(f"localenv up {found.name}",), code="no-environment")
        return project(record).settings.checks

    def generator() -> str:
        return told.image_actions.tool(_LOAD_GENERATOR, told.progress)

    load_test = LoadTest(engine=told.engine, ledger=told.ledger, generator=generator)
    return RunChecks(run=run(told, project), load_test=load_test, checks=configured, clock=told.clock, progress=told.progress)


def deploy(told: Services) -> Deploy:
    """Brings a release to an environment."""
    return Deploy(
        up=told.up,
        replace_data=replace_data(told),
        snapshots=told.snapshots,
        ledger=told.ledger,
        deliveries=told.deliveries,
        releases=told.releases,
        locks=told.locks,
        clock=told.clock,
        progress=told.progress,
    )


def promote(told: Services) -> Promote:
    """The action of ``promote``."""
    return Promote(
        project=told.project,
        releases=told.releases,
        ledger=told.ledger,
        gates=AskGates(
            environments=told.environments,
            ledger=told.ledger,
            deliveries=told.deliveries,
            checks=lambda found, release: checks(told, release)(found),
        ),
        deploy=deploy(told),
    )


def roll_back(told: Services) -> RollBack:
    """The action of ``rollback``."""
    return RollBack(
        project=told.project,
        releases=told.releases,
        snapshots=told.snapshots,
        ledger=told.ledger,
        deliveries=told.deliveries,
        deploy=deploy(told),
    )


def promoted(told: Services, request: PromoteRequest) -> Promoted:
    """``promote``, in the audit log however it ends: once done, with the release and the gates that were asked.

    One that is forced is there from its beginning: killed after the switch, it would leave no line of its own.
    """
    target = EnvironmentId(project=load(told, Path(request.directory)).settings.project, name=request.target)
    what, outcome = f"promote {request.release or ''}".strip() + (" --force" if request.force else ""), "failed"
    if request.force and not request.dry_run:
        audit(told, target, what, reason=request.reason, outcome="begun", actor=request.actor)
    try:
        result = promote(told)(request)
        what, outcome = result.told, "done"
    finally:
        if not request.dry_run:
            audit(told, target, what, reason=request.reason, outcome=outcome, actor=request.actor)
    return result


def rolled_back(told: Services, request: RollBackRequest) -> tuple[str, Deployed]:
    """``rollback``, in the audit log however it ends."""
    name, outcome = request.to or "", "failed"
    try:
        result = roll_back(told)(request)
        name, outcome = result[0], "done"
    finally:
        if not request.dry_run:
            what = f"rollback {name}".strip() + (" --with-data" if request.with_data else "")
            audit(told, request.id, what, reason=request.reason, outcome=outcome, actor=request.actor)
    return result


def approved(
    told: Services, found: EnvironmentId, *, actor: str, note: str, release: str | None, dry_run: bool = False
) -> Approval:
    """``approve``, in the audit log."""
    approval = approve(told)(found, actor=actor, note=note, release=release, dry_run=dry_run)
    if not dry_run:
        audit(told, found, f"approve {approval.release}", reason=note, actor=actor)
    return approval


def first_target(told: Services, directory: Path) -> str | None:
    """The tier that a new release is promoted to first; ``None`` where no tier takes releases."""
    tiers = load(told, directory).settings.tiers
    takers = [tier for tier in tiers.values() if tier.source == "release"]
    return next((tier.tier for tier in takers if tier.after not in {taker.tier for taker in takers}), None)


def target_after(told: Services, found: EnvironmentId) -> str | None:
    """The tier that waits for an approval in this environment; ``None`` where none does, or the project is gone."""
    record = told.ledger.record(found)
    with suppress(LocalenvError):
        tiers = told.project(record.directory).settings.tiers if record else {}
        return next((name for name, tier in tiers.items() if f"approved in {found.name}" in tier.gates), None)
    return None


def history_of(
    told: Services, directory: Path, what: str | None, *, limit: int = 100
) -> tuple[Sequence[Deployment], Sequence[Approval]]:
    """Of a release where there is one of that name, else of an environment. Raises ``NotFound`` for what never was."""
    project = load(told, directory).settings.project if what is None or "/" not in what else what.partition("/")[0]
    action = History(deliveries=told.deliveries)
    if what is None:
        return action(project, limit=limit)
    if "/" not in what and told.releases.release(project, what) is not None:
        return action(project, release=what, limit=limit)
    found = environment(told, directory, what)
    known = action(found.project, environment=found.name, limit=limit)
    if not known[0] and told.ledger.record(found) is None:
        raise NotFound(f"there is no environment and no release {what[:80]!a}", hints=("localenv ls", "localenv release ls"))
    return known
