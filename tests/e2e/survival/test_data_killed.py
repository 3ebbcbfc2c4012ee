"""SIGKILL of every command about data at random moments: no snapshot is damaged, the same command again succeeds."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

MOMENTS = 2
"""How often each command is killed, once by chance in each of as many parts of its time; for more, write a larger number."""
SEED = 20261127
EARLIEST = 0.2
"""Part of a command's time in which it does nothing but begin."""

COMPOSE = """
services:
  cache:
    image: redis:7
    command: ["redis-server", "--appendonly", "yes"]
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


class Trial:
    """A project whose data is one word, and commands that are killed while they work on it."""

    def __init__(self, own: Installation, directory: Path) -> None:
        self.own = own
        self.directory = directory
        self._moments = random.Random(SEED)  # noqa: S311 - moments to kill at, not a secret
        self._known: dict[str, frozenset[str]] = {}
        self.usually: dict[str, float] = {}
        """Seconds that making a baseline and a snapshot took."""
        self.owed: set[str] = set()
        """Words that a command replaced: a snapshot has to hold them."""

    def must(self, *arguments: str) -> float:
        """Seconds that a command took which has to succeed."""
        return self.own.must(*arguments, cwd=self.directory).seconds

    def load(self, word: str) -> None:
        """Have the data profile load this word from now on, which makes it another baseline."""
        (self.directory / "keys.redis").write_text(f"SET word {word}\n")

    def word(self, environment: str = "development") -> str:
        (found,) = docker("exec", f"killed_{environment}-cache-1", "redis-cli", "get", "word")
        return found

    def write(self, word: str, environment: str = "development") -> None:
        assert docker("exec", f"killed_{environment}-cache-1", "redis-cli", "set", "word", word) == ["OK"]

    def kill(self, *arguments: str, usually: float, part: int) -> bool:
        """Kill a command that takes ``usually`` seconds in this part of its time; ``False`` when it had ended by then."""
        process = self.own.start(*arguments, cwd=self.directory)
        time.sleep(usually * (EARLIEST + (1 - EARLIEST) * (part + self._moments.random()) / MOMENTS))
        process.kill()
        return process.wait() != 0

    def snapshots(self) -> dict[str, str | None]:
        """Name by identifier of each that is listed; all of its layers are there."""
        document = self.own.must("snapshot", "ls", "--all", "--output", "json", cwd=self.directory).json
        assert document["damaged"] == {}
        layers = set(self.own.kept()["layers"])
        for snapshot in document["snapshots"]:
            assert {layer for volume in snapshot["volumes"] for layer in volume["layers"]} <= layers, snapshot
        return {snapshot["id"]: snapshot["name"] for snapshot in document["snapshots"]}

    def look(self, *words: str) -> dict[str, str | None]:
        """What is listed; each that was not listed before holds one of these words."""
        found = self.snapshots()
        for name in found:
            self._known.setdefault(name, frozenset(words))
        return found

    def held(self) -> list[str]:
        """Words in all snapshots, after an environment was brought up from each: the ones that were there when it was taken."""
        listed = list(self.snapshots())

        def held_by(snapshot: str) -> str:
            self.must("up", f"on-{snapshot}", "--tier", "development", "--from", snapshot)
            return self.word(f"on-{snapshot}")

        with ThreadPoolExecutor(4) as workers:
            words = list(workers.map(held_by, listed))
        for snapshot, word in zip(listed, words, strict=True):
            assert word in self._known[snapshot], snapshot
        return words


@pytest.fixture(scope="module")
def trial(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """``development`` runs, with a snapshot ``kept``."""
    directory = tmp_path_factory.mktemp("several") / "killed"
    (directory / "profiles" / "data").mkdir(parents=True)
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "profiles" / "data" / "keys.yaml").write_text(PROFILE)
    trial = Trial(own, directory)
    trial.load("loaded")
    trial.usually["baseline"] = trial.must("data", "build", "keys")
    trial.look("loaded")
    trial.must("up", "--data", "keys")
    trial.write("kept")
    trial.usually["snapshot"] = trial.must("snapshot", "create", "--name", "kept")
    trial.look("kept")
    return trial


def test_building_data(trial: Trial) -> None:
    trial.load("built")
    for part in range(MOMENTS):
        trial.kill("data", "build", "keys", usually=trial.usually["baseline"], part=part)
    trial.look("built")
    trial.must("data", "build", "keys")
    trial.look("built")
    assert not [name for kind in trial.own.left_behind().values() for name in kind if "build" in name]
    trial.must("up", "built", "--tier", "development", "--data", "keys")
    assert trial.word("built") == "built"


def test_an_up_that_makes_a_baseline(trial: Trial) -> None:
    trial.load("seeded")
    for part in range(MOMENTS):
        trial.kill("up", "seeded", "--tier", "development", "--data", "keys", usually=trial.usually["baseline"], part=part)
    trial.look("seeded")
    trial.must("up", "seeded", "--tier", "development", "--data", "keys")
    trial.look("seeded")
    assert trial.word("seeded") == "seeded"


@pytest.mark.parametrize("how", ["paused", "stopped"])
def test_creating_a_snapshot(trial: Trial, how: str) -> None:
    trial.must("up")
    trial.write(how)
    usually = trial.usually["snapshot"]
    if how == "stopped":
        usually = trial.must("snapshot", "create", "--name", "measured", "--how", how)
    for part in range(MOMENTS):
        trial.kill("snapshot", "create", "--name", f"{how}-{part}", "--how", how, usually=usually, part=part)
    if f"{how}-0" not in trial.look(how).values():
        trial.must("snapshot", "create", "--name", f"{how}-0", "--how", how)
        trial.look(how)
    trial.must("up")
    assert trial.word() == how


@pytest.mark.parametrize("verb", ["restore", "reset"])
def test_replacing_data(trial: Trial, verb: str) -> None:
    trial.load("loaded")
    trial.must("up", verb, "--tier", "development", "--data", "keys")
    words = ("snapshot", "restore", "kept", verb, "--yes") if verb == "restore" else ("data", "reset", verb, "--yes")
    wanted = "kept" if verb == "restore" else "loaded"
    usually = trial.must(*words)
    trial.look("loaded")
    mine = [f"{verb}-{part}" for part in range(MOMENTS)]
    for part, word in enumerate(mine):
        trial.must("up", verb)
        trial.write(word, verb)
        trial.kill(*words, usually=usually, part=part)
    trial.look(wanted, *mine)
    trial.must(*words)
    trial.look(wanted, *mine)
    assert trial.word(verb) == wanted
    trial.owed.add(mine[-1])


def test_cloning(trial: Trial) -> None:
    trial.must("up")
    trial.write("cloned")
    usually = trial.must("clone", "development", "measured-copy")
    names = [f"copy-{part}" for part in range(MOMENTS)]
    killed = [trial.kill("clone", "development", name, usually=usually, part=part) for part, name in enumerate(names)]
    trial.look("cloned")
    for name, again in zip(names, killed, strict=True):
        if again:
            trial.must("clone", "development", name)
        assert trial.word(name) == "cloned"
    assert any(killed)
    trial.look("cloned")
    trial.must("up")
    assert trial.word() == "cloned"


def test_collecting_garbage(trial: Trial) -> None:
    trial.must("up")
    word = trial.word()
    names = ["gone", *(f"gone-{part}" for part in range(MOMENTS))]
    for name in names:
        trial.must("snapshot", "create", "--name", name)
    trial.look(word)
    trial.must("snapshot", "rm", names[0])
    usually = trial.must("gc")
    for part, name in enumerate(names[1:]):
        trial.must("snapshot", "rm", name)
        trial.kill("gc", usually=usually, part=part)
        trial.look()
    trial.must("gc")
    assert trial.word() == word


def test_a_removal_that_was_cut_short_is_finished(trial: Trial) -> None:
    """A record is emptied before the engine's volume goes; one that was killed in between wrote into what gc removes."""
    trial.must("up", "short", "--tier", "development", "--from", "kept")
    trial.write("old", "short")
    docker("rm", "-f", "killed_short-cache-1")
    keeper = f"localenv-keeper-{trial.own.owner()}"
    docker("exec", keeper, "truncate", "-s", "0", "/vault/records/killed_short_keys.json")
    trial.must("up", "short")
    trial.must("gc")
    assert trial.word("short") == "kept"


def test_every_snapshot_holds_what_was_there_and_nothing_is_left_behind(trial: Trial) -> None:
    own, directory = trial.own, trial.directory
    assert trial.owed <= set(trial.held())
    environments = own.must("ls", "--output", "json", cwd=directory).json["environments"]
    trial.must("destroy", *(item["name"] for item in environments), "--yes")
    trial.must("snapshot", "rm", *trial.snapshots())
    trial.must("gc", "--baselines")
    assert own.left_behind() == NOTHING
    eventually(lambda: not any(own.kept().values()), what="an empty store")
