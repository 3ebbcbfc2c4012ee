"""What runs in one environment reaches nothing of another, and localenv touches nothing that is not its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: apart
services:
  web:
    image: nginx:1.27
    ports: ["80"]
  db:
    image: redis:7
    ports: ["6379"]
    volumes: ["kept:/data"]
volumes: {kept: {}}
"""
BOTH = ("development", "staging")
CONNECT = 'timeout 3 bash -c "echo PING > /dev/tcp/$0/$1 && echo reached" "$0" "$1" 2>/dev/null || echo refused'


@pytest.fixture(scope="module")
def apart(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("apart")
    (directory / "compose.yaml").write_text(COMPOSE)
    own.must("up", *BOTH, cwd=directory)
    return directory


def inside(own: Installation, cwd: Path, environment: str, *command: str) -> str:
    return own.run("exec", environment, "web", "--", *command, cwd=cwd).stdout.strip()


def addresses(container: str) -> list[str]:
    form = "{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}"
    return [line for line in docker("inspect", "--format", form, container) if line]


def test_its_own_database_is_reached(own: Installation, apart: Path) -> None:
    for environment in BOTH:
        assert "reached" in inside(own, apart, environment, "bash", "-c", CONNECT, "db", "6379")


def test_another_environments_database_is_not_reached_by_address(own: Installation, apart: Path) -> None:
    for mine, other in (BOTH, BOTH[::-1]):
        for address in addresses(f"apart_{other}-db-1"):
            assert inside(own, apart, mine, "bash", "-c", CONNECT, address, "6379") == "refused"


def test_nor_by_any_name(own: Installation, apart: Path) -> None:
    for name in ("apart_staging-db-1", "db.apart_staging_default", "db.staging", "apart_staging_db"):
        assert inside(own, apart, "development", "getent", "hosts", name) == ""


def test_nor_by_its_published_port_through_the_gateway(own: Installation, apart: Path) -> None:
    port = own.exposure("staging", "db", cwd=apart)["port"]
    form = "{{range .NetworkSettings.Networks}}{{println .Gateway}}{{end}}"
    gateways = [line for line in docker("inspect", "--format", form, "apart_development-web-1") if line]
    assert gateways
    for address in (*gateways, "127.0.0.1"):
        assert inside(own, apart, "development", "bash", "-c", CONNECT, address, str(port)) == "refused"


def test_nor_through_the_router(own: Installation, apart: Path) -> None:
    form = "{{range .NetworkSettings.Networks}}{{println .Gateway}}{{end}}"
    gateways = [line for line in docker("inspect", "--format", form, "apart_development-web-1") if line]
    for address in gateways:
        assert inside(own, apart, "development", "bash", "-c", CONNECT, address, str(own.https_port)) == "refused"


def test_an_unknown_host_gets_404_and_no_word_more(own: Installation, apart: Path) -> None:
    for host in ("localhost", "apart.localhost", "web.apart.localhost", "preview.apart.localhost", "127.0.0.1"):
        answer = own.get(host, verify=False)
        assert answer.status == 404
        assert "nginx" not in f"{answer.body}{answer.headers}"


def test_published_ports_are_on_loopback_only(apart: Path) -> None:
    for environment in BOTH:
        found = docker("port", f"apart_{environment}-db-1")
        assert found
        assert all(line.split("-> ")[1].startswith(("127.0.0.1:", "[::1]:")) for line in found)


@pytest.fixture
def foreign(own: Installation) -> Iterator[dict[str, str]]:
    """A container, a network and a volume of somebody else, with names and Compose labels as localenv would give."""
    project = "label"
    docker("network", "create", "apart_preview_default")
    docker("volume", "create", f"--{project}=com.docker.compose.project=apart_preview", "apart_preview_kept")
    compose = ["--label=com.docker.compose.project=apart_preview", "--label=com.docker.compose.service=web"]
    labels = ["--label=localenv.project=apart", "--label=localenv.environment=preview", "--label=localenv.owner=le-somebody"]
    docker("run", "-d", "--name=apart_preview-web-1", *compose, *labels, "redis:7")
    try:
        yield {
            "container": docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", "apart_preview-web-1")[0],
            "network": docker("network", "inspect", "--format", "{{.Id}}", "apart_preview_default")[0],
            "volume": docker("volume", "inspect", "--format", "{{.CreatedAt}}", "apart_preview_kept")[0],
        }
    finally:
        docker("rm", "-f", "apart_preview-web-1")
        docker("network", "rm", "apart_preview_default")
        docker("volume", "rm", "apart_preview_kept")


def test_what_is_not_its_own_is_refused_and_left_alone(own: Installation, apart: Path, foreign: dict[str, str]) -> None:
    for words in (("destroy", "preview", "--yes"), ("stop", "preview"), ("down", "preview"), ("up", "preview")):
        result = own.run(*words, cwd=apart)
        assert result.exit_code == 1, (words, result.said)
        assert "Traceback" not in result.said
    own.must("destroy", "preview", "--yes", cwd=apart)
    listed = own.must("ls", "--output", "json", cwd=apart).json["environments"]
    assert "preview" not in {item["name"] for item in listed}
    assert foreign == {
        "container": docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", "apart_preview-web-1")[0],
        "network": docker("network", "inspect", "--format", "{{.Id}}", "apart_preview_default")[0],
        "volume": docker("volume", "inspect", "--format", "{{.CreatedAt}}", "apart_preview_kept")[0],
    }


def test_real_data_is_refused_where_the_tier_forbids_it(own: Installation, apart: Path) -> None:
    (apart / "profiles" / "data").mkdir(parents=True)
    (apart / "fixtures").mkdir()
    (apart / "fixtures" / "kept.redis").write_text("SET customer real\n")
    (apart / "profiles" / "data" / "customers.yaml").write_text(
        "profile: customers\nclassification: real\nservices: {db: {files: [fixtures/kept.redis]}}\n"
    )
    for tier in ("development", "preview", "staging", "uat"):
        result = own.run("up", f"fresh-{tier}", "--tier", tier, "--data", "customers", cwd=apart)
        assert result.exit_code == 1
        assert "real" in result.stderr
        assert tier in result.stderr
    assert "fresh" not in "".join(docker("ps", "-a", "--format", "{{.Names}}"))


def test_destroy_leaves_nothing(own: Installation, apart: Path) -> None:
    own.must("destroy", *BOTH, "--yes", cwd=apart)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
