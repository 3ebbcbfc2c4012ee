"""The first environment with some data freezes it, those after it begin as that, and what changes the data makes another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: founded
services:
  cache:
    image: redis:7
    command: [redis-server, --appendonly, "yes"]
    volumes: ["keys:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 10s, start_period: 30s, start_interval: 200ms}
  migrate:
    image: redis:7
    command: [redis-cli, -h, cache, incr, migrations]
    depends_on: {cache: {condition: service_healthy}}
  web:
    image: debian:bookworm-slim
    command: [sleep, infinity]
    init: true
    depends_on: {migrate: {condition: service_completed_successfully}}
volumes: {keys: {}}
"""
JOB = """
  count:
    image: redis:7
    command: [redis-cli, -h, cache, incr, counted]
    depends_on: {cache: {condition: service_healthy}}
volumes: {keys: {}}
"""
TEN = tuple(f"pull-{number}" for number in range(1, 11))


@pytest.fixture
def project(own: Installation, tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "founded"
    directory.mkdir()
    (directory / "compose.yaml").write_text(COMPOSE)
    yield directory
    own.run("destroy", "--all", "--yes", cwd=directory)
    own.run("gc", "--baselines", cwd=directory)


def migrations(own: Installation, project: Path, environment: str) -> int:
    asked = own.must("exec", "-T", environment, "cache", "--", "redis-cli", "get", "migrations", cwd=project)
    return int(asked.stdout)


def counted(own: Installation, project: Path, environment: str) -> str:
    return own.must("exec", "-T", environment, "cache", "--", "redis-cli", "get", "counted", cwd=project).stdout.strip()


def baselines(own: Installation, project: Path) -> list[str]:
    listed = own.must("snapshot", "ls", "--output", "json", cwd=project).json["snapshots"]
    return [each["id"] for each in listed if each["kind"] == "baseline"]


def test_a_one_shot_whose_work_came_with_the_data_is_told_of(own: Installation, project: Path) -> None:
    own.must("up", "one", "--tier", "preview", cwd=project)
    own.must("up", "two", "--tier", "preview", cwd=project)
    assert (migrations(own, project, "one"), migrations(own, project, "two")) == (1, 1)
    assert own.must("logs", "one", "migrate", cwd=project).stdout.split() == ["migrate-1", "|", "1"]
    asked = own.run("logs", "two", "migrate", cwd=project)
    assert asked.exit_code == 1
    assert "migrate has not run in two of founded: what it does came with the data" in asked.stderr
    assert "localenv run two migrate" in asked.stderr
    own.must("run", "two", "migrate", cwd=project)
    assert (migrations(own, project, "one"), migrations(own, project, "two")) == (1, 2)


def test_ten_that_ask_at_once_make_one(own: Installation, project: Path) -> None:
    half = own.start("up", *TEN[:5], "--tier", "preview", cwd=project)
    own.must("up", *TEN[5:], "--tier", "preview", cwd=project)
    assert half.wait(240) == 0
    assert [migrations(own, project, name) for name in TEN] == [1] * 10
    assert len(baselines(own, project)) == 1


def test_what_changes_the_data_makes_another(own: Installation, project: Path) -> None:
    own.must("up", "old", "--tier", "preview", cwd=project)
    assert "older baseline" not in own.must("status", "old", cwd=project).stdout
    (project / "compose.yaml").write_text(COMPOSE.replace("incr, migrations]", "incrby, migrations, '5']"))
    assert "older baseline" in own.must("status", "old", cwd=project).stdout
    own.must("up", "new", "--tier", "preview", cwd=project)
    assert migrations(own, project, "new") == 5
    assert len(baselines(own, project)) == 2
    own.must("data", "reset", "old", "--yes", cwd=project)
    assert migrations(own, project, "old") == 5
    assert "older baseline" not in own.must("status", "old", cwd=project).stdout


def test_a_job_that_nobody_waits_for_runs_once_in_each(own: Installation, project: Path) -> None:
    (project / "compose.yaml").write_text(COMPOSE.replace("\nvolumes: {keys: {}}\n", JOB))
    own.must("up", "one", "two", "--tier", "preview", cwd=project)
    eventually(lambda: [counted(own, project, name) for name in ("one", "two")] == ["1", "1"], what="both jobs")
    own.must("snapshot", "create", "one", "--how", "stopped", cwd=project)
    assert counted(own, project, "one") == "1"


def test_who_does_not_wait_makes_none(own: Installation, project: Path) -> None:
    own.must("up", "hasty", "--tier", "preview", "--no-wait", cwd=project)
    assert baselines(own, project) == []
