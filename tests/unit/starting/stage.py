"""An environment on the in-memory engine, its containers made and ready to be started."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from localenv.actions.starting import Facts, Session, Starting
from localenv.adapters.clock import SystemClock
from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.core.plan.steps import AwaitReady, StartService
from localenv.core.wanted import ServiceWanted
from localenv.ports.progress import Event, Message, ServiceState
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_objects import Endpoint

STAGING = EnvironmentId(project="shop", name="staging")
PATIENCE = 5.0


class Recorder:
    """Keeps what was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def states(self, service: str) -> list[str]:
        return [event.state for event in self.events if isinstance(event, ServiceState) and event.service == service]

    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Message)]


class Stage:
    """An engine, what it is told to do, and what was said."""

    def __init__(self, *, dialer: Any = None) -> None:
        self.engine = MemoryEngine()
        self.progress = Recorder()
        self.starting = Starting(engine=self.engine, progress=self.progress, clock=SystemClock(), dialer=dialer)

    def container(self, service: ServiceWanted, *, number: int = 1, **given: Any) -> str:
        self.engine.add_image(service.image)
        return self.engine.create_container(
            f"{STAGING.compose_project}-{service.name}-{number}",
            service.image,
            **{
                "labels": {
                    labels.OWNER: self.engine.owner,
                    labels.PROJECT: STAGING.project,
                    labels.ENVIRONMENT: STAGING.name,
                    labels.SPEC: service.spec,
                    labels.COMPOSE_PROJECT: STAGING.compose_project,
                    labels.COMPOSE_SERVICE: service.name,
                    labels.COMPOSE_NUMBER: str(number),
                    labels.ONE_SHOT: str(service.one_shot).lower(),
                    labels.MAY_END: str(service.may_end).lower(),
                },
                "restart": "no" if service.one_shot else "always",
                "healthcheck": service.health is not None,
                **given,
            },
        )

    @contextmanager
    def session(self, *, timeout: float = PATIENCE, facts: Facts | None = None) -> Iterator[Session]:
        with self.starting.session(
            STAGING, timeout=timeout, facts=facts, redact=lambda text: text.replace("hunter2", "***")
        ) as session:
            yield session


def network(stage: Stage) -> dict[str, Endpoint]:
    from localenv.ports.engine import NetworkSpec

    stage.engine.create_network(NetworkSpec(name="shop_staging_default", subnet="10.231.4.0/27"))
    return {"shop_staging_default": Endpoint(configured="10.231.4.17")}


def start(service: ServiceWanted, policy: str = "always") -> StartService:
    return StartService(target=service.name, cause="", service=service, policy="no" if service.one_shot else policy)


def await_ready(service: ServiceWanted) -> AwaitReady:
    return AwaitReady(target=service.name, cause="", service=service, goal="done" if service.one_shot else "ready")


def no_leftover_threads() -> bool:
    """Whether nothing of a session is still listening."""
    return not any(thread.name == "localenv-events" for thread in threading.enumerate())
