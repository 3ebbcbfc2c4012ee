"""``up`` for a person: from the working tree, or from a merge of several branches in a worktree of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from localenv.actions.configuration import Loaded
from localenv.actions.discard_sources import DiscardSources
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest, UpResult
from localenv.actions.worktrees import Worktrees
from localenv.core.configuration.environments import environment_settings, tier_left_to
from localenv.core.findings import Note
from localenv.core.names import EnvironmentId
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.git import Branch, Git
from localenv.ports.state import Ledger, Locks

if TYPE_CHECKING:
    from localenv.actions.branches import ProjectBranches

__all__ = ["MergedUp"]


class MergedUp:
    """Merges first, so that a conflict leaves nothing behind."""

    def __init__(  # noqa: PLR0913 - what a merge is run with, handed in once by the wiring
        self,
        *,
        project: Callable[[str], Loaded],
        enter: Callable[[str, Loaded], None],
        git: Callable[[], Git],
        worktrees: Callable[[], Worktrees],
        up: Up,
        discard: DiscardSources,
        ledger: Ledger,
        locks: Locks,
    ) -> None:
        """``enter`` lets a worktree be read before an environment is known that runs from it."""
        self._project = project
        self._enter = enter
        self._git = git
        self._worktrees = worktrees
        self._up = up
        self._discard = discard
        self._ledger = ledger
        self._locks = locks

    def __call__(self, request: UpRequest, merge: Sequence[str] = ()) -> list[UpResult]:
        """Raises what ``Up`` raises, ``MergeConflict``, and ``LocalenvError`` (code ``is-preview``) for a preview's name."""
        checkout = self._project(request.directory)
        found = [EnvironmentId(project=checkout.settings.project, name=name) for name in request.names]
        self._refuse_previews(found)
        if merge:
            if len(found) > 1 or request.release:
                what = "a release" if request.release else "several environments"
                raise InvalidInput(f"--merge is not for {what}", hints=("localenv up development --merge BRANCH",))
            with self._locks.deployments(found[0]):
                return self._merged(request, checkout, found[0], tuple(dict.fromkeys(merge)))
        results = self._up(request)
        if not request.dry_run:
            for one in found:
                self._leave_worktree(one)
        return results

    def _leave_worktree(self, environment: EnvironmentId) -> None:
        """Remove the files of a merge that it ran from before; another command may be putting those of the next one there."""
        if self._discard.has_worktree(environment):
            with self._locks.deployments(environment):
                record = self._ledger.record(environment)
                if record is None or not record.origin:
                    self._discard.worktree(environment)

    def _merged(self, request: UpRequest, checkout: Loaded, found: EnvironmentId, merge: tuple[str, ...]) -> list[UpResult]:
        record = self._ledger.record(found)
        asked = request.tier or (record.tier if record else None)
        tier, _data = environment_settings(checkout.settings, found.name, tier_left_to(checkout.settings, found.name, asked))
        if tier.binds == "captured":
            raise InvalidInput(
                f"{found.name} takes releases (tier {tier.tier}), so nothing is merged into it",
                hints=("localenv up development --merge BRANCH",),
                code="wrong-tier",
            )
        from localenv.actions.branches import ProjectBranches

        branches = ProjectBranches(self._git(), checkout.directory)
        base = self._base(branches)
        commit = self._git().merge(branches.repository, base, [self._branch(branches, name) for name in merge])
        try:
            placed = self._worktrees().place(
                branches.repository, commit, found, tier=tier.tier, checkout=checkout.directory, foreign=False
            )
            self._enter(placed.directory, checkout)
            (result,) = self._up(replace(request, directory=placed.directory, worktree=True))
        finally:
            self._tidy(found, commit)
        if not request.dry_run and (record := self._ledger.record(found)) is not None:
            self._ledger.save(replace(record, revision=commit, merged=json.dumps([base.name, *merge])))
            self._discard.worktree(found, but=commit)
        text = f"{', '.join(merge)} merged into {base.name}, commit {commit[:12]}"
        return [replace(result, notes=(Note(code="merged", message=text), *placed.notes, *result.notes))]

    def _tidy(self, environment: EnvironmentId, commit: str) -> None:
        """Leave no files of a commit that the environment does not run from."""
        record = self._ledger.record(environment)
        runs = record is not None and record.origin and f"/{commit[:12]}" in record.directory
        if not runs:
            self._discard.worktree(environment, but=record.revision if record and record.origin else None)

    def _base(self, branches: ProjectBranches) -> Branch:
        default = branches.default
        return Branch(name=default.name, reference="", commit=default.commits[0])

    def _branch(self, branches: ProjectBranches, name: str) -> Branch:
        return Branch(name=name, reference="", commit=self._git().commit(branches.repository, name))

    def _refuse_previews(self, found: Sequence[EnvironmentId]) -> None:
        for one in found:
            record = self._ledger.record(one)
            if record is not None and record.kind == "preview":
                branch = record.branch or (record.revision or "")[:12]
                raise LocalenvError(
                    f"{one.name} is the preview of {branch}, which runs from that, not from the working tree",
                    hints=(f"localenv preview create {branch}   (brings it to the branch as it is now)", "localenv preview sync"),
                    code="is-preview",
                )
