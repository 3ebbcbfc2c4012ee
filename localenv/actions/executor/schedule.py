"""Walking a plan: each step begins when those it comes after have ended, independent ones side by side."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from localenv.actions.workers import Workers, taken
from localenv.core.plan.steps import AwaitReady, ConfirmRoute, ProbeUrl, Step
from localenv.errors.start import Cancelled

__all__ = ["Schedule", "is_waiting"]

_WORKING = 8
"""Steps at a time that keep the engine busy: more make nothing faster (facts.md)."""
_WAITING = 256
"""Steps at a time that only wait."""
_LAST_GASP = 15.0
"""Seconds that steps under way get to end after an interruption."""


@dataclass(frozen=True, slots=True)
class _End:
    step: Step | None
    """``None``: the command was interrupted."""
    error: BaseException | None


def is_waiting(step: Step) -> bool:
    """Whether a step does nothing but wait, so that any number of them may go on at once."""
    return isinstance(step, AwaitReady | ConfirmRoute | ProbeUrl)


class Schedule:
    """One walk. ``interrupt`` may be called from any thread."""

    def __init__(self, steps: Sequence[Step], act: Callable[[Step], None], cancel: Callable[[], None]) -> None:
        self._pending = list(steps)
        self._act = act
        self._cancel = cancel
        self._ends: queue.SimpleQueue[_End] = queue.SimpleQueue()
        self._working = Workers(_WORKING, "localenv-step")
        self._waiting = Workers(_WAITING, "localenv-wait")
        self._running: set[str] = set()
        self._done: set[str] = set()
        self._failures: list[BaseException] = []
        self._interrupted = False

    def interrupt(self) -> None:
        """Begin nothing more, end what only waits, and let ``walk`` raise ``KeyboardInterrupt``."""
        self._ends.put(_End(None, None))

    def walk(self) -> None:
        """Do all steps. The first failure keeps others from beginning; it is raised when those under way have ended.

        ``KeyboardInterrupt`` does the same; a second one is raised at once.
        """
        try:
            while self._begin() or self._running:
                self._take(None)
        except KeyboardInterrupt:
            self._stop_for_good()
        finally:
            self._working.close()
            self._waiting.close()
        if self._interrupted:
            raise KeyboardInterrupt
        if self._failures:
            raise self._failures[0]

    @property
    def remaining(self) -> tuple[Step, ...]:
        """Steps that did not end."""
        return tuple(step for step in self._all() if step.id not in self._done)

    def _all(self) -> list[Step]:
        return self._pending

    def _begin(self) -> bool:
        """Begin every step that may; whether any was begun."""
        if self._failures or self._interrupted:
            return False
        ready = [
            step
            for step in self._pending
            if step.id not in self._done and step.id not in self._running and self._done.issuperset(step.after)
        ]
        for step in ready:
            self._running.add(step.id)
            (self._waiting if is_waiting(step) else self._working).submit(lambda step=step: self._attempt(step))  # type: ignore[misc]
        return bool(ready)

    def _attempt(self, step: Step) -> None:
        try:
            self._act(step)
        except BaseException as error:  # noqa: BLE001 - raised again by ``walk``
            self._ends.put(_End(step, error))
        else:
            self._ends.put(_End(step, None))

    def _take(self, seconds: float | None) -> None:
        end = taken(self._ends, seconds)
        if end.step is None:
            self._interrupted = True
            self._cancel()
            return
        self._running.discard(end.step.id)
        if end.error is None:
            self._done.add(end.step.id)
        elif not isinstance(end.error, Cancelled):
            self._failures.append(end.error)
            self._cancel()

    def _stop_for_good(self) -> None:
        """After ^C: let what is under way end, for a while. A second ^C leaves from here."""
        self._interrupted = True
        self._cancel()
        try:
            while self._running:
                self._take(_LAST_GASP)
        except queue.Empty:
            return
