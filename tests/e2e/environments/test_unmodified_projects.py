"""A Compose file that was written for one copy runs in several, unmodified and with no localenv.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: stubborn
services:
  web:
    build: .
    container_name: the-one-and-only-web
    ports: ["8099:8000"]
    volumes: ["./public:/srv/public:ro"]
    environment: {GREETING: hello}
    depends_on:
      db: {condition: service_healthy}
      prepare: {condition: service_completed_successfully}
  prepare:
    image: debian:bookworm-slim
    command: ["sh", "-c", "echo prepared > /shared/marker"]
    volumes: ["shared:/shared"]
  db:
    image: redis:7
    container_name: the-one-and-only-db
    ports: ["6399:6379"]
    volumes: ["data:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 30s}
networks:
  default: {name: stubborn-network, ipam: {config: [{subnet: 172.30.99.0/24}]}}
volumes:
  data: {name: stubborn-data}
  shared: {}
"""
DOCKERFILE = """
FROM nginx:1.27
RUN printf 'server { listen 8000; root /srv/public; }' > /etc/nginx/conf.d/default.conf
"""
ENVIRONMENTS = ("development", "staging", "production")


@pytest.fixture(scope="module")
def stubborn(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("stubborn")
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "Dockerfile").write_text(DOCKERFILE)
    (directory / "public").mkdir()
    (directory / "public" / "index.html").write_text("the page")
    own.must("up", *ENVIRONMENTS, cwd=directory, timeout=280)
    return directory


def test_each_environment_answers_on_its_own_hostname(own: Installation, stubborn: Path) -> None:
    for environment in ENVIRONMENTS:
        answer = own.get(f"{environment}.stubborn.localhost")
        assert (answer.status, answer.body) == (200, "the page")


def test_the_files_were_not_touched(stubborn: Path) -> None:
    assert (stubborn / "compose.yaml").read_text() == COMPOSE
    assert sorted(path.name for path in stubborn.iterdir()) == ["Dockerfile", "compose.yaml", "public"]


def test_nothing_has_the_fixed_names(own: Installation, stubborn: Path) -> None:
    assert "the-one-and-only-web" not in docker("ps", "-a", "--format", "{{.Names}}")
    assert "stubborn-network" not in docker("network", "ls", "--format", "{{.Name}}")
    assert "stubborn-data" not in docker("volume", "ls", "-q")


def test_the_fixed_container_name_still_resolves_inside(own: Installation, stubborn: Path) -> None:
    result = own.must("exec", "staging", "web", "--", "getent", "hosts", "the-one-and-only-db", cwd=stubborn)
    assert "the-one-and-only-db" in result.stdout


def test_databases_answer_on_ports_of_their_own(own: Installation, stubborn: Path) -> None:
    ports = {own.exposure(environment, "db", cwd=stubborn)["port"] for environment in ENVIRONMENTS}
    assert len(ports) == len(ENVIRONMENTS)
    assert 6399 not in ports


def test_compose_itself_works_on_an_environment(own: Installation, stubborn: Path) -> None:
    assert any("web" in line for line in docker("compose", "-p", "stubborn_staging", "ps"))
    assert docker("compose", "-p", "stubborn_staging", "logs", "db")


def test_a_second_up_changes_nothing(own: Installation, stubborn: Path) -> None:
    before = docker("ps", "--filter", f"label=localenv.owner={own.owner()}", "--format", "{{.ID}} {{.Names}}")
    result = own.must("up", "staging", "--output", "json", cwd=stubborn)
    assert docker("ps", "--filter", f"label=localenv.owner={own.owner()}", "--format", "{{.ID}} {{.Names}}") == before
    assert result.exit_code == 0
    plan = own.must("up", "staging", "--dry-run", "--output", "json", cwd=stubborn).json
    assert [step for step in plan["steps"] if step["action"] not in {"keep", "none"}] == []


def test_a_changed_service_alone_is_replaced(own: Installation, stubborn: Path) -> None:
    path = stubborn / "compose.yaml"
    label = "label=com.docker.compose.project=stubborn_production"
    database = docker("ps", "-q", "--filter", label, "--filter", "label=com.docker.compose.service=db")
    web = docker("ps", "-q", "--filter", label, "--filter", "label=com.docker.compose.service=web")
    path.write_text(COMPOSE.replace("GREETING: hello", "GREETING: good evening"))
    try:
        own.must("up", "production", cwd=stubborn)
        assert docker("ps", "-q", "--filter", label, "--filter", "label=com.docker.compose.service=db") == database
        assert not set(docker("ps", "-q", "--filter", label, "--filter", "label=com.docker.compose.service=web")) & set(web)
        assert own.get("production.stubborn.localhost").status == 200
    finally:
        path.write_text(COMPOSE)


def test_an_unknown_host_gets_404_and_nothing_else(own: Installation, stubborn: Path) -> None:
    answer = own.get("nobody.stubborn.localhost", verify=False)
    assert answer.status == 404
    assert "the page" not in answer.body


def test_ls_shows_all_three(own: Installation, stubborn: Path) -> None:
    listed = own.must("ls", "--output", "json", cwd=stubborn).json
    assert listed["schema"] == "localenv.ls/1"
    assert {item["name"]: item["state"] for item in listed["environments"]} == dict.fromkeys(ENVIRONMENTS, "healthy")


def test_destroy_leaves_nothing(own: Installation, stubborn: Path) -> None:
    own.must("destroy", "development", "staging", "--yes", cwd=stubborn)
    own.must("destroy", "production", "--confirm", "production", "--reason", "test is over", cwd=stubborn)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
    assert not any((own.home / "router" / "dynamic").glob("*stubborn*"))
    assert not any((own.home / "environments").glob("*"))
