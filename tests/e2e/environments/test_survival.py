"""Killed anywhere, run again: it finishes. Two at once: one waits, both succeed."""

from __future__ import annotations

import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["assets:/usr/share/nginx/html:ro"]
    depends_on:
      cache: {condition: service_healthy}
      fill: {condition: service_completed_successfully}
  fill:
    image: debian:bookworm-slim
    command: ["sh", "-c", "echo filled > /assets/index.html"]
    volumes: ["assets:/assets"]
  cache:
    image: redis:7
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 10s}
volumes: {assets: {}}
"""
KILLS = 20


@pytest.fixture
def killed(project: Path) -> Path:
    (project / "compose.yaml").write_text(COMPOSE)
    return project


def test_up_killed_at_twenty_moments_finishes_when_run_again(own: Installation, killed: Path) -> None:
    began = time.monotonic()
    own.must("up", cwd=killed)
    whole = time.monotonic() - began
    own.must("destroy", "--yes", cwd=killed)
    moments = random.Random(7)  # noqa: S311 - moments to kill at, not a secret
    for _ in range(KILLS):
        process = own.start("up", cwd=killed)
        time.sleep(moments.uniform(0.05, whole))
        process.send_signal(signal.SIGKILL)
        process.wait()
    own.must("up", cwd=killed)
    assert own.get(f"development.{killed.name}.localhost").body == "filled\n"
    process = own.start("destroy", "--yes", cwd=killed)
    time.sleep(0.4)
    process.send_signal(signal.SIGKILL)
    process.wait()
    own.must("destroy", "--yes", cwd=killed)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


def test_two_at_once_both_succeed(own: Installation, killed: Path) -> None:
    processes = [own.start("up", cwd=killed) for _ in range(2)]
    assert [process.wait(120) for process in processes] == [0, 0]
    assert own.get(f"development.{killed.name}.localhost").status == 200
    own.must("destroy", "--yes", cwd=killed)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


def test_objects_removed_by_hand_are_made_again(own: Installation, killed: Path) -> None:
    own.must("up", cwd=killed)
    docker("rm", "-f", f"{killed.name}_development-web-1")
    eventually(lambda: f"{killed.name}_development-web-1" not in docker("ps", "-a", "--format", "{{.Names}}"))
    own.must("up", cwd=killed)
    assert own.get(f"development.{killed.name}.localhost").body == "filled\n"
    own.must("destroy", "--yes", cwd=killed)


def test_an_environment_outlives_its_project_directory(own: Installation, killed: Path) -> None:
    own.must("up", cwd=killed)
    shutil.rmtree(killed)
    listed = own.must("ls", "--output", "json", cwd=own.home).json["environments"]
    assert [item["name"] for item in listed] == ["development"]
    own.must("stop", f"{killed.name}/development", cwd=own.home)
    own.must("destroy", f"{killed.name}/development", "--yes", cwd=own.home)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


def test_an_environment_outlives_the_state_directory(own: Installation, killed: Path) -> None:
    own.must("up", cwd=killed)
    shutil.rmtree(own.home / "environments")
    for path in own.home.glob("ledger.sqlite*"):
        path.unlink()
    own.must("up", cwd=killed)
    assert own.get(f"development.{killed.name}.localhost").body == "filled\n"
    own.must("destroy", "--yes", cwd=killed)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
