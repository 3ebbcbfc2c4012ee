"""Removing previews that nobody needs, and remembering those whose time was up, so that no ``sync`` brings them back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from localenv.actions.lifecycle import Lifecycle
from localenv.actions.preview_values import PreviewResult
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.previews import PreviewStep, is_expired
from localenv.errors import LocalenvError
from localenv.ports.clock import Clock
from localenv.ports.state import EnvironmentRecord, Ledger

__all__ = ["RemovePreviews"]


class RemovePreviews:
    """Removes whole environments, each with a line in the audit log."""

    def __init__(
        self,
        *,
        lifecycle: Lifecycle,
        ledger: Ledger,
        clock: Clock,
        rules: Callable[[EnvironmentId], TierProfile],
        audit: Callable[[EnvironmentId, str], None],
    ) -> None:
        """``rules``: the tier of an environment that is there. ``audit`` writes down why one was removed."""
        self._lifecycle = lifecycle
        self._ledger = ledger
        self._clock = clock
        self._rules = rules
        self._audit = audit

    def __call__(self, project: str, step: PreviewStep) -> PreviewResult:
        """Remove one; what fails is in the result."""
        found = EnvironmentId(project=project, name=step.name)
        try:
            if not self._rules(found).lifetime.bulk_removal:
                hint = f"localenv destroy {step.name}"
                kept = LocalenvError(f"{step.cause}, and its tier is never removed in bulk", hints=(hint,), code="kept-from-bulk")
                return PreviewResult(step=step, id=found, error=kept)
            (done,) = self._lifecycle("destroy", [found])
        except LocalenvError as error:
            return PreviewResult(step=step, id=found, error=error)
        self._audit(found, step.cause)
        return PreviewResult(step=step, id=found, seconds=done.seconds)

    def expired(self) -> list[EnvironmentRecord]:
        """Previews of every project whose time is up."""
        now = self._clock.now()
        previews = [record for record in self._ledger.records() if record.kind == "preview"]
        ended = [record for record in previews if is_expired(record.expires, now)]
        return [record for record in ended if self._rules(record.id).lifetime.bulk_removal]

    def all_expired(self) -> list[EnvironmentRecord]:
        """Remove them; they come back with the next commit. Raises one error for all that cannot be removed."""
        found = self.expired()
        for record in found:
            self._note(record.id.project, [record])
        self._lifecycle("destroy", [record.id for record in found])
        for record in found:
            self._audit(record.id, f"its time was up at {record.expires}")
        return found

    def ended(self, project: str) -> Mapping[str, str]:
        """Commit by branch of the previews whose time was up."""
        return dict(json.loads(self._ledger.setting(_key(project)) or "{}"))

    def note(self, project: str, steps: Iterable[PreviewStep], records: Iterable[EnvironmentRecord]) -> None:
        """Remember those that are to be removed because their time is up."""
        leaving = {step.name for step in steps if step.action == "remove"}
        now = self._clock.now()
        self._note(project, [each for each in records if each.id.name in leaving and is_expired(each.expires, now)])

    def forget(self, project: str, branch: str) -> None:
        """Let a branch have a preview again."""
        known = dict(self.ended(project))
        if known.pop(branch, None) is not None:
            self._ledger.set_setting(_key(project), json.dumps(known, sort_keys=True))

    def _note(self, project: str, records: Iterable[EnvironmentRecord]) -> None:
        ended = {record.branch: record.revision for record in records if record.branch and record.revision}
        if ended:
            self._ledger.set_setting(_key(project), json.dumps({**self.ended(project), **ended}, sort_keys=True))


def _key(project: str) -> str:
    return f"previews-expired/{project}"
