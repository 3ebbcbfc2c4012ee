"""``docker system prune`` with all its options, on an engine of its own: nothing that anybody wrote is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker
from tests.e2e.survival.engine_apart import engine_apart

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: pruned
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    volumes: ["rows:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-q", "-U", "postgres", "-h", "127.0.0.1"], interval: 5s, start_period: 30s}
volumes: {rows: {}}
"""
PRUNES = (("system", "prune", "-af", "--volumes"), ("volume", "prune", "-af"))


def test_environments_and_snapshots_outlive_every_prune(own: Installation, tmp_path: Path) -> None:
    project = tmp_path / "pruned"
    project.mkdir()
    (project / "compose.yaml").write_text(COMPOSE)
    with engine_apart(tmp_path / "apart") as engine:
        traefik = [name for name in docker("images", "--format", "{{.Repository}}:{{.Tag}}") if name.startswith("traefik:")]
        images = ("postgres:16", "debian:bookworm-slim", *traefik)
        engine.take_images(*images)
        inside = Installation(
            home=tmp_path / "home",
            pool=own.pool,
            http_port=own.http_port,
            https_port=own.https_port,
            variables={"DOCKER_HOST": engine.socket},
            prefix=engine.prefix,
        )

        def sql(environment: str, statement: str) -> str:
            words = ("exec", "-T", environment, "db", "--", "psql", "-U", "postgres", "-Atqc", statement)
            return inside.must(*words, cwd=project).stdout.strip()

        inside.must("up", "running", "stopped", "removed", "--tier", "development", cwd=project)
        for name in ("running", "stopped", "removed"):
            sql(name, f"create table mine as select '{name}' as who")
        inside.must("snapshot", "create", "running", "--name", "unused", cwd=project)
        sql("running", "insert into mine values ('after')")
        inside.must("stop", "stopped", cwd=project)
        inside.must("down", "removed", cwd=project)
        for prune in PRUNES:
            engine.docker(*prune)
        assert engine.docker("ps", "-aq", "--filter", "label=localenv.environment=stopped") == []
        assert engine.docker("volume", "ls", "-q", "--filter", "label=localenv.environment=removed") == []
        listed = inside.must("ls", "--output", "json", cwd=project).json["environments"]
        assert {item["name"]: item["state"] for item in listed} == {
            "running": "healthy",
            "stopped": "stopped",
            "removed": "stopped",
        }
        engine.take_images(*images)
        inside.must("up", "stopped", "removed", cwd=project)
        assert sql("stopped", "select who from mine") == "stopped"
        assert sql("removed", "select who from mine") == "removed"
        assert sql("running", "select string_agg(who, ' ' order by who) from mine") == "after running"
        inside.must("snapshot", "restore", "unused", "running", "--yes", cwd=project)
        assert sql("running", "select who from mine") == "running"
        inside.must("up", "another", "--tier", "development", cwd=project)
        assert sql("another", "select count(*) from pg_tables where tablename = 'mine'") == "0"
