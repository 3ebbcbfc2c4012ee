"""Carrying out the plan of one prepared environment: the executor with this environment's handlers, routes and secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from localenv.actions.executor import Execution, Executor, Handler, Outcome
from localenv.actions.filling import Filling
from localenv.actions.prepare import Prepared
from localenv.core.plan import Plan
from localenv.core.plan.steps import Step
from localenv.core.redaction import redactor
from localenv.core.routing import routes_of

__all__ = ["Executions"]

MakeExecutor = Callable[[Mapping[type[Step], Handler]], Executor]


class Executions:
    """Makes an executor for each run and can interrupt all of them."""

    def __init__(self, make: MakeExecutor, filling: Filling) -> None:
        self._make = make
        self._filling = filling
        self._executors: set[Executor] = set()

    def __call__(self, plan: Plan, prepared: Prepared, *, mode: Literal["host", "attached"], timeout: float) -> Outcome:
        """Do what the plan says. Raises the first failure."""
        if not plan.changes and not plan.waits:
            return Outcome(seconds=0.0)
        executor = self._make(self._filling.handlers(prepared.wanted, prepared.profile))
        routes = routes_of(prepared.wanted, mode)
        self._executors.add(executor)
        try:
            return executor.run(
                plan,
                Execution(
                    wanted=prepared.wanted, routes=lambda _containers: routes, timeout=timeout, redact=redactor(prepared.wanted)
                ),
            )
        finally:
            self._executors.discard(executor)

    def interrupt(self) -> None:
        """End every run in progress."""
        for executor in tuple(self._executors):
            executor.interrupt()
