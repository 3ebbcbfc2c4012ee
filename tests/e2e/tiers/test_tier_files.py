"""Which files and variables count in which tier, and how many containers that gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

FILES = {
    "compose.yaml": """
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    configs: [{source: page, target: /usr/share/nginx/html/index.html}]
    environment: {FROM: base, LEVEL: "${LEVEL}"}
  worker: {image: "nginx:1.27", deploy: {replicas: 2}}
  debug: {image: "redis:7", profiles: [debug]}
configs: {page: {content: "level ${LEVEL}"}}
""",
    "compose.override.yaml": "services: {web: {environment: {FROM: override}}}\n",
    "compose.staging.yaml": "services: {web: {environment: {FROM: staging}}}\n",
    "compose.production.yaml": "services: {worker: {deploy: {replicas: 1}}}\n",
    ".env": "LEVEL=plain\n",
    ".env.staging": "LEVEL=staged\n",
    "localenv.yaml": "project: levels\ntiers: {staging: {compose_profiles: [debug], replicas: {web: 3}}}\n",
}
TIERS = ("development", "staging", "production")


@pytest.fixture(scope="module")
def levels(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("levels")
    for name, text in FILES.items():
        (directory / name).write_text(text)
    own.must("up", *TIERS, cwd=directory)
    return directory


def variables(tier: str) -> dict[str, str]:
    lines = docker("inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", f"levels_{tier}-web-1")
    return dict(line.split("=", 1) for line in lines if "=" in line)


def count(tier: str, service: str) -> int:
    labels = (f"label=com.docker.compose.project=levels_{tier}", f"label=com.docker.compose.service={service}")
    return len(docker("ps", "-q", "--filter", labels[0], "--filter", labels[1]))


def test_the_override_counts_in_development_only(levels: Path) -> None:
    assert [variables(tier)["FROM"] for tier in TIERS] == ["override", "staging", "base"]


def test_the_tiers_env_file_comes_over_the_plain_one(own: Installation, levels: Path) -> None:
    assert [variables(tier)["LEVEL"] for tier in TIERS] == ["plain", "staged", "plain"]
    assert [own.get(f"{tier}.levels.localhost").body for tier in TIERS] == ["level plain", "level staged", "level plain"]


def test_replicas_are_the_tiers(levels: Path) -> None:
    assert [count(tier, "web") for tier in TIERS] == [1, 3, 2]
    assert [count(tier, "worker") for tier in TIERS] == [2, 2, 1]


def test_profiles_are_the_tiers(levels: Path) -> None:
    assert [count(tier, "debug") for tier in TIERS] == [0, 1, 0]


def test_fewer_replicas_are_wanted(own: Installation, levels: Path) -> None:
    (levels / "localenv.yaml").write_text("project: levels\ntiers: {staging: {replicas: {web: 1}}}\n")
    own.must("up", "staging", cwd=levels)
    assert (count("staging", "web"), count("staging", "debug")) == (1, 0)
    assert own.get("staging.levels.localhost").status == 200


def test_production_asks_for_its_name(own: Installation, levels: Path) -> None:
    for words in (("--yes",), ("--confirm", "staging"), ("--confirm", "production")):
        result = own.run("destroy", "production", *words, cwd=levels)
        assert result.exit_code in {1, 2}, (words, result.said)
    assert count("production", "web") == 2
    own.must("destroy", "production", "--confirm", "production", "--reason", "tried", cwd=levels)
    own.must("destroy", "development", "staging", "--yes", cwd=levels)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
