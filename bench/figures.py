"""Each figure of the design's page on performance, as far as the product has it."""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import loading, projects
from bench.bare_engine import BareEngine
from bench.measure import Figure, median_of, run, together, took
from bench.rolling import rolling_replacement
from tests.e2e.scenario import Installation

__all__ = ["FIGURES", "Bench"]

COPIES = 8
SEEDED = (200_000, 3_000_000)
"""Rows of one table."""
OK = 200


class Bench:
    """One installation and one directory for the whole run."""

    def __init__(self, own: Installation, directory: Path, *, runs: int, most: int, most_data: int) -> None:
        self.own = own
        self.directory = directory
        self.runs = runs
        self.most = most
        """How many environments are brought up at once."""
        self.most_data = most_data
        """Megabytes of data at most."""

    def compose(self, project: Path, name: str, *arguments: str) -> None:
        run(["docker", "compose", "-p", name, *arguments], cwd=project)

    def up_and_away(self, project: Path, *options: str) -> float:
        seconds = took(lambda: self.own.must("up", *options, cwd=project))
        self.own.must("destroy", "--yes", cwd=project)
        return seconds

    def compose_up_and_away(self, project: Path, name: str, *, then: Callable[[], object] | None = None) -> float:
        def up() -> None:
            self.compose(project, name, "up", "--wait", "--quiet-pull")
            if then:
                then()

        try:
            return took(up)
        finally:
            self.compose(project, name, "down", "-v", "-t", "0")


def up_without_data(bench: Bench) -> Iterator[Figure]:
    project = projects.two_services(bench.directory)
    bench.up_and_away(project)
    ours = median_of(lambda: bench.up_and_away(project), bench.runs)
    rival = median_of(lambda: bench.compose_up_and_away(project, "bench-rival"), bench.runs)
    bare = median_of(BareEngine("bench-bare").up_and_away, bench.runs)
    yield Figure(name="up, no data", ours=ours, rival=rival, rival_name="docker compose up --wait", goal=0.6)
    yield Figure(name="up, no data", ours=ours, rival=bare, rival_name="bare Engine API calls", goal=1.5)


def up_with_data(bench: Bench) -> Iterator[Figure]:
    """The goal tells no size: with little data both spend their time on starting a database, with much the rival loads."""
    for rows in SEEDED:
        project = projects.seeded(bench.directory, f"seeded-{rows}", rows=rows)
        rival_name = f"{project.name}-rival"
        load = ["docker", "compose", "-p", rival_name, "exec", "-T", "db", "psql", "-q", "-U", "postgres", "-1", "-f", "-"]
        feed = partial(_feed, load, project / "fixtures" / "load.sql")
        first = bench.up_and_away(project, "--data", "rows")
        ours = median_of(partial(bench.up_and_away, project, "--data", "rows"), bench.runs)
        rival = median_of(partial(bench.compose_up_and_away, project, rival_name, then=feed), bench.runs)
        bench.own.must("gc", "--baselines", cwd=project)
        yield Figure(
            name=f"up with {rows:,} rows, second time on",
            ours=ours,
            rival=rival,
            rival_name="docker compose up --wait + the same load",
            goal=0.15,
            note=f"the first time, with the load: {first:.2f} s",
        )


def _feed(command: list[str], path: Path) -> None:
    with path.open("rb") as file:
        subprocess.run(command, stdin=file, check=True, capture_output=True, cwd=path.parent)


def clones(bench: Bench) -> Iterator[Figure]:
    """From a little data to much: the time to a second environment that answers with it, beside a copy of the files."""
    project = projects.two_services(bench.directory, "grow")
    bench.own.must("up", cwd=project)
    seconds: dict[int, float] = {}
    copied: dict[int, float] = {}
    sizes = [megabytes for megabytes in (10, 500, 5000) if megabytes <= bench.most_data]
    try:
        for megabytes in sizes:
            fill = f"drop table if exists filler; {projects.FILLER.format(rows=megabytes * 1000)}"
            bench.own.must("exec", "-T", "development", "db", "--", *projects.PSQL, fill, cwd=project, timeout=580)
            name = f"of-{megabytes}"
            seconds[megabytes] = took(partial(bench.own.must, "clone", "development", name, cwd=project))
            count = bench.own.must("exec", "-T", name, "db", "--", *projects.PSQL, "select count(*) from filler", cwd=project)
            if count.stdout.strip() != str(megabytes * 1000):
                raise RuntimeError(f"the clone has {count.stdout.strip()} rows, not {megabytes * 1000}")
            copied[megabytes] = took(lambda name=name: run(projects.copy_of(f"grow_{name}_data"), cwd=project))  # type: ignore[misc]
            bench.own.must("destroy", name, "--yes", cwd=project)
    finally:
        bench.own.must("destroy", "--yes", cwd=project, timeout=580)
        bench.own.must("gc", "--baselines", cwd=project, timeout=580)
    told = ", ".join(f"{size} MB: clone {seconds[size]:.2f} s, copy {copied[size]:.2f} s" for size in sizes)
    yield Figure(
        name=f"clone of {sizes[-1]} MB",
        ours=seconds[sizes[-1]],
        rival=seconds[sizes[0]],
        rival_name=f"clone of {sizes[0]} MB",
        goal=1.2,
        note=told,
    )


def nothing_to_do(bench: Bench) -> Iterator[Figure]:
    project = projects.two_services(bench.directory, "idle")
    bench.own.must("up", cwd=project)
    bench.compose(project, "idle-rival", "up", "--wait")
    try:
        ours = median_of(lambda: took(lambda: bench.own.must("up", cwd=project)), bench.runs)
        rival = median_of(lambda: took(lambda: bench.compose(project, "idle-rival", "up", "--wait")), bench.runs)
    finally:
        bench.own.must("destroy", "--yes", cwd=project)
        bench.compose(project, "idle-rival", "down", "-v", "-t", "0")
    yield Figure(name="up with nothing to do", ours=ours, rival=rival, rival_name="docker compose up --wait", goal=0.4)


def destroy(bench: Bench) -> Iterator[Figure]:
    for name, project, goal in (
        ("destroy, PID 1 ignores SIGTERM", projects.stubborn(bench.directory), 0.15),
        ("destroy", projects.two_services(bench.directory, "polite"), 1.0),
    ):
        rival_name = f"{project.name}-rival"
        pairs = [(_destroyed(bench, project), _down(bench, project, rival_name)) for _ in range(bench.runs)]
        ours, rival = (statistics.median(column) for column in zip(*pairs, strict=True))
        yield Figure(name=name, ours=ours, rival=rival, rival_name="docker compose down -v", goal=goal)


def _destroyed(bench: Bench, project: Path) -> float:
    bench.own.must("up", cwd=project)
    return took(partial(bench.own.must, "destroy", "--yes", cwd=project))


def _down(bench: Bench, project: Path, name: str) -> float:
    bench.compose(project, name, "up", "-d", "--wait")
    return took(partial(bench.compose, project, name, "down", "-v"))


def eight_copies(bench: Bench) -> Iterator[Figure]:
    project = projects.two_services(bench.directory, "eight")
    names = [f"copy-{number}" for number in range(COPIES)]
    ours = took(lambda: bench.own.must("up", *names, "--tier", "development", cwd=project))
    bench.own.must("destroy", *names, "--yes", cwd=project)
    rivals = [f"eight-rival-{number}" for number in range(COPIES)]
    try:
        rival = together([partial(bench.compose, project, name, "up", "--wait") for name in rivals])
    finally:
        together([partial(bench.compose, project, name, "down", "-v", "-t", "0") for name in rivals])
    yield Figure(
        name=f"{COPIES} copies", ours=ours, rival=rival, rival_name=f"{COPIES} docker compose up --wait at once", goal=0.5
    )


def many_environments(bench: Bench) -> Iterator[Figure]:
    project = projects.light(bench.directory)
    counts = [count for count in (1, 10, 50, 100) if count <= bench.most]
    bench.up_and_away(project)
    up: list[str] = []
    per_environment: dict[int, float] = {}
    for count in counts:
        names = [f"e{number}" for number in range(len(up), count)]
        per_environment[count] = took(
            partial(bench.own.must, "up", *names, "--tier", "development", cwd=project, timeout=580)
        ) / len(names)
        up += names
    hosts = [f"{name}.many.localhost" for name in up]
    answering = sum(bench.own.get(host).status == OK for host in hosts)
    reload = median_of(lambda: took(lambda: bench.own.must("up", up[-1], "--tier", "development", cwd=project)), bench.runs)
    one = took(lambda: bench.own.must("up", "one-more", "--tier", "development", cwd=project))
    removed = took(lambda: bench.own.must("destroy", *up, "one-more", "--yes", cwd=project, timeout=580))
    _nothing_left(bench.own, project.name)
    yield Figure(
        name=f"one more environment beside {len(up)}",
        ours=one,
        rival=per_environment[1],
        rival_name="the first one",
        goal=1.3,
        note=f"{answering} of {len(up)} answer through the router; all removed whole in {removed:.1f} s; "
        + ", ".join(f"{count}: {seconds:.2f} s each" for count, seconds in per_environment.items()),
    )
    yield Figure(name=f"up with nothing to do beside {len(up)}", ours=reload, goal=1.0)


def _nothing_left(own: Installation, project: str) -> None:
    """Raises ``RuntimeError`` for an object, a file, an address or a port of the project that outlived its environments."""
    left = [name for names in own.left_behind().values() for name in names]
    left += [str(path) for path in own.home.rglob("*") if f"{project}_" in path.name or f".{project}." in path.name]
    with contextlib.closing(sqlite3.connect(own.home / "ledger.sqlite")) as ledger:
        for table in ("environments", "subnets", "ports"):
            left += [f"{table}: {name}" for (name,) in ledger.execute(f"select name from {table} where project = ?", (project,))]  # noqa: S608
    if left:
        raise RuntimeError(f"left behind: {', '.join(left[:20])}")


def router(bench: Bench) -> Iterator[Figure]:
    project = projects.light(bench.directory, "routed")
    times = []
    for _ in range(bench.runs):
        document = bench.own.must("up", "--output", "json", cwd=project).json
        times.append(document["environments"][0]["seconds"]["router"])
        bench.own.must("destroy", "--yes", cwd=project)
    yield Figure(name="hostname answers after its environment is ready", ours=sorted(times)[len(times) // 2], goal=0.3)


def start_up(bench: Bench) -> Iterator[Figure]:
    def localenv(*arguments: str) -> float:
        return took(
            lambda: run([sys.executable, "-m", "localenv", *arguments], cwd=bench.directory, environment=bench.own.environment)
        )

    click = median_of(lambda: took(lambda: run([sys.executable, "-c", "import click"], cwd=bench.directory)), 9)
    yield Figure(
        name="localenv --help",
        ours=median_of(lambda: localenv("--help"), 9),
        rival=click,
        rival_name='python -c "import click"',
        goal=1.5,
    )
    yield Figure(
        name="localenv ls", ours=median_of(lambda: localenv("ls", "--all"), 9), goal=0.3, note="goal: 0.25 s and one engine call"
    )


def rows(bench: Bench) -> Iterator[Figure]:
    yield from loading.generate_and_load(bench.own, bench.directory, bench.runs)


def memory(bench: Bench) -> Iterator[Figure]:
    yield from loading.memory_while_loading(bench.own, bench.directory)


def rolling(bench: Bench) -> Iterator[Figure]:
    yield from rolling_replacement(bench.own, bench.directory)


FIGURES: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "start": start_up,
    "up": up_without_data,
    "data": up_with_data,
    "clone": clones,
    "noop": nothing_to_do,
    "destroy": destroy,
    "eight": eight_copies,
    "router": router,
    "rolling": rolling,
    "rows": rows,
    "memory": memory,
    "many": many_environments,
}
