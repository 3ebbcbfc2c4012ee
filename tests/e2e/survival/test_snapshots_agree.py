"""A snapshot while two databases of one environment are written: what is restored is one instant of both."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
services:
  left:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    volumes: ["left:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-q", "-U", "postgres", "-h", "127.0.0.1"], interval: 2s, start_period: 30s}
  right:
    image: mariadb:11
    environment: {MARIADB_ROOT_PASSWORD: opensesame, MARIADB_DATABASE: app}
    volumes: ["right:/var/lib/mysql"]
    healthcheck: {test: ["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"], interval: 2s, start_period: 60s}
volumes: {left: {}, right: {}}
"""
LEFT = ("psql", "-U", "postgres", "-Atqc")
RIGHT = ("mariadb", "-uroot", "-popensesame", "-N", "-B", "app", "-e")
WRITERS = 3
"""That write first to the one database, and as many that write first to the other."""
TIMES = 6


@dataclass(slots=True)
class Ledger:
    """Writers that note each number in one database and, once that is acknowledged, in the other."""

    containers: dict[str, str]
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    written: dict[int, int] = field(default_factory=dict)

    def note(self, side: str, writer: int, number: int) -> bool:
        statement = f"insert into entries values ({writer}, {number})"  # noqa: S608 - own numbers
        ignore = " on conflict do nothing" if side == "left" else " on duplicate key update n = n"
        words = (*(LEFT if side == "left" else RIGHT), statement + ignore)
        done = subprocess.run(["docker", "exec", self.containers[side], *words], capture_output=True, check=False)
        return done.returncode == 0

    def write(self, writer: int) -> None:
        order = ("left", "right") if writer < WRITERS else ("right", "left")
        number = 0
        while not self.stopping.is_set():
            number += 1
            for side in order:
                while not self.note(side, writer, number):
                    if self.stopping.is_set():
                        return
            self.written[writer] = number

    def start(self) -> None:
        self.threads = [threading.Thread(target=self.write, args=(writer,)) for writer in range(2 * WRITERS)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()


@dataclass(frozen=True, slots=True)
class Pair:
    """A project with two databases."""

    own: Installation
    project: Path

    def ask(self, environment: str, service: str, statement: str) -> str:
        words = LEFT if service == "left" else RIGHT
        return self.own.must("exec", "-T", environment, service, "--", *words, statement, cwd=self.project).stdout.strip()

    def entries(self, environment: str, service: str) -> dict[int, int]:
        """The last number by writer; every number before it has to be there."""
        told = self.ask(environment, service, "select writer, max(n), count(*) from entries group by writer order by writer")
        rows = [[int(cell) for cell in line.replace("\t", "|").split("|")] for line in told.splitlines()]
        assert all(last == count for _, last, count in rows), f"{service} of {environment} lacks some: {rows}"
        return {writer: last for writer, last, _ in rows}


@pytest.fixture
def pair(own: Installation, tmp_path: Path) -> Iterator[Pair]:
    project = tmp_path / "agreeing"
    project.mkdir()
    (project / "compose.yaml").write_text(COMPOSE)
    made = Pair(own, project)
    own.must("up", cwd=project)
    for service in ("left", "right"):
        made.ask("development", service, "create table entries (writer int, n int, primary key (writer, n))")
    yield made
    own.run("destroy", "development", "restored", "--yes", cwd=project)
    own.run("destroy", "development", "--yes", cwd=project)


def test_both_databases_agree_in_every_snapshot(pair: Pair) -> None:
    containers = {side: f"agreeing_development-{side}-1" for side in ("left", "right")}
    ledger = Ledger(containers)
    ledger.start()
    acknowledged: list[dict[int, int]] = []
    try:
        for number in range(TIMES):
            before = dict(ledger.written)
            eventually(lambda before=before: len(ledger.written) == 2 * WRITERS and ledger.written != before)  # type: ignore[misc]
            acknowledged.append(dict(ledger.written))
            how = "stopped" if number == TIMES - 1 else "paused"
            pair.own.must("snapshot", "create", "--name", f"at-{number}", "--how", how, cwd=pair.project)
    finally:
        ledger.stop()
    for number in range(TIMES):
        pair.own.must("up", "restored", "--tier", "development", "--from", f"at-{number}", cwd=pair.project)
        left, right = pair.entries("restored", "left"), pair.entries("restored", "right")
        for writer in range(2 * WRITERS):
            first, second = (left, right) if writer < WRITERS else (right, left)
            assert first.get(writer, 0) - second.get(writer, 0) in {0, 1}, f"at-{number}, writer {writer}: {left} {right}"
            assert second.get(writer, 0) >= acknowledged[number][writer], "what was acknowledged before is not in it"
        pair.own.must("destroy", "restored", "--yes", cwd=pair.project)
