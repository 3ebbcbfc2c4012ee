"""Two development environments of a project that binds its database's folder and its source: neither loses a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: ledgers
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    volumes: ["./pgdata:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres", "-h", "127.0.0.1"], interval: 10s, start_period: 30s}
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["./src:/usr/share/nginx/html"]
    depends_on: {db: {condition: service_healthy}}
"""
BOTH = ("development", "second")
ROWS = 500


@pytest.fixture(scope="module")
def ledgers(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("ledgers")
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "pgdata").mkdir()
    (directory / "src").mkdir()
    (directory / "src" / "index.html").write_text("first edition")
    return directory


@pytest.fixture(scope="module")
def notes(own: Installation, ledgers: Path) -> dict[str, list[dict[str, str]]]:
    """Notes of each environment's plan, taken right before it comes up."""
    told: dict[str, list[dict[str, str]]] = {}
    for name in BOTH:
        planned = own.must("up", name, "--tier", "development", "--dry-run", "--output", "json", cwd=ledgers)
        told[name] = planned.json["notes"]
        own.must("up", name, "--tier", "development", cwd=ledgers)
    return told


def sql(own: Installation, cwd: Path, environment: str, statement: str) -> str:
    words = ("exec", environment, "db", "--", "psql", "-U", "postgres", "-Atc", statement)
    return own.must(*words, cwd=cwd).stdout.strip()


def test_the_plan_says_what_becomes_of_each_bind(notes: dict[str, list[dict[str, str]]]) -> None:
    data = {name: [note["message"] for note in notes[name] if "pgdata" in note["message"]] for name in BOTH}
    source = {name: [note["message"] for note in notes[name] if "src" in note["message"]] for name in BOTH}
    assert all(len(told) == 1 and "volume" in told[0] for told in data.values()), data
    assert all(len(told) == 1 for told in source.values()), source
    assert "live" in source["development"][0]
    assert "copy" in source["second"][0]


def test_neither_loses_a_row(own: Installation, ledgers: Path, notes: dict[str, list[dict[str, str]]]) -> None:
    for name in BOTH:
        sql(own, ledgers, name, f"create table t as select '{name}' as who, i from generate_series(1, {ROWS}) i")  # noqa: S608 - own names
    for name in BOTH:
        own.must("restart", name, cwd=ledgers)
    for name in BOTH:
        assert sql(own, ledgers, name, "select who, count(*) from t group by who") == f"{name}|{ROWS}"


def test_the_project_keeps_its_empty_folder(ledgers: Path, notes: dict[str, list[dict[str, str]]]) -> None:
    assert list((ledgers / "pgdata").iterdir()) == []


def test_the_source_is_live_in_one_and_a_copy_in_the_other(
    own: Installation, ledgers: Path, notes: dict[str, list[dict[str, str]]]
) -> None:
    page = ledgers / "src" / "index.html"
    assert own.get("second.ledgers.localhost").body == "first edition"
    page.write_text("second edition")
    assert own.get("development.ledgers.localhost").body == "second edition"
    assert own.get("second.ledgers.localhost").body == "first edition"
    own.must("exec", "second", "web", "--", "sh", "-c", "echo scribble > /usr/share/nginx/html/index.html", cwd=ledgers)
    assert page.read_text() == "second edition"


def test_down_and_up_keeps_the_rows(own: Installation, ledgers: Path, notes: dict[str, list[dict[str, str]]]) -> None:
    own.must("down", "second", cwd=ledgers)
    own.must("up", "second", cwd=ledgers)
    assert sql(own, ledgers, "second", "select who, count(*) from t group by who") == f"second|{ROWS}"
