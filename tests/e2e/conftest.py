"""One installation for each test module: own state, owner, ports and addresses."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import scenario


@pytest.fixture(scope="module")
def own(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[scenario.Installation]:
    """A localenv apart from everybody else's."""
    third = zlib.crc32(request.node.nodeid.encode()) % 16
    worker = 0 if worker_id == "master" else int(worker_id.removeprefix("gw")) % 8
    yield from scenario.installation(tmp_path_factory.mktemp("home"), f"10.{240 + worker}.{third * 16}.0/20")


@pytest.fixture
def project(tmp_path: Path, worker_id: str) -> Path:
    """An empty directory whose name is a project's, which no other worker uses."""
    directory = tmp_path / ("trial" if worker_id == "master" else f"trial-{worker_id}")
    directory.mkdir()
    return directory
