"""A project that mounts itself, as most do for development, in the tiers that capture their source."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: captured
services:
  web:
    image: python:3.12
    command: [python3, -m, http.server, "8000", --directory, /app/public]
    init: true
    stop_grace_period: 1s
    volumes: [".:/app", "./web.conf:/etc/web.conf:ro"]
    ports: ["8000:8000"]
  db:
    image: redis:7
    volumes: ["./redis-data:/data"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 2s}
"""


@pytest.fixture(scope="module")
def captured(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("captured")
    for name in ("public", ".git", "redis-data"):
        (directory / name).mkdir()
    for name, text in {
        "compose.yaml": COMPOSE,
        "public/index.html": "first",
        "web.conf": "one",
        ".git/index": "x",
        "redis-data/x": "x",
    }.items():
        (directory / name).write_text(text)
    (directory / "public" / "linked.html").symlink_to("index.html")
    own.must("up", "production", cwd=directory, timeout=280)
    return directory


def test_the_copy_has_the_links_and_neither_history_nor_a_databases_files(own: Installation, captured: Path) -> None:
    assert own.get("production.captured.localhost", "/linked.html").body == "first"
    leave = ("--confirm", "production", "--reason", "a test")
    listed = own.must("exec", *leave, "production", "web", "--", "ls", "-A", "/app", cwd=captured)
    assert sorted(listed.stdout.split()) == ["compose.yaml", "public", "web.conf"]


def test_two_replicas_share_the_copy(captured: Path) -> None:
    label = "label=com.docker.compose.project=captured_production"
    assert len(docker("ps", "-q", "--filter", label, "--filter", "label=com.docker.compose.service=web")) == 2


def test_new_source_reaches_it_with_the_next_up_and_the_database_stays(own: Installation, captured: Path) -> None:
    label = "label=com.docker.compose.project=captured_production"
    database = docker("ps", "-q", "--filter", label, "--filter", "label=com.docker.compose.service=db")
    (captured / "public" / "index.html").write_text("second")
    assert own.get("production.captured.localhost").body == "first"
    own.must("up", "production", cwd=captured, timeout=280)
    assert own.get("production.captured.localhost").body == "second"
    assert docker("ps", "-q", "--filter", label, "--filter", "label=com.docker.compose.service=db") == database
