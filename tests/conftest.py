"""What every engine test needs: the base image, made from its recipe where no registry answers."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

BASE = "debian:bookworm-slim"
HERE = Path(__file__).parent
FAMILIES = {
    "tests/e2e/commands/test_comparing.py": "commands",
    "tests/e2e/commands/test_imports.py": "commands",
    "tests/e2e/commands/test_looking.py": "commands",
    "tests/e2e/commands/test_repairing.py": "commands",
    "tests/e2e/commands/test_running.py": "commands",
    "tests/e2e/commands/test_watching.py": "commands",
    "tests/e2e/data/test_data_profiles.py": "filled",
    "tests/e2e/data/test_failed_loads.py": "filled",
    "tests/e2e/delivery/test_load_check.py": "shop",
    "tests/e2e/delivery/test_promotion.py": "shop",
    "tests/e2e/delivery/test_promotion_killed.py": "shop",
    "tests/e2e/router/test_router_inside.py": "router",
    "tests/e2e/router/test_router_lives.py": "router",
    "tests/e2e/router/test_router_serves.py": "router",
    "tests/e2e/router/test_router_under_load.py": "router",
    "tests/e2e/survival/test_data_disk_full.py": "crowded",
    "tests/e2e/survival/test_ports_and_addresses.py": "crowded",
}
"""Modules that use one project's name, or the same addresses: one worker runs them, one after the other."""


def pytest_configure() -> None:
    """What a shell starts in the background or under ``nohup`` ignores signals, and so does all that it starts: tests send them.

    How long a property's example takes is the machine's matter.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and any(item.iter_markers("engine")):
            item.fixturenames.insert(0, "base_image")


class ByModule(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out whole modules, in the order in which they stand: what a module's fixtures start is used by one worker."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return FAMILIES.get(module, module)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    return ByModule(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that is marked ``alone`` has the machine for itself; pytest's timeout does not count the wait for that."""
    if not hasattr(item.config, "workerinput"):
        return (yield)
    with _machine(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@contextmanager
def _machine(*, alone: bool) -> Iterator[None]:
    """Hold the machine, with others or alone. Who waits stands at the door, so that nobody overtakes."""
    with _held(HERE, fcntl.LOCK_EX) as door:
        machine = os.open(HERE / "e2e", os.O_RDONLY)
        fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        try:
            yield
        finally:
            os.close(machine)


@contextmanager
def _held(directory: Path, how: int) -> Iterator[int]:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield descriptor
    finally:
        os.close(descriptor)


@pytest.fixture(scope="session")
def base_image(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """The image that tests run, there from now on; made once, though several workers ask."""
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    with FileLock(shared / "base-image.lock"):
        there = subprocess.run(["docker", "image", "inspect", "--", BASE], capture_output=True, check=False)
        if there.returncode != 0:
            _make(tmp_path_factory.mktemp("images"))
    return BASE


def _make(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "localenv", "images", "build", "base"],
        env={**os.environ, "LOCALENV_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
