"""``--scale`` multiplies a profile's rows, in a baseline of its own that the environment keeps to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: scaled
services:
  cache:
    image: redis:7
    command: [redis-server, --appendonly, "yes"]
    volumes: ["keys:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 10s, start_period: 30s, start_interval: 200ms}
volumes: {keys: {}}
"""
FEW = """
profile: few
classification: synthetic
services: {cache: {tables: {session: {rows: 50, columns: {agent: user_agent}}}}}
"""
FILES = """
profile: files
classification: synthetic
services: {cache: {files: [one.redis]}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    profiles = tmp_path / "scaled" / "profiles" / "data"
    profiles.mkdir(parents=True)
    (profiles / "few.yaml").write_text(FEW)
    (profiles / "files.yaml").write_text(FILES)
    (tmp_path / "scaled" / "one.redis").write_text("SET one 1\n")
    (tmp_path / "scaled" / "compose.yaml").write_text(COMPOSE)
    return tmp_path / "scaled"


def keys(own: Installation, project: Path) -> int:
    return int(own.must("exec", "-T", "qa", "cache", "--", "redis-cli", "dbsize", cwd=project).stdout.split()[-1])


def test_rows_are_multiplied_and_stay_so(own: Installation, project: Path) -> None:
    own.must("data", "build", "few", "--tier", "preview", "--scale", "3", cwd=project)
    own.must("up", "qa", "--tier", "preview", "--data", "few", "--scale", "3", cwd=project)
    assert keys(own, project) == 150
    listed = own.must("data", "ls", "--output", "json", cwd=project).json["profiles"]
    built = {each["name"]: [found["name"] for found in each["baselines"]] for each in listed}
    assert built["few"] == ["few-x3"]
    own.must("data", "reset", "qa", "--yes", cwd=project)
    assert keys(own, project) == 150
    own.must("data", "reset", "qa", "--scale", "0.5", "--yes", cwd=project)
    assert keys(own, project) == 25
    said = own.must("data", "ls", cwd=project).stdout
    assert "few-x3" in said
    assert "few-x0.5" in said
    own.must("destroy", "qa", "--yes", cwd=project)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--data", "files", "--scale", "2"), 1, "data profile files generates no rows"),
        (("--scale", "2"), 1, "has no data profile"),
        (("--data", "few", "--scale", "nan"), 2, "not a number"),
        (("--data", "few", "--scale", "0"), 2, "0"),
    ],
)
def test_a_scale_of_nothing_is_refused(own: Installation, project: Path, words: tuple[str, ...], code: int, told: str) -> None:
    refused = own.run("up", "none", "--tier", "preview", *words, cwd=project)
    assert refused.exit_code == code, refused.said
    assert told in refused.stderr
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


def test_a_chosen_profile_stays_the_environments(own: Installation, project: Path) -> None:
    (project / "localenv.yaml").write_text("data: files\n")
    own.must("up", "qa", "--tier", "preview", "--data", "few", cwd=project)
    again = own.must("up", "qa", "--dry-run", cwd=project)
    assert "nothing to do" in again.stdout
    own.must("data", "reset", "qa", "--yes", cwd=project)
    assert keys(own, project) == 50
    refused = own.run("up", "qa", "--data", "files", cwd=project)
    assert refused.exit_code == 1
    assert "qa has data already, which is not what profile files makes" in refused.stderr
    assert "localenv data reset qa --data files" in refused.stderr
    own.must("data", "reset", "qa", "--data", "files", "--yes", cwd=project)
    assert keys(own, project) == 1
    own.must("destroy", "qa", "--yes", cwd=project)
