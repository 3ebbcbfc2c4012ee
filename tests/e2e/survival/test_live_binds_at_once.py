"""Two development environments brought up by one command: one has the project's live source, the other a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: atonce
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["./src:/usr/share/nginx/html"]
"""


def test_one_of_several_has_the_live_source(own: Installation, tmp_path: Path) -> None:
    """Both had it: neither had anything on the engine yet when the other looked."""
    page = tmp_path / "src" / "index.html"
    page.parent.mkdir()
    page.write_text("first edition")
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    names = ("one", "two", "three")
    own.must("up", *names, "--tier", "development", cwd=tmp_path)
    page.write_text("second edition")
    seen = sorted(own.get(f"{name}.atonce.localhost").body for name in names)
    own.must("destroy", *names, "--yes", cwd=tmp_path)
    assert seen == ["first edition", "first edition", "second edition"]
