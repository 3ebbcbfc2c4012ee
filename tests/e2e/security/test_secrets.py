"""Secrets are where the services need them and nowhere else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: discreet
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    environment: {API_TOKEN: "${API_TOKEN}", SESSION_KEY: "${SESSION_KEY}"}
    secrets: [from_file, from_environment]
  hooked:
    image: debian:bookworm-slim
    init: true
    command: ["sleep", "infinity"]
    environment: {API_TOKEN: "${API_TOKEN}"}
secrets:
  from_file: {file: ./password.txt}
  from_environment: {environment: DEPLOY_KEY}
"""
SETTINGS = """
secrets:
  SESSION_KEY: {generate: hex, length: 48}
"""
TOKEN = "tok-3f1b77aa90c2"
KEY = "key-77e0d1b6aa41"
PASSWORD = "pwd-0c9d8e7f6a5b"
LOUD = """
name: loud
services:
  web:
    image: debian:bookworm-slim
    environment: {API_TOKEN: "${API_TOKEN}"}
    secrets: [from_file]
    command: ["sh", "-c", "echo connecting with $$API_TOKEN; cat /run/secrets/from_file; echo $$API_TOKEN >&2; exit 7"]
secrets:
  from_file: {file: ./password.txt}
"""


class Watching:
    """Every command line that any process of the machine has, as long as it is watched."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.seen: set[bytes] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            for entry in os.scandir("/proc"):
                if entry.name.isdigit():
                    try:
                        self.seen.add(Path(f"/proc/{entry.name}/cmdline").read_bytes())
                    except OSError:
                        continue


def generated(own: Installation) -> str:
    """The value that was generated for SESSION_KEY."""
    lines = docker("inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", "discreet_development-web-1")
    found = next(line.partition("=")[2] for line in lines if line.startswith("SESSION_KEY="))
    assert found
    return found


@pytest.fixture(scope="module")
def discreet(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A project with secrets of each kind, up, and everything that was said meanwhile."""
    directory = tmp_path_factory.mktemp("discreet")
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "localenv.yaml").write_text(SETTINGS)
    (directory / ".env").write_text(f"API_TOKEN={TOKEN}\n")
    (directory / "password.txt").write_text(f"{PASSWORD}\n")
    own.variables["DEPLOY_KEY"] = KEY
    said = ""
    with Watching() as watching:
        for words in (
            ("up", "--dry-run"),
            ("up", "--dry-run", "--output", "json"),
            ("up",),
            ("up", "staging"),
            ("status",),
            ("status", "--output", "json"),
            ("logs",),
            ("diff", "development", "staging"),
            ("diff", "development", "staging", "--output", "json"),
            ("config", "show"),
            ("config", "show", "--output", "json"),
            ("ls", "--output", "json"),
            ("urls", "--output", "json"),
            ("exec", "web", "--", "true"),
        ):
            said += own.must(*words, cwd=directory).said
    said += repr(watching.seen)
    yield directory, said
    del own.variables["DEPLOY_KEY"]


def test_the_services_have_them(own: Installation, discreet: tuple[Path, str]) -> None:
    directory, _ = discreet
    words = ("sh", "-c", "cat /run/secrets/from_file /run/secrets/from_environment; echo; echo $API_TOKEN; echo ${#SESSION_KEY}")
    lines = own.must("exec", "web", "--", *words, cwd=directory).stdout.split()
    assert lines == [PASSWORD, KEY, TOKEN, "48"]


def test_each_environment_has_generated_ones_of_its_own(own: Installation, discreet: tuple[Path, str]) -> None:
    directory, _ = discreet
    words = ("--", "sh", "-c", "echo $SESSION_KEY")
    values = {own.must("exec", name, "web", *words, cwd=directory).stdout.strip() for name in ("development", "staging")}
    assert len(values) == 2
    own.must("up", "--build", cwd=directory)
    assert generated(own) in values


def test_no_output_and_no_command_line_shows_them(own: Installation, discreet: tuple[Path, str]) -> None:
    _, said = discreet
    for value in (TOKEN, KEY, PASSWORD, generated(own)):
        assert value not in said


def test_no_label_holds_them(own: Installation, discreet: tuple[Path, str]) -> None:
    label = f"label=localenv.owner={own.owner()}"
    told = docker("inspect", "--format", "{{json .Config.Labels}}", *docker("ps", "-aq", "--filter", label))
    told += docker("network", "inspect", "--format", "{{json .Labels}}", *docker("network", "ls", "-q", "--filter", label))
    for value in (TOKEN, KEY, PASSWORD, generated(own)):
        assert value not in "".join(told)


def test_ledger_and_journal_do_not_hold_them(own: Installation, discreet: tuple[Path, str]) -> None:
    files = [*own.home.glob("ledger.sqlite*"), *own.home.rglob("*journal*"), *own.home.rglob("*.log")]
    files += [path for path in (own.home / "router").rglob("*") if path.is_file()]
    assert any("journal" in path.name for path in files)
    for value in (TOKEN, KEY, PASSWORD, generated(own)):
        assert not [path for path in files if value.encode() in path.read_bytes()]


def test_nobody_else_can_read_the_state(own: Installation, discreet: tuple[Path, str]) -> None:
    for path in (own.home, *own.home.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.is_dir() and not path.is_symlink():
            opened = own.home / "router" in (path, *path.parents) or own.home / "certificates" in (path, *path.parents)
            assert mode == 0o700 or opened, f"{path} is {mode:o}"
    for value in (TOKEN, KEY, PASSWORD, generated(own)):
        holding = [path for path in own.home.rglob("*") if path.is_file() and value.encode() in path.read_bytes()]
        for path in holding:
            closed = [parent for parent in path.parents if parent.is_relative_to(own.home)]
            assert stat.S_IMODE(closed[-1].stat().st_mode) == 0o700
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or stat.S_IMODE(path.parent.stat().st_mode) == 0o700, path
    for path in (own.home / "certificates").rglob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for path in (own.home / "router").rglob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o027 == 0, path
    assert stat.S_IMODE((own.home / "ledger.sqlite").stat().st_mode) == 0o600


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_container_that_prints_its_own_secrets_is_masked(own: Installation, tmp_path: Path, output: str) -> None:
    (tmp_path / "compose.yaml").write_text(LOUD)
    (tmp_path / ".env").write_text(f"API_TOKEN={TOKEN}\n")
    (tmp_path / "password.txt").write_text(f"{PASSWORD}\n")
    result = own.run("up", "--output", output, "--timeout", "60", cwd=tmp_path)
    own.must("destroy", "--yes", cwd=tmp_path)
    assert result.exit_code == 1
    assert "connecting with" in result.said
    assert TOKEN not in result.said
    assert PASSWORD not in result.said


def test_a_bug_report_does_not_hold_them(own: Installation, discreet: tuple[Path, str]) -> None:
    for path in own.home.rglob("*crash*"):
        text = path.read_text() if path.is_file() else ""
        assert TOKEN not in text
        assert KEY not in text


def test_what_compose_says_of_a_wrong_value_is_not_relayed(own: Installation, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"REPLICAS={TOKEN}\n")
    (tmp_path / "compose.yaml").write_text(
        "services:\n  web:\n    image: nginx:1.27\n    deploy:\n      replicas: ${REPLICAS}\n    ports: ['${REPLICAS}:80']\n"
    )
    result = own.run("up", cwd=tmp_path)
    assert result.exit_code == 1
    assert TOKEN not in result.said


def test_this_machine_shows_command_lines() -> None:
    """Without this the watching above would prove nothing."""
    with Watching() as watching:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", "marker-5d1c"], check=True)
    assert any(b"marker-5d1c" in line for line in watching.seen)
