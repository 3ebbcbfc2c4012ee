"""Generating rows and loading them, beside the engine's own load of a file that is ready; memory while much is loaded."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench import projects
from bench.measure import Figure, took
from localenv.actions.generate_rows import GenerateRows, Target
from localenv.actions.read_schema import ReadSchema
from localenv.adapters.clock import SystemClock
from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.faker_words import words
from localenv.core.configuration.tables import TableData
from localenv.core.generate.request import Generation
from tests.e2e.scenario import Installation

__all__ = ["generate_and_load", "memory_while_loading"]

ROWS = 1_000_000
WIDE_ROWS = 3_300_000
MEGABYTE = 1 << 10
TABLE = (
    "create table made (id bigint primary key, name text not null, email text not null, address text not null, "
    "placed timestamp not null, amount numeric(8,2) not null)"
)
COLUMNS = {
    "id": "sequence",
    "name": "full_name",
    "email": "email",
    "address": "street_address",
    "placed": "timestamp",
    "amount": {"decimal": {"min": 1, "max": 999}},
}


def generate_and_load(own: Installation, directory: Path, runs: int) -> Iterator[Figure]:
    """A million rows: made and loaded, against the same million from a file in the container."""
    project = projects.two_services(directory, "million")
    own.must("up", cwd=project)
    container = f"{project.name}_development-db-1"
    _psql(container, TABLE)
    engine = DockerEngine(owner=own.owner(), clock=SystemClock(), environment=own.environment)
    generate = GenerateRows(engine, ReadSchema(engine), words)
    target = Target(service="db", container=container, engine="postgresql", variables=engine.environment_of(container))
    generation = Generation(tables={"made": TableData(rows=ROWS, columns=COLUMNS)}, seed=7)

    def ours() -> float:
        _psql(container, "truncate made; checkpoint")
        return took(lambda: generate(target, generation, lambda *_: None))

    def rival() -> float:
        _psql(container, "truncate made; checkpoint")
        return took(lambda: _psql(container, "copy made from '/tmp/ready'; analyze made"))

    try:
        ours()
        _psql(container, "copy made to '/tmp/ready'")
        pairs = [(ours(), rival()) for _ in range(runs)]
    finally:
        engine.close()
        own.must("destroy", "--yes", cwd=project)
    yield Figure(
        name=f"generate and load {ROWS} rows",
        ours=statistics.median(mine for mine, _ in pairs),
        rival=statistics.median(theirs for _, theirs in pairs),
        rival_name="COPY of a ready file, then analyze",
        goal=1 / 0.9,
    )


def memory_while_loading(own: Installation, directory: Path) -> Iterator[Figure]:
    """The most memory that ``localenv up`` has while it loads some gigabytes."""
    project = projects.wide(directory, rows=WIDE_ROWS)
    process = own.start("up", "--data", "wide", cwd=project)
    most = 0
    while process.poll() is None:
        most = max(most, resident(process.pid))
        time.sleep(0.1)
    size = _psql(f"{project.name}_development-db-1", "select sum(length(note)) / 1024 / 1024 from wide")
    own.must("destroy", "--yes", cwd=project)
    yield Figure(name=f"memory while loading {size} MB of rows", ours=most / MEGABYTE, unit="MB", goal=150)


def resident(pid: int) -> int:
    """The most memory of a process so far, in KiB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _psql(container: str, statement: str) -> str:
    argv = ["docker", "exec", container, "psql", "-U", "postgres", "-qAtc", statement]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
