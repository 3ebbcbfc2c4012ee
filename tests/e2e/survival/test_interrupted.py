"""Interrupted and killed commands: the same command, or another, goes on from what is there."""

from __future__ import annotations

import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    depends_on: {cache: {condition: service_healthy}}
  cache:
    image: redis:7
    volumes: ["kept:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 10s}
volumes: {kept: {}}
"""
NEVER_READY = """
services:
  web: {image: "nginx:1.27", ports: ["80"]}
  slow:
    image: redis:7
    healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 1000}
"""
INTERRUPTED = 130
NOTHING: dict[str, list[str]] = {"containers": [], "networks": [], "volumes": []}
HOST = "development.interrupted.localhost"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("several") / "interrupted"
    directory.mkdir()
    (directory / "compose.yaml").write_text(COMPOSE)
    return directory


class Terminal:
    """A command in a process group of its own on a terminal of its own, as a person's shell starts it."""

    def __init__(self, own: Installation, *arguments: str, cwd: Path) -> None:
        self._terminal, child = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "localenv", *arguments],
            cwd=cwd,
            env=own.environment | {"PYTHONPATH": str(Path(__file__).parents[3]), "TERM": "xterm", "COLUMNS": "120"},
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
        )
        os.close(child)

    def interrupt(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """Exit code and everything that was shown."""
        shown = b""
        while True:
            try:
                piece = os.read(self._terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        code = self.process.wait(60)
        os.close(self._terminal)
        return code, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode("utf-8", "replace"))


def slow_container() -> bool:
    return bool(docker("ps", "-q", "--filter", "name=interrupted_development-slow-1"))


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_up_with_130_and_the_same_command_finishes(own: Installation, trial: Path, times: int) -> None:
    own.run("destroy", "--yes", cwd=trial)
    (trial / "compose.yaml").write_text(NEVER_READY)
    command = Terminal(own, "up", cwd=trial)
    eventually(slow_container, what="the container that is waited for")
    for _ in range(times):
        command.interrupt()
        time.sleep(0.05)
    code, shown = command.end()
    assert code == INTERRUPTED, shown
    assert "interrupted" in shown
    assert "Traceback" not in shown
    (trial / "compose.yaml").write_text(COMPOSE)
    own.must("up", cwd=trial)
    assert own.get(HOST).status == 200
    own.must("destroy", "--yes", cwd=trial)
    assert own.left_behind() == NOTHING


def test_ctrl_c_with_json_is_an_error_document(own: Installation, trial: Path) -> None:
    own.run("destroy", "--yes", cwd=trial)
    (trial / "compose.yaml").write_text(NEVER_READY)
    words = [sys.executable, "-m", "localenv", "up", "--output", "json"]
    variables = own.environment | {"PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen(words, cwd=trial, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    eventually(slow_container, what="the container that is waited for")
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert '"exit_code": 130' in stdout
    own.must("destroy", "--yes", cwd=trial)


@pytest.mark.parametrize("verb", ["stop", "start", "restart", "down", "destroy"])
def test_a_verb_killed_at_random_moments_finishes_when_run_again(own: Installation, trial: Path, verb: str) -> None:
    (trial / "compose.yaml").write_text(COMPOSE)
    own.must("up", cwd=trial)
    if verb == "start":
        own.must("stop", cwd=trial)
    words = (verb, "--yes") if verb == "destroy" else (verb,)
    moments = random.Random(verb)  # noqa: S311 - moments to kill at, not a secret
    for _ in range(3):
        process = own.start(*words, cwd=trial)
        time.sleep(moments.uniform(0.3, 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
    again = own.run(*words, cwd=trial)
    gone = verb in {"down", "destroy"} and again.exit_code == 1 and "no environment development" in again.stderr
    assert again.exit_code == 0 or gone, again.said
    if verb == "destroy":
        assert own.left_behind() == NOTHING
    own.must("up", cwd=trial)
    assert own.get(HOST).status == 200


def test_up_against_destroy_ends_in_one_of_the_two(own: Installation, trial: Path) -> None:
    own.must("up", cwd=trial)
    against = [own.start("up", cwd=trial), own.start("destroy", "--yes", cwd=trial), own.start("up", cwd=trial)]
    codes = [process.wait(120) for process in against]
    assert codes == [0, 0, 0]
    own.must("up", cwd=trial)
    assert own.get(HOST).status == 200
    own.must("destroy", "--yes", cwd=trial)
    assert own.left_behind() == NOTHING
