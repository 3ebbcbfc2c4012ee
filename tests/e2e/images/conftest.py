"""Stand-ins made for the test run, and containers of them that are gone at its end."""

from __future__ import annotations

import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.subprocess_processes import SubprocessProcesses, caller_environment
from localenv.ports.progress import Event
from localenv.wiring.image_actions import ImageActions, image_actions
from tests.e2e.images.containers import Container


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        threading.Event().wait(seconds)


class Quiet:
    def emit(self, event: Event) -> None:
        """Nothing is shown."""


@pytest.fixture(scope="session")
def images() -> Iterator[ImageActions]:
    environment, clock = caller_environment(), RealClock()
    engine = DockerEngine(owner=f"test-{uuid.uuid4().hex[:8]}", clock=clock, environment=environment)
    yield image_actions(engine=engine, processes=SubprocessProcesses(environment), clock=clock)
    engine.close()


@pytest.fixture(scope="session")
def built(images: ImageActions) -> Callable[[str], str]:
    """The recipe's image under the reference that it stands in for."""

    def reference(recipe: str) -> str:
        return images.build([recipe], Quiet())[0].reference

    return reference


@pytest.fixture
def start(built: Callable[[str], str]) -> Iterator[Callable[..., Container]]:
    """Starts a container of a recipe's image: ``start("redis", "--env=A=b", command=("redis-server",))``."""
    started: list[Container] = []

    def run(recipe: str, *options: str, command: tuple[str, ...] = ()) -> Container:
        name = f"localenv-test-{recipe}-{uuid.uuid4().hex[:8]}"
        started.append(Container(name=name))
        subprocess.run(
            ["docker", "run", "--detach", f"--name={name}", *options, "--", built(recipe), *command],
            check=True,
            capture_output=True,
        )
        return started[-1]

    yield run
    for container in started:
        subprocess.run(["docker", "rm", "--force", "--volumes", "--", container.name], check=False, capture_output=True)
