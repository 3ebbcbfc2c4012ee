"""A service that does not come up is told with what it said, and the exit code is 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

CRASH = """
services:
  web:
    image: debian:bookworm-slim
    command: ["sh", "-c", "echo cannot find the moon >&2; exit 3"]
"""
SICK = """
services:
  web:
    image: redis:7
    healthcheck: {test: ["CMD-SHELL", "echo pulse is gone; exit 1"], interval: 1s, retries: 2}
"""
ONE_SHOT = """
services:
  migrate:
    image: debian:bookworm-slim
    command: ["sh", "-c", "echo table is locked; exit 4"]
  web:
    image: nginx:1.27
    ports: ["80"]
    depends_on: {migrate: {condition: service_completed_successfully}}
"""
SLOW = """
services:
  web:
    image: redis:7
    healthcheck: {test: ["CMD-SHELL", "echo not yet; exit 1"], interval: 1s, retries: 1000, start_period: 600s}
"""
NO_COMMAND = """
services:
  web:
    image: debian:bookworm-slim
    command: ["/no/such/program"]
"""
GONE = """
services:
  web: {image: "localenv-nobody-has/this:1.0"}
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    place = tmp_path / "failing"
    place.mkdir()
    return place


@pytest.mark.parametrize(
    ("compose", "arguments", "words"),
    [
        (CRASH, (), ("web", "cannot find the moon", "3")),
        (SICK, ("--timeout", "20"), ("web", "pulse is gone")),
        (ONE_SHOT, (), ("migrate", "table is locked", "4")),
        (SLOW, ("--timeout", "4"), ("web", "not yet", "4")),
        (NO_COMMAND, (), ("web", "/no/such/program")),
        (GONE, (), ("localenv-nobody-has/this:1.0",)),
    ],
    ids=["crash", "sick", "one-shot", "slow", "no-command", "no-image"],
)
def test_the_error_says_what_it_said(
    own: Installation, directory: Path, compose: str, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    (directory / "compose.yaml").write_text(compose)
    try:
        told = own.run("up", *arguments, cwd=directory, timeout=120)
        assert told.exit_code == 1, told.said
        assert "Traceback" not in told.said
        assert all(word in told.stderr for word in words), told.stderr
        document = own.run("up", *arguments, "--output", "json", cwd=directory, timeout=120).json
        assert (document["schema"], document["exit_code"]) == ("localenv.error/1", 1)
        assert all(word in str(document) for word in words), document
    finally:
        own.run("destroy", "--yes", cwd=directory)


def test_no_wait_returns_while_it_is_not_ready(own: Installation, directory: Path) -> None:
    (directory / "compose.yaml").write_text(SLOW)
    own.must("up", "--no-wait", cwd=directory)
    assert docker("ps", "-q", "--filter", "name=failing_development-web-1")
    listed = own.must("ls", "--output", "json", cwd=directory).json["environments"]
    assert [item["state"] for item in listed if item["project"] == "failing"] == ["starting"]
    own.must("destroy", "--yes", cwd=directory)


def test_what_has_no_healthcheck_is_ready_when_it_runs(own: Installation, directory: Path) -> None:
    (directory / "compose.yaml").write_text(
        "services:\n  idle: {image: 'debian:bookworm-slim', init: true, command: [sleep, infinity], ports: ['9229']}\n"
    )
    result = own.must("up", "--timeout", "60", cwd=directory)
    assert result.exit_code == 0
    own.must("destroy", "--yes", cwd=directory)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
