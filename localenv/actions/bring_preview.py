"""Bringing one preview to a commit: its files, its environment, and what the commit before leaves."""

from __future__ import annotations

from dataclasses import replace

from localenv.actions.configuration import Loaded
from localenv.actions.discard_sources import DiscardSources
from localenv.actions.environments import exposures_of
from localenv.actions.lifecycle import Lifecycle
from localenv.actions.preview_values import PreviewOptions, PreviewResult
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest, UpResult
from localenv.actions.worktrees import PlacedCommit, Worktrees
from localenv.core.names import EnvironmentId
from localenv.core.previews import PreviewStep, later
from localenv.errors import LocalenvError
from localenv.ports.clock import Clock
from localenv.ports.engine import Engine
from localenv.ports.git import Repository
from localenv.ports.state import EnvironmentRecord, Ledger, Locks

__all__ = ["BringPreview"]


class BringPreview:
    """What fails is in the result; the preview shows what it showed before, or nothing is left of it."""

    def __init__(  # noqa: PLR0913 - what a preview is made with, handed in once by the wiring
        self,
        *,
        worktrees: Worktrees,
        up: Up,
        lifecycle: Lifecycle,
        discard: DiscardSources,
        engine: Engine,
        ledger: Ledger,
        locks: Locks,
        clock: Clock,
    ) -> None:
        self._worktrees = worktrees
        self._up = up
        self._lifecycle = lifecycle
        self._discard = discard
        self._engine = engine
        self._ledger = ledger
        self._locks = locks
        self._clock = clock

    def __call__(self, step: PreviewStep, repository: Repository, checkout: Loaded, options: PreviewOptions) -> PreviewResult:
        """Check the commit out and bring the environment up from it. The record of the preview is there already.

        Another command may have been at it meanwhile: what counts is where the branch is when its turn comes.
        """
        found = EnvironmentId(project=checkout.settings.project, name=step.name)
        with self._locks.deployments(found):
            step = replace(step, commit=self._worktrees.newest(repository, step.reference) or step.commit)
            return self._held(step, found, repository, checkout, options)

    def _held(
        self, step: PreviewStep, found: EnvironmentId, repository: Repository, checkout: Loaded, options: PreviewOptions
    ) -> PreviewResult:
        """With nobody else bringing it elsewhere."""
        record = self._ledger.record(found)
        if record is None or step.commit is None:
            return self.told(step, found)
        built = self._discard.built(found)
        try:
            new = record.revision is None and self._is_nothing(found)
            placed = self._worktrees.place(
                repository, step.commit, found, tier=record.tier, checkout=checkout.directory, foreign=True
            )
            result = self._brought(found, placed, options, new=new)
        except LocalenvError as error:
            self._clean_up(found)
            return replace(self.told(step, found), error=error)
        self._remember(found, step.commit, options)
        self._discard.worktree(found, but=step.commit)
        self._discard.images(found.project, built - self._discard.built(found))
        told = self.told(step, found)
        return replace(told, seconds=result.seconds.get("total", 0.0), notes=(*placed.notes, *result.notes))

    def interrupt(self) -> None:
        """End what is under way in other threads."""
        self._up.interrupt()

    def told(self, step: PreviewStep, environment: EnvironmentId) -> PreviewResult:
        """What the ledger knows of a preview."""
        record = self._ledger.record(environment)
        exposures = exposures_of(record)
        url = next((str(each["url"]) for each in exposures if each.get("primary") and each.get("url")), None)
        return PreviewResult(step=step, id=environment, url=url, expires=record.expires if record else None)

    def _brought(self, environment: EnvironmentId, placed: PlacedCommit, options: PreviewOptions, *, new: bool) -> UpResult:
        (result,) = self._up(
            UpRequest(
                directory=placed.directory,
                names=(environment.name,),
                data=options.data if new else None,
                snapshot=options.snapshot if new else None,
                timeout=options.timeout,
            )
        )
        return result

    def _remember(self, environment: EnvironmentId, commit: str, options: PreviewOptions) -> None:
        record = self._ledger.record(environment)
        if record is not None:
            expires = later(record.expires, self._clock.now(), options.life)
            self._ledger.save(replace(record, revision=commit, expires=expires))

    def _clean_up(self, environment: EnvironmentId) -> None:
        """Nothing is left of one that never was anything; the files of another keep to what it runs."""
        record = self._ledger.record(environment)
        if record is None:
            return
        if record.revision is None and self._is_nothing(environment):
            self._lifecycle("destroy", [environment])
        elif record.revision is not None and _runs_from(record, record.revision):
            self._discard.worktree(environment, but=record.revision)

    def _is_nothing(self, environment: EnvironmentId) -> bool:
        seen = self._engine.observe(environment.project, environment.name, details=False)
        return not (seen.containers or seen.networks or seen.volumes)


def _runs_from(record: EnvironmentRecord, commit: str) -> bool:
    """Whether its files are still those of this commit: one that began to change runs from both."""
    return f"/{commit[:12]}" in record.directory
