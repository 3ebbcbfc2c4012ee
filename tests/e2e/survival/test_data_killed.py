"""SIGKILL of every command about data at random moments: no snapshot is damaged, the same command again succeeds."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    volumes: ["rows:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-q", "-U", "postgres", "-h", "127.0.0.1"], interval: 5s, start_period: 30s}
  cache:
    image: redis:7
    volumes: ["kept:/data"]
volumes: {rows: {}, kept: {}}
"""
PROFILE = """
profile: rows
classification: synthetic
services:
  db: {files: [rows.sql]}
"""
ROWS = 2000
MOMENTS = 6
"""At which each command is killed, spread over its run by chance."""
NOTHING: dict[str, list[str]] = {"containers": [], "networks": [], "volumes": []}


class Killing:
    """A project with data, and commands that are killed while they work on it."""

    def __init__(self, own: Installation, project: Path) -> None:
        self.own = own
        self.project = project
        self.chance = random.Random(20261124)  # noqa: S311 - moments, not secrets

    def must(self, *arguments: str) -> str:
        return self.own.must(*arguments, cwd=self.project).stdout.strip()

    def rows(self, environment: str) -> str:
        return self.must("exec", "-T", environment, "db", "--", "psql", "-U", "postgres", "-Atqc", "select count(*) from rows")

    def kill(self, *arguments: str, longest: float) -> None:
        """Start a command, kill it after a while."""
        process = self.own.start(*arguments, cwd=self.project)
        time.sleep(self.chance.uniform(0.15, longest))
        process.kill()
        process.wait(60)

    def whole(self) -> None:
        """Every snapshot that is listed can be read, and has all of its layers."""
        document = self.own.must("snapshot", "ls", "--all", "--output", "json", cwd=self.project).json
        assert document["damaged"] == {}
        layers = set(self.own.kept()["layers"])
        for snapshot in document["snapshots"]:
            needed = {layer for volume in snapshot["volumes"] for layer in volume["layers"]}
            assert needed <= layers, f"{snapshot['id']} lacks {needed - layers}"


@pytest.fixture
def killing(own: Installation, tmp_path: Path) -> Iterator[Killing]:
    project = tmp_path / "killed"
    (project / "profiles" / "data").mkdir(parents=True)
    (project / "compose.yaml").write_text(COMPOSE)
    (project / "profiles" / "data" / "rows.yaml").write_text(PROFILE)
    rows = f"create table rows as select n from generate_series(1, {ROWS}) n;\n"  # noqa: S608 - own number
    (project / "rows.sql").write_text(rows)
    trial = Killing(own, project)
    yield trial
    for name in [item["name"] for item in own.must("ls", "--output", "json", cwd=project).json["environments"]]:
        own.must("destroy", name, "--yes", cwd=project)
    for item in own.must("snapshot", "ls", "--all", "--output", "json", cwd=project).json["snapshots"]:
        own.must("snapshot", "rm", item["id"], cwd=project)
    own.must("gc", "--baselines", cwd=project)
    assert own.left_behind() == NOTHING
    eventually(lambda: not any(own.kept()[folder] for folder in ("layers", "snapshots", "partial", "notes", "volumes")))


def test_building_is_finished_by_the_next(killing: Killing) -> None:
    for _ in range(MOMENTS):
        killing.kill("data", "build", "rows", longest=4.0)
        killing.whole()
    killing.must("data", "build", "rows")
    killing.must("up", "--data", "rows")
    assert killing.rows("development") == str(ROWS)


def test_what_replaces_data_is_finished_by_the_next(killing: Killing) -> None:
    killing.must("up", "--data", "rows")
    killing.must("exec", "-T", "development", "db", "--", "psql", "-U", "postgres", "-qc", "insert into rows values (0)")
    killing.must("snapshot", "create", "--name", "kept")
    for _ in range(MOMENTS):
        killing.kill("snapshot", "restore", "kept", "--yes", longest=2.5)
        killing.whole()
    killing.must("snapshot", "restore", "kept", "--yes")
    assert killing.rows("development") == str(ROWS + 1)
    for _ in range(MOMENTS):
        killing.kill("data", "reset", "--yes", longest=2.5)
        killing.whole()
    killing.must("data", "reset", "--yes")
    assert killing.rows("development") == str(ROWS)


@pytest.mark.parametrize("how", ["paused", "stopped"])
def test_no_half_made_snapshot_is_listed_and_nothing_stays_paused(killing: Killing, how: str) -> None:
    killing.must("up", "--data", "rows")
    for number in range(MOMENTS):
        killing.kill("snapshot", "create", "--name", f"try-{number}", "--how", how, longest=1.5)
        killing.whole()
    killing.must("snapshot", "create", "--name", "whole")
    killing.must("up")
    assert killing.rows("development") == str(ROWS)
    killing.must("up", "other", "--tier", "development", "--from", "whole")
    assert killing.rows("other") == str(ROWS)


def test_a_clone_is_made_by_the_same_command_or_up(killing: Killing) -> None:
    killing.must("up", "--data", "rows")
    for number in range(MOMENTS):
        name = f"copy-{number}"
        killing.kill("clone", "development", name, longest=2.5)
        killing.whole()
        if killing.own.run("clone", "development", name, cwd=killing.project).exit_code != 0:
            killing.must("up", name)
        assert killing.rows(name) == str(ROWS)
        killing.kill("gc", longest=1.0)
        killing.whole()
    assert killing.rows("development") == str(ROWS)
