"""The engine's contract runs on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract import engine_bench

REAL = [pytest.param(kind, marks=pytest.mark.engine) for kind in ("docker", "docker by the SDK")]


@pytest.fixture(params=["memory", *REAL])
def bench(request: pytest.FixtureRequest) -> Iterator[engine_bench.Bench]:
    """An engine to hold to the contract, in memory or real."""
    yield from engine_bench.benches(request.param)
