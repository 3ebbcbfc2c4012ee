"""A load that fails or is killed half way leaves nothing half loaded: the same command then loads exactly once."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: careful
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    volumes: ["rows:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres", "-h", "127.0.0.1"], interval: 10s, start_period: 30s}
  cache:
    image: redis:7
    volumes: ["keys:/data"]
  web:
    image: nginx:1.27
    ports: ["80"]
    depends_on: {db: {condition: service_healthy}}
volumes: {rows: {}, keys: {}}
"""
PROFILE = """
profile: rows
classification: synthetic
services:
  db:
    files: [fixtures/schema.sql, fixtures/first.sql, fixtures/second.sql]
    verify: ["select count(*) = 300 from t"]
  cache: {files: [fixtures/keys.redis]}
"""
BROKEN = "insert into t values (1);\ninsert into t values (2);\ninsert into nowhere values (3);\ninsert into t values (4);\n"


def inserts(count: int) -> str:
    return "".join(f"insert into t values ({n});\n" for n in range(count))  # noqa: S608 - numbers


@pytest.fixture
def careful(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "localenv.yaml").write_text("data: rows\n")
    (tmp_path / "profiles" / "data").mkdir(parents=True)
    (tmp_path / "profiles" / "data" / "rows.yaml").write_text(PROFILE)
    fixtures = tmp_path / "fixtures"
    fixtures.mkdir()
    (fixtures / "schema.sql").write_text("create table t (id int);\n")
    (fixtures / "first.sql").write_text(inserts(100))
    (fixtures / "second.sql").write_text(inserts(200))
    (fixtures / "keys.redis").write_text("RPUSH list a b c\n")
    return tmp_path


def rows(own: Installation, cwd: Path) -> str:
    return own.must("exec", "db", "--", "psql", "-U", "postgres", "-Atc", "select count(*) from t", cwd=cwd).stdout.strip()


def keys(own: Installation, cwd: Path) -> str:
    return own.must("exec", "cache", "--", "redis-cli", "LLEN", "list", cwd=cwd).stdout.strip()


def test_a_failing_statement_is_told_with_file_and_line_and_nothing_of_it_stays(own: Installation, careful: Path) -> None:
    good = (careful / "fixtures" / "second.sql").read_text()
    (careful / "fixtures" / "second.sql").write_text(BROKEN)
    (careful / "fixtures" / "keys.redis").write_text("RPUSH list a b c\nINCR list\nRPUSH list d\n")
    failed = own.run("up", cwd=careful)
    assert failed.exit_code == 1
    assert "fixtures/second.sql:3" in failed.stderr or "fixtures/keys.redis:2" in failed.stderr
    (careful / "fixtures" / "keys.redis").write_text("RPUSH list a b c\n")
    failed = own.run("up", "--output", "json", cwd=careful)
    assert failed.exit_code == 1
    assert failed.json["where"] == "fixtures/second.sql:3"
    assert "insert into nowhere values (3)" in failed.stdout
    (careful / "fixtures" / "second.sql").write_text(good)
    own.must("up", cwd=careful)
    assert rows(own, careful) == "300"
    assert keys(own, careful) == "3"
    own.must("destroy", "--yes", cwd=careful)


def test_killed_in_the_middle_of_a_load(own: Installation, careful: Path) -> None:
    (careful / "fixtures" / "second.sql").write_text(f"{inserts(199)}select pg_sleep(2);\ninsert into t values (199);\n")
    process = own.start("up", cwd=careful)
    words = ("exec", "careful_development-db-1", "psql", "-U", "postgres", "-Atc")
    sleeping = "select count(*) from pg_stat_activity where query like 'select pg_sleep(2)%'"
    eventually(lambda: docker(*words, sleeping) == ["1"], what="the load being under way")
    process.send_signal(signal.SIGKILL)
    process.wait()
    own.must("up", cwd=careful)
    assert rows(own, careful) == "300"
    assert keys(own, careful) == "3"
    own.must("up", cwd=careful)
    assert rows(own, careful) == "300"
    own.must("destroy", "--yes", cwd=careful)


def test_killed_right_after_the_first_file(own: Installation, careful: Path) -> None:
    """Each file is a transaction of its own, so that a kill between two leaves whole files behind."""
    process = own.start("up", cwd=careful)
    words = ("exec", "careful_development-db-1", "psql", "-U", "postgres", "-Atc", "select 1 from pg_class where relname = 't'")
    eventually(lambda: docker(*words) == ["1"], what="the first file")
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in range(2):
        own.must("up", cwd=careful)
        assert rows(own, careful) == "300"
    own.must("destroy", "--yes", cwd=careful)


def test_a_check_that_does_not_hold_is_a_failed_load(own: Installation, careful: Path) -> None:
    profile = careful / "profiles" / "data" / "rows.yaml"
    profile.write_text(PROFILE.replace("= 300", "= 301"))
    failed = own.run("up", cwd=careful)
    assert failed.exit_code == 1
    assert "select count(*) = 301 from t" in failed.stderr
    profile.write_text(PROFILE)
    own.must("up", cwd=careful)
    assert rows(own, careful) == "300"
    own.must("destroy", "--yes", cwd=careful)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


def test_a_fixture_that_is_missing_is_told_before_anything_is_made(own: Installation, careful: Path) -> None:
    (careful / "fixtures" / "second.sql").unlink()
    began = time.monotonic()
    failed = own.run("up", cwd=careful)
    assert failed.exit_code == 1
    assert "fixtures/second.sql" in failed.stderr
    assert time.monotonic() - began < 60
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
