"""Carries out a plan: journalled, side by side, stopped cleanly by a failure or an interruption."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from localenv.actions.executor.effects import Effects
from localenv.actions.executor.ports import Ports
from localenv.actions.executor.schedule import Schedule
from localenv.actions.executor.values import Execution, Outcome
from localenv.actions.starting import Facts, Session, Starting
from localenv.core.plan import Plan, plan_take_back
from localenv.core.plan.graph import networks_of
from localenv.core.plan.journal import entry, is_fill
from localenv.core.plan.rolling_steps import NameReplicas
from localenv.core.plan.steps import KeepContainer, PublishRoute, RemoveContainer, Step
from localenv.core.wanted import Wanted
from localenv.errors import LocalenvError
from localenv.ports.progress import Message, StepState

__all__ = ["Executor", "waiting_facts"]


class Executor:
    """Carries out plans; one may be used for several environments at once, each in a thread of its own."""

    def __init__(self, ports: Ports, starting: Starting) -> None:
        self._ports = ports
        self._starting = starting
        self._lock = threading.Lock()
        self._schedules: set[Schedule] = set()
        self._interrupted = False

    def run(self, plan: Plan, execution: Execution | None = None) -> Outcome:
        """Do what the plan says. Raises the first failure, or ``KeyboardInterrupt``, after what was under way has ended."""
        execution = execution or Execution()
        began = self._ports.clock.monotonic()
        facts = waiting_facts(execution.wanted)
        with self._starting.session(plan.environment, facts=facts, timeout=execution.timeout, redact=execution.redact) as session:
            effects = Effects(self._ports, session, execution.wanted, execution.routes, execution.timeout)
            try:
                self._walk(plan, effects)
                session.settle()
            except LocalenvError as error:
                self._take_back(plan, execution.wanted, error)
                raise
            return self._outcome(plan, session, effects, began)

    def interrupt(self) -> None:
        """End every run in progress or yet to begin; each raises ``KeyboardInterrupt`` in its own thread."""
        with self._lock:
            self._interrupted = True
            schedules = tuple(self._schedules)
        for schedule in schedules:
            schedule.interrupt()

    def _take_back(self, plan: Plan, wanted: Wanted | None, error: LocalenvError) -> None:
        """After a failure, remove what was put beside containers that still serve: nobody outside has seen it."""
        environment = plan.environment
        if wanted is None or not any(isinstance(step, NameReplicas) for step in plan.steps):
            return
        listed = frozenset(backend.host for backend in self._ports.router.backends(environment))
        observed = self._ports.engine.observe(environment.project, environment.name)
        removals = plan_take_back(wanted, observed, listed).steps
        for step in removals:
            if isinstance(step, RemoveContainer):
                self._do(plan, lambda it: self._ports.engine.remove(it.container), step)
        if removals:
            services = ", ".join(sorted({step.service for step in removals if isinstance(step, RemoveContainer)}))
            error.details += (f"{services}: what served before still does; the new containers were removed again",)
            error.hints = tuple(hint for hint in error.hints if not any(hint.endswith(f" {step.target}") for step in removals))

    def _outcome(self, plan: Plan, session: Session, effects: Effects, began: float) -> Outcome:
        return Outcome(
            seconds=self._ports.clock.monotonic() - began,
            readiness=tuple(sorted(session.results, key=lambda result: (result.service, result.number))),
            status=effects.serving.status,
            router_seconds=effects.serving.seconds,
            done=tuple(step.id for step in plan.changes),
        )

    def _walk(self, plan: Plan, effects: Effects) -> None:
        for step in plan.steps:
            if is_fill(step):
                self._note(plan, step, "planned")
            if type(step) is PublishRoute:
                effects.serving.prepare(step)
        schedule = Schedule(plan.steps, lambda step: self._do(plan, effects, step), effects.cancel)
        with self._lock:
            self._schedules.add(schedule)
            if self._interrupted:
                schedule.interrupt()
        try:
            schedule.walk()
        except KeyboardInterrupt:
            self._tell_remaining(plan, schedule)
            raise
        finally:
            with self._lock:
                self._schedules.discard(schedule)

    def _tell_remaining(self, plan: Plan, schedule: Schedule) -> None:
        left = [step for step in schedule.remaining if step.changes]
        names = ", ".join(step.id for step in left[:3])
        more = f" and {len(left) - 3} more" if len(left) > 3 else ""  # noqa: PLR2004 - as many as are named
        text = f"interrupted before: {names}{more}; the same command goes on from here" if left else "interrupted while waiting"
        self._ports.progress.emit(Message(stage="note", text=text, environment=plan.environment.name))

    def _do(self, plan: Plan, effects: Callable[[Any], None], step: Step) -> None:
        if isinstance(step, KeepContainer):
            return
        self._note(plan, step, "begun")
        try:
            effects(step)
        except BaseException:
            self._note(plan, step, "failed")
            raise
        self._note(plan, step, "done")

    def _note(self, plan: Plan, step: Step, state: str) -> None:
        """Write the journal, then tell who watches. Steps that change nothing need no journal."""
        if step.changes:
            at = self._ports.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            with self._lock:
                self._ports.store.journal(plan.environment, entry(at=at, state=state, step=step.id))
        if state in {"begun", "done", "failed"}:
            self._ports.progress.emit(
                StepState(environment=plan.environment.name, kind=step.kind, target=step.target, state=state)  # type: ignore[arg-type]
            )


def waiting_facts(wanted: Wanted | None) -> Facts:
    """Networks and probable ports of the services."""
    if wanted is None:
        return Facts()
    names = {network.key: network.name for network in wanted.networks}
    networks = {
        service.name: names[key]
        for service in wanted.services
        for key in networks_of(wanted.model, service.name)[:1]
        if key in names
    }
    ports: dict[str, tuple[int, str]] = {}
    for exposure in wanted.exposures:
        network = names.get(exposure.network or "") or networks.get(exposure.service)
        if exposure.protocol != "udp" and network is not None:
            ports.setdefault(exposure.service, (exposure.port, network))
    return Facts(networks=networks, ports=ports)
