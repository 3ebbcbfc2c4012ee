"""A new version of a service while it is asked for without a pause: how many requests fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Figure, took
from tests.e2e.delivery.load import load
from tests.e2e.scenario import Installation

__all__ = ["rolling_replacement"]

REQUESTS = 50_000
COMPOSE = """
name: rollout
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    environment: {VERSION: "%s"}
    stop_grace_period: 5s
"""


def rolling_replacement(own: Installation, directory: Path) -> Iterator[Figure]:
    """Production's two replicas are replaced under load, by a version that works."""
    project = directory / "rollout"
    project.mkdir()
    (project / "compose.yaml").write_text(COMPOSE % "one")
    own.must("up", "production", cwd=project)
    try:
        with load(own, "production.rollout.localhost") as seen:
            seen.reach(REQUESTS // 4)
            (project / "compose.yaml").write_text(COMPOSE % "two")
            seconds = took(lambda: own.must("up", "production", cwd=project))
            seen.reach(REQUESTS)
    finally:
        own.must("destroy", "production", "--confirm", "production", "--reason", "measured", cwd=project)
    yield Figure(
        name=f"failed requests of {seen.count} over a replacement",
        ours=len(seen.failures),
        unit="",
        goal=0,
        note=f"replaced in {seconds:.1f} s",
    )
