"""``watch`` syncs what the Compose file names into the running container."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

RESTED = 4.0
COMPOSE = """
services:
  web:
    image: nginx:1.27
    build: .
    ports: ["80"]
    develop:
      watch:
        - {action: sync, path: pages, target: /usr/share/nginx/html}
"""


def test_a_saved_file_is_served(own: Installation, tmp_path: Path) -> None:
    directory = tmp_path / "watched"
    (directory / "pages").mkdir(parents=True)
    (directory / "pages" / "index.html").write_text("first\n")
    (directory / "Dockerfile").write_text("FROM nginx:1.27\nCOPY pages/ /usr/share/nginx/html/\n")
    (directory / "compose.yaml").write_text(COMPOSE)
    own.must("up", cwd=directory)
    assert own.get("development.watched.localhost").body == "first\n"
    said = tmp_path / "said"
    with said.open("wb") as output:
        watching = own.start("watch", cwd=directory, output=output)
    try:
        eventually(lambda: synced(own, directory), within=120, what="the saved file")
    except AssertionError as error:
        error.add_note(f"watch, exit code {watching.poll()}: {said.read_text()}")
        raise
    finally:
        watching.send_signal(signal.SIGINT)
        watching.wait(30)
    own.must("destroy", "--yes", cwd=directory)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


def synced(own: Installation, directory: Path) -> bool:
    """Save the file, unless it was saved a moment ago: Compose waits until a file rests, and sees no change from before."""
    page = directory / "pages" / "index.html"
    if page.read_text() != "second\n" or time.time() - page.stat().st_mtime > RESTED:
        page.write_text("second\n")
    return own.get("development.watched.localhost").body == "second\n"
