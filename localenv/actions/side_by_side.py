"""One piece of work for several environments at once, with every failure told and none of the others cut short."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from localenv.actions.workers import Workers, taken
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError

__all__ = ["side_by_side"]

WORKERS = 8
"""More gain nothing: the engine is the bottleneck (0.50, 0.30 and 0.28 s an environment with 1, 2 and 8)."""

LAST_GASP = 20.0
"""Seconds that environments under way get to end after an interruption; a second ^C leaves at once."""

Result = TypeVar("Result")


def side_by_side(
    environments: Sequence[EnvironmentId], work: Callable[[EnvironmentId], Result], interrupt: Callable[[], None]
) -> list[Result]:
    """Results in the order given. Raises the failure of the only one, or one error that lists all failures.

    ``interrupt`` ends what is under way when the command is interrupted; what has not begun then never does.
    """
    if len(environments) == 1:
        return [work(environments[0])]
    ends: queue.SimpleQueue[tuple[int, Result | BaseException]] = queue.SimpleQueue()
    stopping = threading.Event()

    def attempt(index: int) -> None:
        try:
            ends.put((index, KeyboardInterrupt() if stopping.is_set() else work(environments[index])))
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            ends.put((index, error))

    workers = Workers(WORKERS, "environment")
    outcomes: dict[int, Result | BaseException] = {}
    try:
        for index in range(len(environments)):
            workers.submit(partial(attempt, index))
        while len(outcomes) < len(environments):
            outcomes.update([taken(ends)])
    except KeyboardInterrupt:
        stopping.set()
        interrupt()
        _wait_for_the_rest(ends, len(environments) - len(outcomes))
        raise
    finally:
        workers.close()
    return _results(environments, [outcomes[index] for index in range(len(environments))])


def _wait_for_the_rest(ends: queue.SimpleQueue[tuple[int, Result | BaseException]], count: int) -> None:
    for _ in range(count):
        try:
            taken(ends, LAST_GASP)
        except queue.Empty:
            return


def _results(environments: Sequence[EnvironmentId], outcomes: Sequence[Result | BaseException]) -> list[Result]:
    failures = [(e, outcome) for e, outcome in zip(environments, outcomes, strict=True) if isinstance(outcome, BaseException)]
    for _environment, failure in failures:
        if not isinstance(failure, LocalenvError):
            raise failure
    if failures:
        raise _joined(failures, len(environments))
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]


def _joined(failures: Sequence[tuple[EnvironmentId, BaseException]], total: int) -> LocalenvError:
    lines: list[str] = []
    hints: dict[str, None] = {}
    for environment, failure in failures:
        if isinstance(failure, LocalenvError):
            where = f"{failure.where}: " if failure.where else ""
            lines += [f"{environment.name}: {where}{failure.message}", *(f"  {line}" for line in failure.details)]
            hints |= dict.fromkeys(failure.hints)
    return LocalenvError(
        f"{len(failures)} of {total} environments failed" + (", the others are done" if len(failures) < total else ""),
        details=tuple(lines),
        hints=tuple(hints),
        code="several",
    )
