"""However much is loaded, localenv itself stays small: rows are made, handed on and forgotten."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.loading import resident
from bench.projects import wide
from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e, pytest.mark.alone]

LIMIT = 150 << 10
"""KiB."""
ENOUGH = 160_000
"""Rows that fill everything that holds rows for a moment: from there on, more of them take no more memory."""


def most_memory(own: Installation, project: Path) -> int:
    process = own.start("up", "--data", "wide", cwd=project)
    most = 0
    while process.poll() is None:
        most = max(most, resident(process.pid))
        time.sleep(0.05)
    assert process.returncode == 0
    own.must("destroy", "--yes", cwd=project)
    return most


@pytest.mark.timeout(500)
def test_memory_does_not_grow_with_what_is_loaded(own: Installation, tmp_path: Path) -> None:
    little = most_memory(own, wide(tmp_path / "little", rows=ENOUGH))
    much = most_memory(own, wide(tmp_path / "much", rows=500_000))
    assert much < LIMIT
    assert much < little + (24 << 10)
