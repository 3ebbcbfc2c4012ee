from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localenv.actions.executions import Executions
from localenv.actions.executor.executor import Executor
from localenv.actions.executor.ports import Ports
from localenv.actions.executor.values import Execution, Outcome
from localenv.actions.masking import Masking
from localenv.actions.volumes import Volumes
from localenv.core.plan.steps import CreateVolume
from localenv.core.plan.value import Plan, assemble
from tests.fakes.memory_files import MemoryFiles
from tests.fakes.memory_volumes import MemoryVolumeStore
from tests.unit.plan.planning import STAGING, service, wanted

PLAN = assemble(STAGING, (CreateVolume(target="shop_staging_a", cause=""),))


class Prepared:
    wanted = wanted(service("db"), definitions={"db": {"environment": {"DB_PASSWORD": "hunter2"}}})
    profile = None


class World:
    """Executor and filling in one."""

    def __init__(self, during: Callable[[], None] = lambda: None) -> None:
        self.during = during
        self.did: list[str] = []
        self.execution: Execution | None = None
        me: Any = self
        self.executions = Executions(
            lambda _handlers: me, lambda: me, Masking(MemoryFiles()), end_programs=lambda: self.did.append("programs ended")
        )

    def handlers(self, *_given: object) -> dict[Any, Any]:
        return {}

    def run(self, _plan: Plan, execution: Execution) -> Outcome:
        self.did.append("run")
        self.execution = execution
        self.during()
        return Outcome(seconds=1.0)

    def interrupt(self) -> None:
        self.did.append("interrupted")

    def __call__(self, plan: Plan = PLAN) -> Outcome:
        prepared: Any = Prepared()
        return self.executions(plan, prepared, mode="host", timeout=1.0)


def test_a_plan_with_nothing_to_do_makes_no_executor() -> None:
    world = World()
    assert world(Plan(environment=STAGING)).seconds == 0.0
    assert world.did == []


def test_what_containers_say_is_redacted() -> None:
    world = World()
    world()
    assert world.execution is not None
    assert world.execution.redact is not None
    assert world.execution.redact("it is hunter2") == "it is ***"


def test_an_interruption_ends_the_run_and_the_programs_that_it_waits_for() -> None:
    world = World()
    world.during = world.executions.interrupt
    world()
    assert world.did == ["run", "interrupted", "programs ended"]


def test_after_an_interruption_no_other_plan_is_begun() -> None:
    """An environment that was still being prepared carried its whole plan out after ^C."""
    world = World()
    world.executions.interrupt()
    with pytest.raises(KeyboardInterrupt):
        world()
    assert world.did == ["programs ended"]


def test_an_executor_that_was_interrupted_before_its_run_begins_no_step() -> None:
    begun: list[str] = []

    class Anything:
        """Ports and starting, as far as they are asked before the first step."""

        def __getattr__(self, _name: str) -> Any:
            return lambda *_given, **_named: self

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_given: object) -> None:
            pass

    class Engine(Anything):
        def create_volume(self, spec: Any) -> None:
            begun.append(spec.name)

    anything: Any = Anything()
    engine: Any = Engine()
    ports = Ports(
        engine=engine,
        compose=anything,
        router=anything,
        store=anything,
        progress=anything,
        clock=anything,
        pack=anything.pack,
        volumes=Volumes(engine, MemoryVolumeStore(engine), anything),
        handlers={},
    )
    executor = Executor(ports, anything)
    executor.interrupt()
    many = tuple(CreateVolume(target=f"v{number}", cause="", after=(f"create volume v{number - 1}",)) for number in range(1, 9))
    first = CreateVolume(target="v0", cause="")
    with pytest.raises(KeyboardInterrupt):
        executor.run(assemble(STAGING, (first, *many)))
    assert len(begun) <= 1
