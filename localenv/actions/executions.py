"""Carrying out the plan of one prepared environment: the executor with this environment's handlers, routes and secrets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from localenv.actions.executor.values import Execution, Outcome
from localenv.actions.masking import Masking
from localenv.actions.prepare import Prepared
from localenv.core.plan import Plan
from localenv.core.plan.steps import Step
from localenv.core.routing import routes_of
from localenv.core.wanted import Wanted

if TYPE_CHECKING:
    from localenv.actions.executor.executor import Executor
    from localenv.actions.executor.ports import Handler
    from localenv.actions.filling import Filling

    MakeExecutor = Callable[[Mapping[type[Step], Handler]], Executor]

__all__ = ["Executions"]


class Executions:
    """Makes an executor for each run and can interrupt all of them."""

    def __init__(
        self, make: MakeExecutor, filling: Callable[[], Filling], masking: Masking, end_programs: Callable[[], None]
    ) -> None:
        """``filling`` is asked for when a plan has something to do: loading it takes longer than seeing that none has.

        ``end_programs`` ends what other threads wait for: a build, a ``docker compose create``.
        """
        self._make = make
        self._filling = filling
        self._masking = masking
        self._end_programs = end_programs
        self._lock = threading.Lock()
        self._executors: set[Executor] = set()
        self._interrupted = False

    def __call__(self, plan: Plan, prepared: Prepared, *, mode: Literal["host", "attached"], timeout: float) -> Outcome:
        """Do what the plan says. Raises the first failure, ``KeyboardInterrupt`` once ``interrupt`` was called."""
        if not plan.changes and not plan.waits:
            return Outcome(seconds=0.0)
        executor = self._make(self._filling().handlers(prepared.wanted, prepared.profile))
        with self._lock:
            if self._interrupted:
                raise KeyboardInterrupt
            self._executors.add(executor)
        try:
            return executor.run(
                plan,
                Execution(
                    wanted=prepared.wanted,
                    routes=lambda containers: routes_of(prepared.wanted, containers, mode),
                    timeout=timeout,
                    redact=self.redactor(prepared.wanted),
                ),
            )
        finally:
            with self._lock:
                self._executors.discard(executor)

    def redactor(self, wanted: Wanted) -> Callable[[str], str]:
        """Masks the secret values of an environment in what its containers say."""
        return self._masking(wanted.model, (file for service in wanted.services for file in service.injected))

    def interrupt(self) -> None:
        """End every run in progress, and let none begin: an environment may still be on its way to its plan."""
        with self._lock:
            self._interrupted = True
            executors = tuple(self._executors)
        for executor in executors:
            executor.interrupt()
        self._end_programs()
