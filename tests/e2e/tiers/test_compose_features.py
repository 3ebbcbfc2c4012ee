"""What Compose does at a start and localenv does itself: each feature in one project, on the real engine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: rich
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    configs: [{source: page, target: /usr/share/nginx/html/index.html}]
    secrets: [deploy]
    depends_on:
      migrate: {condition: service_completed_successfully}
      backend: {condition: service_started, restart: true}
    post_start:
      - {command: ["sh", "-c", "echo started-$$GREETING >> /hooks/log"], user: root, environment: {GREETING: hello}}
    pre_stop:
      - {command: ["sh", "-c", "echo stopping >> /hooks/log"]}
    volumes: ["hooks:/hooks"]
  migrate:
    image: debian:bookworm-slim
    command: ["sh", "-c", "echo ran >> /hooks/migrations; echo $$STEP"]
    environment: {STEP: "${STEP:-one}"}
    volumes: ["hooks:/hooks"]
  backend:
    image: redis:7
    environment: {MARK: "${MARK:-first}"}
    networks: [default, hidden]
  sidecar:
    image: debian:bookworm-slim
    init: true
    network_mode: "service:web"
    command: ["sleep", "infinity"]
  vault:
    image: redis:7
    networks: [hidden]
    ports: ["6379"]
  talk:
    image: debian:bookworm-slim
    init: true
    command: ["sleep", "infinity"]
    ports: ["5300:5300/udp", "7000-7002:7000-7002"]
    x-localenv: {expose: {port: 7000, protocol: tcp}}
  tool:
    image: debian:bookworm-slim
    profiles: [tools]
    command: ["sleep", "infinity"]
networks:
  hidden: {internal: true}
volumes: {hooks: {}}
configs:
  page: {content: "greetings from ${STEP:-one}\\n"}
secrets:
  deploy: {environment: DEPLOY_KEY}
"""
LABEL = "label=com.docker.compose.project=rich_development"


@pytest.fixture(scope="module")
def rich(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("rich")
    (directory / "compose.yaml").write_text(COMPOSE)
    own.variables["DEPLOY_KEY"] = "the key"
    own.must("up", cwd=directory)
    return directory


def inside(own: Installation, rich: Path, service: str, *command: str) -> str:
    return own.must("exec", service, "--", *command, cwd=rich).stdout.strip()


def service_ids() -> dict[str, str]:
    form = '{{.Label "com.docker.compose.service"}} {{.ID}}'
    return dict(line.split() for line in docker("ps", "-a", "--filter", LABEL, "--format", form))


def test_inline_configs_and_environment_secrets_are_there(own: Installation, rich: Path) -> None:
    assert own.get("development.rich.localhost").body == "greetings from one\n"
    assert inside(own, rich, "web", "cat", "/run/secrets/deploy") == "the key"


def test_a_hook_ran_after_the_start(own: Installation, rich: Path) -> None:
    assert inside(own, rich, "web", "cat", "/hooks/log").splitlines()[0] == "started-hello"


def test_a_service_in_anothers_network_shares_its_address(own: Installation, rich: Path) -> None:
    words = ("hostname", "-i")
    assert inside(own, rich, "sidecar", *words) == inside(own, rich, "web", *words)


def test_profiles_are_off(rich: Path) -> None:
    assert "tool" not in service_ids()


def test_on_an_internal_network_nothing_is_published(own: Installation, rich: Path) -> None:
    assert docker("port", "rich_development-vault-1") == []
    notes = own.must("up", "second", "--tier", "development", "--dry-run", "--output", "json", cwd=rich).json["notes"]
    assert any(note.get("service") == "vault" and "internal" in note["message"] for note in notes)
    assert "reached" in inside(own, rich, "backend", "bash", "-c", "echo PING > /dev/tcp/vault/6379 && echo reached")


def test_udp_and_ranges_have_ports_of_their_own(own: Installation, rich: Path) -> None:
    found = own.must("urls", "--output", "json", cwd=rich).json["exposures"]
    talk = {
        (item["container_port"], item["protocol"]) for item in found if item["service"] == "talk" and "container_port" in item
    }
    assert {(5300, "udp"), (7000, "tcp")} <= talk
    published = "\n".join(docker("port", "rich_development-talk-1"))
    assert "5300/udp -> 127.0.0.1:" in published
    described = f"{found}"
    assert all(port in described for port in ("7000", "7001", "7002"))


def test_an_up_with_nothing_new_runs_no_one_shot_again(own: Installation, rich: Path) -> None:
    own.must("up", cwd=rich)
    assert inside(own, rich, "web", "cat", "/hooks/migrations").split() == ["ran"]


def test_a_one_shot_with_another_specification_runs_again(own: Installation, rich: Path) -> None:
    own.must("up", cwd=rich, STEP="two")
    assert inside(own, rich, "web", "cat", "/hooks/migrations").split() == ["ran", "ran"]
    assert own.get("development.rich.localhost").body == "greetings from two\n"
    own.must("up", cwd=rich, STEP="two")
    assert inside(own, rich, "web", "cat", "/hooks/migrations").split() == ["ran", "ran"]


def test_what_restarts_with_a_dependency_is_restarted(own: Installation, rich: Path) -> None:
    form = "{{.State.StartedAt}}"
    before = docker("inspect", "--format", form, "rich_development-web-1")
    sidecar = docker("inspect", "--format", form, "rich_development-sidecar-1")
    own.must("up", cwd=rich, STEP="two", MARK="second")
    assert docker("inspect", "--format", form, "rich_development-web-1") > before
    assert docker("inspect", "--format", form, "rich_development-sidecar-1") > sidecar
    log = inside(own, rich, "web", "cat", "/hooks/log").splitlines()
    assert log[-2:] == ["stopping", "started-hello"]
    assert inside(own, rich, "sidecar", "hostname", "-i") == inside(own, rich, "web", "hostname", "-i")


def test_stop_runs_the_hook_and_start_brings_everything_back(own: Installation, rich: Path) -> None:
    own.must("stop", cwd=rich)
    assert docker("ps", "-q", "--filter", LABEL) == []
    assert own.get("development.rich.localhost", verify=False).status >= 400
    own.must("start", cwd=rich)
    assert own.get("development.rich.localhost").body == "greetings from two\n"
    assert inside(own, rich, "web", "cat", "/hooks/log").splitlines()[-2:] == ["stopping", "started-hello"]
    assert inside(own, rich, "web", "cat", "/hooks/migrations").split() == ["ran", "ran"]


def test_the_loopback_port_is_the_same_after_down_and_up(own: Installation, rich: Path) -> None:
    before = own.exposure("development", "talk", cwd=rich)["port"]
    own.must("down", cwd=rich)
    own.must("up", cwd=rich, STEP="two", MARK="second")
    after = own.exposure("development", "talk", cwd=rich)["port"]
    others = [line for line in docker("ps", "--format", "{{.Ports}}") if f":{before}->" in line]
    assert after == before or others, "another port, though nobody has taken the old one"


def test_a_port_that_was_taken_meanwhile_is_replaced(own: Installation, rich: Path) -> None:
    before = own.exposure("development", "talk", cwd=rich)["port"]
    own.must("down", cwd=rich)
    with socket.create_server(("127.0.0.1", before)):
        own.must("up", cwd=rich, STEP="two", MARK="second")
        after = own.exposure("development", "talk", cwd=rich)["port"]
    assert after != before
    assert f"127.0.0.1:{after}" in "\n".join(docker("port", "rich_development-talk-1"))


def test_a_killed_container_comes_back_by_itself(rich: Path) -> None:
    before = docker("inspect", "--format", "{{.State.StartedAt}}", "rich_development-backend-1")
    docker("exec", "rich_development-backend-1", "sh", "-c", "kill -9 1; redis-cli shutdown nosave")
    eventually(lambda: docker("inspect", "--format", "{{.State.StartedAt}}", "rich_development-backend-1") > before)


def test_destroy_leaves_nothing(own: Installation, rich: Path) -> None:
    own.must("destroy", "--yes", cwd=rich)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
