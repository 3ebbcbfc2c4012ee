"""Twenty clones of one snapshot are written to at once: each has its own writes alone, and the frozen layer stays as it was."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: crowd
services:
  keep:
    image: debian:bookworm-slim
    init: true
    command: [sleep, infinity]
    volumes: ["data:/data"]
volumes: {data: {}}
"""
CLONES = 20
ROWS = 200
"""Files that every clone finds: it writes to all of them, replaces a quarter, removes a quarter and adds as many."""
FILL = 'mkdir folder; for n in $(seq 0 "$1"); do echo "row $n" > "folder/$n"; done'
WRITE = """
who=$1
for n in $(seq 0 "$2"); do
  echo "$who" >> "folder/$n"
  case $((n % 4)) in
    0) rm "folder/$n" ;;
    1) rm "folder/$n"; mkdir "folder/$n"; echo "$who" > "folder/$n/own" ;;
  esac
  echo "$who" > "$who-$n"
done
mv folder moved
"""
TOLD = 'find . -type f -exec grep -H "" -- {} + | sort'
HASH = 'cd "/vault/layers/$1" && tar --sort=name --numeric-owner -cf - . | sha256sum'


def run(container: str, script: str, *words: str) -> list[str]:
    """Lines that a shell script prints in a container."""
    command = ["docker", "exec", "--workdir=/data", container, "sh", "-euc", script, "sh", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def expected(who: str) -> list[str]:
    """What a clone holds once it has written, and nothing else."""
    lines = [f"./{who}-{n}:{who}" for n in range(ROWS)]
    for n in range(ROWS):
        if n % 4 == 1:
            lines.append(f"./moved/{n}/own:{who}")
        elif n % 4 > 1:
            lines += [f"./moved/{n}:row {n}", f"./moved/{n}:{who}"]
    return lines


@pytest.fixture
def crowd(own: Installation, tmp_path: Path) -> Iterator[Path]:
    project = tmp_path / "crowd"
    project.mkdir()
    (project / "compose.yaml").write_text(COMPOSE)
    own.must("up", cwd=project)
    run("crowd_development-keep-1", FILL, str(ROWS - 1))
    yield project
    own.run("destroy", "--all", "--yes", cwd=project)


def hashes(own: Installation, names: Sequence[str]) -> dict[str, str]:
    keeper = f"localenv-keeper-{own.owner()}"
    return {name: docker("exec", keeper, "sh", "-euc", HASH, "sh", name)[0] for name in names}


def test_none_sees_what_another_writes(own: Installation, crowd: Path) -> None:
    own.must("snapshot", "create", "--name", "start", cwd=crowd)
    names = [f"c{number}" for number in range(CLONES)]
    own.must("up", *names, "--tier", "development", "--from", "start", cwd=crowd)
    shown = own.must("snapshot", "show", "start", "--output", "json", cwd=crowd).json
    frozen = [layer for volume in shown["volumes"] for layer in volume["layers"]]
    before = hashes(own, frozen)
    together = threading.Barrier(CLONES)

    def write(name: str) -> None:
        together.wait()
        run(f"crowd_{name}-keep-1", WRITE, name, str(ROWS - 1))

    with ThreadPoolExecutor(CLONES) as pool:
        list(pool.map(write, names))
    for name in names:
        assert run(f"crowd_{name}-keep-1", TOLD) == sorted(expected(name)), f"what {name} holds"
    assert hashes(own, frozen) == before
    own.must("up", "late", "--tier", "development", "--from", "start", cwd=crowd)
    assert run("crowd_late-keep-1", TOLD) == run("crowd_development-keep-1", TOLD)
