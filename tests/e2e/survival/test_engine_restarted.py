"""The engine stops, is killed or is pruned while environments run: they answer again, and have their data."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker, eventually
from tests.e2e.survival.engine_apart import EngineApart, engine_apart

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: enduring
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    depends_on: {db: {condition: service_healthy}}
  sidecar:
    image: debian:bookworm-slim
    network_mode: "service:web"
    command: ["sleep", "infinity"]
    init: true
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    volumes: ["rows:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres", "-h", "127.0.0.1"], interval: 10s, start_period: 30s}
volumes: {rows: {}}
"""
BOTH = ("development", "staging")
PRUNES = (("system", "prune", "-af", "--volumes"), ("volume", "prune", "-af"))


@dataclass(frozen=True, slots=True)
class Enduring:
    """Two environments of one project on an engine of their own."""

    engine: EngineApart
    own: Installation
    directory: Path

    def sql(self, environment: str, statement: str) -> str:
        words = ("exec", environment, "db", "--", "psql", "-U", "postgres", "-Atc", statement)
        return self.own.must(*words, cwd=self.directory).stdout.strip()

    def answers(self, environment: str) -> bool:
        host = f"{environment}.enduring.localhost"
        words = [*self.engine.prefix, "curl", "-fsS", "--max-time", "5", "--cacert", str(self.own.authority())]
        words += ["--resolve", f"{host}:{self.own.https_port}:127.0.0.1", f"https://{host}:{self.own.https_port}/"]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def states(self) -> dict[str, str]:
        listed = json.loads(self.own.must("ls", "--output", "json", cwd=self.directory).stdout)
        return {item["name"]: item["state"] for item in listed["environments"]}


@pytest.fixture(scope="module")
def enduring(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enduring]:
    directory = tmp_path_factory.mktemp("enduring")
    (directory / "compose.yaml").write_text(COMPOSE)
    with engine_apart(tmp_path_factory.mktemp("engine") / "apart") as engine:
        traefik = [name for name in docker("images", "--format", "{{.Repository}}:{{.Tag}}") if name.startswith("traefik:")]
        engine.take_images("nginx:1.27", "postgres:16", "debian:bookworm-slim", *traefik)
        inside = Installation(
            home=own.home / "apart",
            pool=own.pool,
            http_port=own.http_port,
            https_port=own.https_port,
            variables={"DOCKER_HOST": engine.socket},
            prefix=engine.prefix,
        )
        inside.must("up", *BOTH, cwd=directory)
        yield Enduring(engine, inside, directory)


def test_they_come_up_in_host_mode(enduring: Enduring) -> None:
    assert enduring.own.must("router", "status", "--output", "json", cwd=enduring.directory).json["mode"] == "host"
    assert all(enduring.answers(name) for name in BOTH)
    snapshots = enduring.own.must("snapshot", "ls", "--all", "--output", "json", cwd=enduring.directory).json["snapshots"]
    assert any(snapshot["clones"] for snapshot in snapshots)


def test_nothing_is_lost_when_the_engine_is_pruned(enduring: Enduring) -> None:
    own, engine, directory = enduring.own, enduring.engine, enduring.directory
    for name in BOTH:
        enduring.sql(name, f"create table mine as select '{name}' as who")
    own.must("snapshot", "create", "development", "--name", "unused", cwd=directory)
    enduring.sql("development", "insert into mine values ('later')")
    own.must("stop", "staging", cwd=directory)
    for prune in PRUNES:
        assert engine.docker(*prune)
    assert engine.docker("ps", "-aq", "--filter", "label=localenv.environment=staging") == []
    engine.docker("volume", "rm", "enduring_staging_rows")  # what other engines prune as well
    assert engine.docker("volume", "ls", "-q", "--filter", "name=enduring_staging") == []
    assert enduring.answers("development")
    assert enduring.states() == {"development": "healthy", "staging": "stopped"}
    own.must("up", "staging", cwd=directory)
    own.must("up", "another", "--tier", "preview", "--from", "unused", cwd=directory)
    assert enduring.sql("development", "select string_agg(who, ' ' order by who) from mine") == "development later"
    assert enduring.sql("staging", "select who from mine") == "staging"
    assert enduring.sql("another", "select who from mine") == "development"
    own.must("destroy", "another", "--yes", cwd=directory)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_they_answer_again_with_their_data(enduring: Enduring, by: signal.Signals) -> None:
    table = f"kept_{by.name.lower()}"
    for name in BOTH:
        enduring.sql(name, f"create table {table} as select '{name}' as who, i from generate_series(1, 100) i")  # noqa: S608 - own names
    enduring.engine.end(by)
    enduring.engine.start()
    for name in BOTH:
        eventually(partial(enduring.answers, name), what=f"{name} answering by itself")
    enduring.own.must("up", *BOTH, cwd=enduring.directory)
    assert enduring.states() == dict.fromkeys(BOTH, "healthy")
    for name in BOTH:
        assert enduring.sql(name, f"select who, count(*) from {table} group by who") == f"{name}|100"  # noqa: S608 - own names
        where = enduring.own.must("exec", name, "sidecar", "--", "getent", "hosts", "db", cwd=enduring.directory)
        assert "db" in where.stdout


def test_a_stopped_one_stays_stopped(enduring: Enduring) -> None:
    enduring.own.must("stop", "staging", cwd=enduring.directory)
    enduring.engine.end(signal.SIGKILL)
    enduring.engine.start()
    eventually(lambda: enduring.answers("development"), what="development answering by itself")
    assert enduring.states()["staging"] == "stopped"
    enduring.own.must("start", "staging", cwd=enduring.directory)
    assert enduring.answers("staging")


def test_an_engine_that_is_down_is_told_in_one_paragraph(enduring: Enduring) -> None:
    enduring.engine.end(signal.SIGTERM)
    result = enduring.own.run("up", cwd=enduring.directory)
    assert result.exit_code == 1
    assert "engine" in result.stderr
    assert "Traceback" not in result.said
    enduring.engine.start()
    enduring.own.must("up", *BOTH, cwd=enduring.directory)
    enduring.own.must("destroy", *BOTH, "--yes", cwd=enduring.directory)
    assert enduring.engine.docker("ps", "-a", "--format", "{{.Names}}", "--filter", "name=enduring") == []
