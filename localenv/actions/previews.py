"""Previews: one environment for each branch, for as long as it lives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from localenv.actions.branches import ProjectBranches
from localenv.actions.bring_preview import BringPreview
from localenv.actions.configuration import Loaded
from localenv.actions.environments import Environments
from localenv.actions.preview_values import PreviewOptions, PreviewResult, ShownPreview, SyncRequest
from localenv.actions.remove_previews import RemovePreviews
from localenv.actions.side_by_side import side_by_side
from localenv.core.configuration.durations import parse_duration
from localenv.core.configuration.environments import find_tier
from localenv.core.names import EnvironmentId, checked_slug
from localenv.core.previews import Preview, PreviewStep, as_moment, is_expired, later, outlived, preview_name, sync_steps
from localenv.errors import InvalidInput, NotFound
from localenv.ports.clock import Clock
from localenv.ports.git import Git
from localenv.ports.state import EnvironmentRecord, Ledger, Locks

__all__ = ["Previews"]

_NOT_WHOLE = frozenset({"absent", "creating", "failed"})
_PREVIEW = "preview"
_SHORT = 12


class Previews:
    """Makes, matches, lists and removes the previews of a project."""

    def __init__(  # noqa: PLR0913 - what previews touch, handed in once by the wiring
        self,
        *,
        project: Callable[[str], Loaded],
        git: Git,
        bring: BringPreview,
        remove: RemovePreviews,
        environments: Environments,
        ledger: Ledger,
        locks: Locks,
        clock: Clock,
    ) -> None:
        self._project = project
        self._git = git
        self._bring = bring
        self._remove = remove
        self._environments = environments
        self._ledger = ledger
        self._locks = locks
        self._clock = clock

    def create(self, options: PreviewOptions, branch: str, *, name: str | None = None, dry_run: bool = False) -> PreviewResult:
        """Have a preview of a branch or commit, as it is now; one that is there is brought to it.

        Raises ``LocalenvError``: ``NotFound`` (code ``no-branch``), ``InvalidInput`` for a name that is taken, and what
        ``up`` raises.
        """
        checkout = self._project(options.directory)
        branches = ProjectBranches(self._git, checkout.directory)
        commit = self._git.commit(branches.repository, branch)
        found = self._git.find(branches.repository, branch)
        shown = branch if found else None
        with self._locks.allocations():
            known = next((record for record in self._records(checkout) if _shows(record, shown, commit)), None)
            if known is not None and name not in {None, known.id.name}:
                raise InvalidInput(
                    f"branch {branch!a} has a preview already: {known.id.name}",
                    hints=(f"localenv preview rm {known.id.name}",),
                    code="exists",
                )
            called = known.id.name if known else self._free_name(checkout, _title(branch, commit, shown), name)
            step = PreviewStep(
                action="update" if known else "create",
                name=called,
                branch=branch,
                cause="asked for",
                commit=commit,
                reference=found.reference if found else "",
            )
            if not dry_run:
                self._reserve(checkout, options, [replace(step, branch=shown or "")])
                self._remove.forget(checkout.settings.project, branch)
        if dry_run:
            return self._told(checkout, step)
        result = self._bring(step, branches.repository, checkout, self._with_life(options, checkout))
        if result.error is not None:
            raise result.error
        return result

    def sync(self, request: SyncRequest, *, dry_run: bool = False) -> list[PreviewResult]:
        """Make the previews match the branches. What fails is in the results and stops none of the others."""
        options = request.options
        checkout = self._project(options.directory)
        branches = ProjectBranches(self._git, checkout.directory)
        chosen = branches.every(remote=request.remote) if request.branches is None else branches.named(request.branches)
        with self._locks.allocations():
            records = self._records(checkout)
            there = self._previews(checkout, records)
            steps = sync_steps(
                chosen.wanted,
                [preview for preview in there if preview.branch],
                gone=branches.gone(record.branch for record in records if record.branch),
                expired=self._remove.ended(checkout.settings.project),
                taken=self._taken(checkout),
                now=self._clock.now(),
            ) + outlived([preview for preview in there if not preview.branch], {}, self._clock.now())
            if not dry_run:
                self._reserve(checkout, options, [step for step in steps if step.action == "create"])
        failed = [
            PreviewResult(step=PreviewStep(action="skip", name="", branch=name, cause="it was named"), error=error)
            for name, error in chosen.failed.items()
        ]
        if dry_run:
            return [*(self._told(checkout, step) for step in steps), *failed]
        self._remove.note(checkout.settings.project, steps, records)
        counted = self._with_life(options, checkout)
        done = self._side_by_side(
            checkout,
            steps,
            lambda step: (
                self._remove(checkout.settings.project, step)
                if step.action == "remove"
                else self._bring(step, branches.repository, checkout, counted)
            ),
        )
        return [*done, *failed]

    def prune(self, directory: str, *, dry_run: bool = False) -> list[PreviewResult]:
        """Remove previews whose branch is merged or gone, and those whose time is up."""
        checkout = self._project(directory)
        records = self._records(checkout)
        gone = ProjectBranches(self._git, checkout.directory).gone(record.branch for record in records if record.branch)
        steps = outlived(self._previews(checkout, records), gone, self._clock.now())
        if dry_run:
            return [self._told(checkout, step) for step in steps]
        self._remove.note(checkout.settings.project, steps, records)
        return self._side_by_side(checkout, steps, lambda step: self._remove(checkout.settings.project, step))

    def listed(self, directory: str) -> list[ShownPreview]:
        """The project's previews by name."""
        checkout = self._project(directory)
        records = self._records(checkout)
        summaries = {summary.id: summary for summary in self._environments.all(checkout.settings.project)}
        gone: dict[str, str] = {}
        if records:
            gone = ProjectBranches(self._git, checkout.directory).gone(record.branch for record in records if record.branch)
        now = self._clock.now()
        return [
            ShownPreview(
                record=record,
                summary=summaries.get(record.id),
                expired=is_expired(record.expires, now),
                gone=gone.get(record.branch or ""),
            )
            for record in records
        ]

    def named(self, directory: str, name: str) -> EnvironmentRecord:
        """A preview by its own name or its branch's. Raises ``NotFound`` that lists those that there are."""
        records = self._records(self._project(directory))
        for record in records:
            if name in {record.id.name, record.branch}:
                return record
        known = ", ".join(record.id.name for record in records)
        raise NotFound(
            f"there is no preview {name[:80]!a}",
            details=(f"there are: {known}",) if known else (),
            hints=("localenv preview ls",),
            code="no-preview",
        )

    def extend(self, record: EnvironmentRecord, life: timedelta | None, *, dry_run: bool = False) -> str | None:
        """Let a preview live for ``life`` from now, or as long as its tier says; return when it ends.

        Raises ``NotFound`` (code ``no-preview``) for one that was removed meanwhile.
        """
        checkout = self._project(record.origin)
        counted = life or _life_of(checkout, record.tier)
        expires = as_moment(self._clock.now() + counted) if counted else None
        if not dry_run:
            with self._locks.environment(record.id, "preview extend"):
                if (now := self._ledger.record(record.id)) is None:
                    raise NotFound(
                        f"preview {record.id.name} was removed meanwhile", hints=("localenv preview ls",), code="no-preview"
                    )
                self._ledger.save(replace(now, expires=expires))
        return expires

    def _records(self, checkout: Loaded) -> list[EnvironmentRecord]:
        project = checkout.settings.project
        return [record for record in self._ledger.records() if record.kind == _PREVIEW and record.id.project == project]

    def _previews(self, checkout: Loaded, records: Sequence[EnvironmentRecord]) -> list[Preview]:
        states = {summary.id: summary.state for summary in self._environments.all(checkout.settings.project)}
        return [
            Preview(
                name=record.id.name,
                branch=record.branch or "",
                commit=record.revision,
                expires=record.expires,
                whole=record.stopped or states.get(record.id, "absent") not in _NOT_WHOLE,
            )
            for record in records
        ]

    def _taken(self, checkout: Loaded) -> frozenset[str]:
        settings = checkout.settings
        known = {record.id.name for record in self._ledger.records() if record.id.project == settings.project}
        there = {summary.id.name for summary in self._environments.all(settings.project)}
        return frozenset({*settings.tiers, *settings.environments, *known, *there})

    def _free_name(self, checkout: Loaded, branch: str, name: str | None) -> str:
        taken = self._taken(checkout)
        if name is None:
            return preview_name(branch, taken)
        if checked_slug(name, what="a preview") in taken:
            raise InvalidInput(
                f"{name} is an environment or a tier already, so no preview is called so",
                hints=("leave out --name", f"try: --name {preview_name(branch, taken)}"),
                code="exists",
            )
        return name

    def _reserve(self, checkout: Loaded, options: PreviewOptions, steps: Iterable[PreviewStep]) -> None:
        """Write new ones to the ledger, so that no other command gives their names away."""
        tier = find_tier(checkout.settings, options.tier)
        if tier.source != "branch":
            raise InvalidInput(
                f"tier {tier.tier} is not for branches (source: {tier.source})", hints=("leave out --tier",), code="wrong-tier"
            )
        expires = later(None, self._clock.now(), self._with_life(options, checkout).life)
        for step in steps:
            found = EnvironmentId(project=checkout.settings.project, name=step.name)
            if self._ledger.record(found) is None:
                self._ledger.save(
                    EnvironmentRecord(
                        id=found,
                        tier=tier.tier,
                        directory="",
                        origin=checkout.directory,
                        kind=_PREVIEW,
                        branch=step.branch or None,
                        expires=expires,
                        domain=checkout.settings.domain,
                    )
                )

    def _side_by_side(
        self, checkout: Loaded, steps: Sequence[PreviewStep], work: Callable[[PreviewStep], PreviewResult]
    ) -> list[PreviewResult]:
        """Removals before the rest, so that what they free is there for the others."""
        project = checkout.settings.project
        done: dict[str, PreviewResult] = {}
        for wave in ({"remove"}, {"create", "update"}):
            own = {EnvironmentId(project=project, name=step.name): step for step in steps if step.action in wave}
            results = side_by_side(list(own), lambda one, own=own: work(own[one]), self._bring.interrupt)  # type: ignore[misc]
            done |= {result.step.name: result for result in results}
        return [done.get(step.name) or self._told(checkout, step) for step in steps]

    def _told(self, checkout: Loaded, step: PreviewStep) -> PreviewResult:
        """What is known of a step that was not carried out."""
        if not step.name:
            return PreviewResult(step=step)
        found = EnvironmentId(project=checkout.settings.project, name=step.name)
        return self._bring.told(step, found)

    def _with_life(self, options: PreviewOptions, checkout: Loaded) -> PreviewOptions:
        return replace(options, life=options.life or _life_of(checkout, options.tier))


def _title(text: str, commit: str, branch: str | None) -> str:
    """What a preview is called after: a commit's name is too long for that."""
    return commit[:_SHORT] if branch is None and commit.startswith(text) else text


def _shows(record: EnvironmentRecord, branch: str | None, commit: str) -> bool:
    """Whether it is the preview of this branch, or of this commit where no branch is meant."""
    return record.branch == branch if branch else record.branch is None and record.revision == commit


def _life_of(checkout: Loaded, tier: str) -> timedelta | None:
    life = find_tier(checkout.settings, tier).lifetime.ttl
    return parse_duration(life) if life else None
