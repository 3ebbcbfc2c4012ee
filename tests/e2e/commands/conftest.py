"""A small project with what commands can be tried on: a site, a box to run things in, a secret, a check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation

COMPOSE = """
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    environment: {LEVEL: "${LEVEL:-info}", API_TOKEN: "${API_TOKEN:-first-token}"}
  box:
    image: debian:bookworm-slim
    command: [sleep, infinity]
    init: true
    secrets: [key]
    volumes: ["kept:/kept"]
  check:
    image: debian:bookworm-slim
    profiles: [checks]
    command: [sh, -c, "test -s /run/secrets/key && echo checked $$LOCALENV_ENVIRONMENT"]
    secrets: [key]
volumes: {kept: {}}
secrets:
  key: {environment: KEY}
"""
SETTINGS = """
project: commands
secrets: {KEY: {generate: hex, length: 32}}
"""


@pytest.fixture(scope="module")
def site(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project with staging and production up, removed at the end of the module."""
    directory = tmp_path_factory.mktemp("projects") / "commands"
    directory.mkdir()
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "localenv.yaml").write_text(SETTINGS)
    (directory / ".env.production").write_text("LEVEL=warning\nAPI_TOKEN=second-token\n")
    own.must("up", "staging", "production", cwd=directory)
    yield directory
    own.must("destroy", "staging", "--yes", cwd=directory)
    own.must("destroy", "production", "--confirm", "production", "--reason", "end of the test", cwd=directory)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
