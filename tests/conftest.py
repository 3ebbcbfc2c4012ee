"""What every engine test needs: the base image, made from its recipe where no registry answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

BASE = "debian:bookworm-slim"


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
