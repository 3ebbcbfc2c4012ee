"""The disk under the state directory is full: said in words, nothing half made, and it goes on when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, free_port

pytestmark = [
    pytest.mark.engine,
    pytest.mark.e2e,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root"),
]

COMPOSE = """
name: tight
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["./page:/usr/share/nginx/html:ro"]
"""
NOTHING: dict[str, list[str]] = {"containers": [], "networks": [], "volumes": []}


@pytest.fixture
def tight(own: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose state directory is on a file system of four megabytes."""
    home = tmp_path / "home"
    home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(home)], check=True)
    small = Installation(home=home, pool=own.pool, http_port=free_port(), https_port=free_port())
    try:
        yield small
    finally:
        small.remove_everything()
        subprocess.run(["umount", "--lazy", str(home)], check=True)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    place = tmp_path / "tight"
    (place / "page").mkdir(parents=True)
    (place / "page" / "index.html").write_text("room")
    (place / "compose.yaml").write_text(COMPOSE)
    return place


def fill(home: Path, leave: int = 0) -> Path:
    """Take all room but ``leave`` bytes."""
    ballast = home / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    if leave:
        os.truncate(ballast, ballast.stat().st_size - leave)
    return ballast


def told(result_code: int, said: str) -> None:
    assert result_code == 1, said
    assert "Traceback" not in said
    assert "space" in said or "full" in said, said


@pytest.mark.parametrize("leave", [0, 16384])
def test_it_is_told_and_works_again_when_there_is_room(tight: Installation, directory: Path, leave: int) -> None:
    tight.must("up", cwd=directory)
    tight.must("destroy", "--yes", cwd=directory)
    ballast = fill(tight.home, leave)
    result = tight.run("up", cwd=directory)
    if result.exit_code != 0:
        told(result.exit_code, result.said)
    ballast.unlink()
    tight.must("up", cwd=directory)
    assert tight.get("development.tight.localhost").body == "room"
    tight.must("destroy", "--yes", cwd=directory)
    assert tight.left_behind() == NOTHING


def test_from_the_very_first_command(tight: Installation, directory: Path) -> None:
    ballast = fill(tight.home)
    result = tight.run("up", cwd=directory)
    told(result.exit_code, result.said)
    assert tight.left_behind() == NOTHING
    ballast.unlink()
    tight.must("up", cwd=directory)
    assert tight.get("development.tight.localhost").body == "room"


def test_destroy_says_so_too_and_works_when_there_is_room(tight: Installation, directory: Path) -> None:
    tight.must("up", cwd=directory)
    ballast = fill(tight.home)
    result = tight.run("destroy", "--yes", cwd=directory)
    if result.exit_code != 0:
        told(result.exit_code, result.said)
    ballast.unlink()
    tight.run("destroy", "--yes", cwd=directory)
    assert tight.left_behind() == NOTHING
