"""The disk that holds the layers is full: said in words, what was there is there, and it goes on when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, Result, docker, eventually, free_port

pytestmark = [
    pytest.mark.engine,
    pytest.mark.e2e,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root"),
]

COMPOSE = """
name: crowded
services:
  cache:
    image: redis:7
    command: ["redis-server", "--appendonly", "yes", "--save", "", "--auto-aof-rewrite-percentage", "0"]
    volumes: ["keys:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 2s, start_period: 30s, start_interval: 100ms}
volumes: {keys: {}}
"""
PROFILE = """
profile: keys
classification: synthetic
services:
  cache: {files: [keys.redis]}
"""
NOTHING: dict[str, list[str]] = {"containers": [], "networks": [], "volumes": []}
BULK = 2_000_000
"""Bytes that the environment has written, and that a profile loads."""
LITTLE = 1_000_000
"""Bytes of room in which a copy of that begins and cannot end."""


class Crowded:
    """An environment whose layers are on a file system of 32 megabytes, and a snapshot ``kept`` of it."""

    def __init__(self, own: Installation, directory: Path, disk: Path) -> None:
        self.own = own
        self.directory = directory
        self.disk = disk

    def must(self, *arguments: str) -> None:
        self.own.must(*arguments, cwd=self.directory)

    def load(self, word: str, padding: int = 0) -> None:
        """Have the data profile load this from now on, which makes it another baseline."""
        (self.directory / "keys.redis").write_text(f"SET word {word}\nSET padding p{'x' * padding}\n")

    def word(self, environment: str = "development") -> str:
        (found,) = docker("exec", f"crowded_{environment}-cache-1", "redis-cli", "get", "word")
        return found

    def write(self, word: str) -> None:
        assert docker("exec", "crowded_development-cache-1", "redis-cli", "set", "word", word) == ["OK"]

    def write_much(self) -> None:
        words = ("eval", "return redis.call('set', 'bulk', string.rep('x', ARGV[1]))", "0", str(BULK))
        assert docker("exec", "crowded_development-cache-1", "redis-cli", *words) == ["OK"]

    def without_room(self, *arguments: str, leave: int) -> Result:
        """Run a command while all room but ``leave`` bytes is taken."""
        ballast = self.disk / "ballast"
        free = os.statvfs(self.disk)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - leave)
        try:
            return self.own.run(*arguments, cwd=self.directory)
        finally:
            ballast.unlink()

    def state(self) -> dict[str, object]:
        """What has to be the same before and after a command that failed; an emptied record stays until the next ``up``."""
        listed = self.own.must("snapshot", "ls", "--all", "--output", "json", cwd=self.directory).json
        assert listed["damaged"] == {}
        kept = {folder: sorted(names) for folder, names in self.own.kept().items() if folder != "records"}
        return {"snapshots": listed["snapshots"], "kept": kept, "word": self.word(), "engine": self.own.left_behind()}

    def named(self) -> list[str]:
        """Snapshots that a person made."""
        listed = self.own.must("snapshot", "ls", "--output", "json", cwd=self.directory).json
        assert listed["damaged"] == {}
        return [each["id"] for each in listed["snapshots"] if each["kind"] == "named"]

    def is_as(self, before: dict[str, object]) -> None:
        """What a volume that went away had is removed in the background."""
        eventually(lambda: self.state() == before, within=15, what=f"what was there before, {before}")


@pytest.fixture(scope="module")
def crowded(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    directory, disk = tmp_path_factory.mktemp("several") / "crowded", tmp_path_factory.mktemp("disk")
    (directory / "profiles" / "data").mkdir(parents=True)
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "profiles" / "data" / "keys.yaml").write_text(PROFILE)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(disk)], check=True)
    (disk / "layers").mkdir()
    small = Installation(
        home=own.home / "crowded",
        pool=own.pool,
        http_port=free_port(),
        https_port=free_port(),
        variables={"LOCALENV_LAYERS": str(disk / "layers")},
    )
    try:
        crowded = Crowded(small, directory, disk)
        crowded.load("loaded")
        crowded.must("up", "--data", "keys")
        crowded.write("kept")
        crowded.write_much()
        crowded.must("snapshot", "create", "--name", "kept")
        crowded.write("mine")
        yield crowded
    finally:
        small.remove_everything()
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def told(result: Result) -> None:
    assert result.exit_code == 1, result.said
    assert "Traceback" not in result.said
    assert "full" in result.said or "No space left" in result.said, result.said


@pytest.mark.parametrize(
    ("words", "leave", "then"),
    [
        (("snapshot", "create", "--name", "paused", "--how", "paused"), LITTLE, "mine"),
        (("snapshot", "create", "--name", "stopped", "--how", "stopped"), 0, "mine"),
        (("data", "reset", "--yes"), LITTLE, "loaded"),
        (("snapshot", "restore", "kept", "--yes"), 0, "kept"),
    ],
    ids=["create-paused", "create-stopped", "reset", "restore"],
)
def test_what_is_done_to_an_environment(crowded: Crowded, words: tuple[str, ...], leave: int, then: str) -> None:
    before = crowded.state()
    told(crowded.without_room(*words, leave=leave))
    crowded.is_as(before)
    crowded.must(*words)
    assert crowded.word() == then


def test_a_clone(crowded: Crowded) -> None:
    crowded.write_much()
    before = crowded.state()
    told(crowded.without_room("clone", "development", "copy", leave=LITTLE))
    crowded.is_as(before)
    crowded.must("clone", "development", "copy")
    assert crowded.word("copy") == crowded.word()
    crowded.must("destroy", "copy", "--yes")


def test_building_data(crowded: Crowded) -> None:
    crowded.load("built", padding=BULK)
    before = crowded.state()
    told(crowded.without_room("data", "build", "keys", leave=LITTLE))
    crowded.is_as(before)
    told(crowded.without_room("data", "build", "keys", leave=0))
    crowded.is_as(before)
    crowded.must("data", "build", "keys")


def test_an_up_that_loads_data(crowded: Crowded) -> None:
    crowded.load("seeded", padding=BULK)
    before = crowded.state()
    told(crowded.without_room("up", "seeded", "--tier", "development", "--data", "keys", leave=LITTLE))
    crowded.must("up", "seeded", "--tier", "development", "--data", "keys")
    assert crowded.word("seeded") == "seeded"
    assert crowded.word() == before["word"]
    crowded.must("destroy", "seeded", "--yes")


def test_gc_makes_room_where_there_is_none(crowded: Crowded) -> None:
    crowded.write_much()
    crowded.must("snapshot", "create", "--name", "much")
    crowded.must("snapshot", "rm", "much")
    before = crowded.named()
    freed = crowded.without_room("gc", "--output", "json", leave=0)
    assert freed.exit_code == 0, freed.said
    assert freed.json["bytes"] > BULK
    assert crowded.named() == before
    assert crowded.word() == "kept"


def test_in_the_end_nothing_is_left_behind(crowded: Crowded) -> None:
    own, directory = crowded.own, crowded.directory
    crowded.must("destroy", "--yes")
    listed = own.must("snapshot", "ls", "--all", "--output", "json", cwd=directory).json["snapshots"]
    crowded.must("snapshot", "rm", *(each["id"] for each in listed))
    freed = crowded.without_room("gc", "--baselines", leave=0)
    assert freed.exit_code == 0, freed.said
    assert own.left_behind() == NOTHING
    eventually(lambda: not any(own.kept().values()), what="an empty store")
