"""Statements that fit data to its environment run in each clone before anybody sees it, and stop it when one fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: fitted
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    depends_on: {db: {condition: service_healthy}, cache: {condition: service_healthy}}
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    volumes: ["rows:/var/lib/postgresql/data"]
    healthcheck:
      test: [CMD, pg_isready, -q, -h, 127.0.0.1, -U, postgres]
      interval: 10s
      start_period: 30s
      start_interval: 200ms
  cache:
    image: redis:7
    command: [redis-server, --appendonly, "yes"]
    volumes: ["keys:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 10s, start_period: 30s, start_interval: 200ms}
volumes: {rows: {}, keys: {}}
"""
PROFILE = """
profile: site
classification: synthetic
services:
  db: {files: [site.sql]}
  cache: {files: [site.redis]}
personalise:
  db:
    - "update settings set value = '{{ urls.web }}' where name = 'url'"
    - "insert into visits values ('{{ environment }} {{ tier }}')"
  cache: ["SET owner {{ environment }}"]
"""
SETTINGS = """
create table settings (name text primary key, value text);
create table visits (text text);
insert into settings values ('url', 'nowhere');
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    directory = tmp_path / "fitted"
    (directory / "profiles" / "data").mkdir(parents=True)
    (directory / "profiles" / "data" / "site.yaml").write_text(PROFILE)
    (directory / "site.sql").write_text(SETTINGS)
    (directory / "site.redis").write_text("SET owner nobody\n")
    (directory / "compose.yaml").write_text(COMPOSE)
    return directory


def rows(own: Installation, project: Path, environment: str) -> list[str]:
    query = "select value from settings union all select text from visits"
    asked = own.must("exec", "-T", environment, "db", "--", "psql", "-U", "postgres", "-Atc", query, cwd=project)
    return asked.stdout.split("\n")[:-1]


def unsettled(own: Installation, project: Path, environment: str) -> int:
    """Tables that autovacuum would still rewrite in each clone."""
    query = "select count(*) from pg_stat_user_tables where last_vacuum is null"
    return int(own.must("exec", "-T", environment, "db", "--", "psql", "-U", "postgres", "-Atc", query, cwd=project).stdout)


def owner(own: Installation, project: Path, environment: str) -> str:
    return own.must("exec", "-T", environment, "cache", "--", "redis-cli", "get", "owner", cwd=project).stdout.strip()


@pytest.mark.timeout(400)
def test_each_clone_is_fitted_before_it_serves(own: Installation, project: Path) -> None:
    planned = own.must("up", "one", "--tier", "preview", "--data", "site", "--dry-run", cwd=project).stdout
    assert "personalise  data" in planned
    own.must("up", "one", "--tier", "preview", "--data", "site", cwd=project)
    own.must("up", "two", "--tier", "preview", "--data", "site", cwd=project)
    for name in ("one", "two"):
        assert rows(own, project, name) == [f"https://{name}.fitted.localhost:{own.https_port}", f"{name} preview"]
        assert owner(own, project, name) == name
    assert unsettled(own, project, "two") == 0
    own.must("up", "two", "--tier", "preview", "--data", "site", cwd=project)
    own.must("clone", "two", "three", cwd=project)
    url = f"https://three.fitted.localhost:{own.https_port}"
    assert rows(own, project, "three") == [url, "two preview", "three preview"]

    wrong = PROFILE.replace("'{{ environment }} {{ tier }}'", "'{{ environment }}', 'a value too many'")
    (project / "profiles" / "data" / "site.yaml").write_text(wrong)
    failed = own.run("up", "four", "--tier", "preview", "--data", "site", cwd=project)
    assert failed.exit_code == 1
    assert "profiles/data/site.yaml:10" in failed.stderr
    assert "more expressions than target columns" in failed.stderr
    assert "Traceback" not in failed.said
    assert docker("ps", "--quiet", "--filter", "name=fitted_four-web-1") == []
    assert own.get("four.fitted.localhost", verify=False).status == 404

    (project / "profiles" / "data" / "site.yaml").write_text(PROFILE)
    own.must("up", "four", "--tier", "preview", "--data", "site", cwd=project)
    assert rows(own, project, "four") == [f"https://four.fitted.localhost:{own.https_port}", "four preview"]
    own.must("destroy", "one", "two", "three", "four", "--yes", cwd=project)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
