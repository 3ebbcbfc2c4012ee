"""The projects that are measured: written into a directory of the run's own."""

from __future__ import annotations

from pathlib import Path

__all__ = ["FILLER", "PSQL", "copy_of", "light", "seeded", "stubborn", "two_services", "wide"]

TWO_SERVICES = """
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: bench}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD-SHELL", "pg_isready -U postgres -h 127.0.0.1"], interval: 1s, timeout: 5s, retries: 30}
volumes: {data: {}}
"""
LIGHT = """
services:
  web:
    image: nginx:1.27
    ports: ["80"]
  cache:
    image: redis:7
"""
STUBBORN = """
services:
  web:
    image: debian:bookworm-slim
    command: ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"]
"""
FILLER = """create table filler as
select n, repeat(md5(n::text), 30) as text from generate_series(1, {rows}) n;"""
"""About a kilobyte a row."""
PSQL = ("psql", "-U", "postgres", "-Atqc")
ORDERS = """
create table orders (id bigint primary key, customer text, amount numeric);
insert into orders select n, 'customer ' || n % 1000, n % 977 from generate_series(1, {rows}) n;
"""


def two_services(directory: Path, name: str = "bench") -> Path:
    """Web server and PostgreSQL, starting from nothing."""
    return _write(directory, name, TWO_SERVICES)


def light(directory: Path, name: str = "many") -> Path:
    """Two services that need little, for counting to a hundred."""
    return _write(directory, name, LIGHT)


def stubborn(directory: Path, name: str = "stubborn") -> Path:
    """PID 1 ignores SIGTERM, as shells and ``npm start`` do."""
    return _write(directory, name, STUBBORN)


def seeded(directory: Path, name: str, *, rows: int) -> Path:
    """The two services with a data profile of one table."""
    project = _write(directory, name, TWO_SERVICES)
    fixtures = project / "fixtures"
    fixtures.mkdir()
    (fixtures / "load.sql").write_text(ORDERS.format(rows=rows))
    profiles = project / "profiles" / "data"
    profiles.mkdir(parents=True)
    (profiles / "rows.yaml").write_text(
        "profile: rows\nclassification: synthetic\nservices:\n  db: {files: [fixtures/load.sql]}\n"
    )
    return project


def copy_of(volume: str) -> list[str]:
    """What copies a volume's files into another one, as people do it."""
    mounts = ("--volume", f"{volume}:/from:ro", "--volume", "/to")
    return ["docker", "run", "--rm", *mounts, "debian:bookworm-slim", "cp", "-a", "/from/.", "/to/"]


def wide(directory: Path, *, rows: int) -> Path:
    """PostgreSQL and a profile of long texts."""
    project = _write(directory, "wide", TWO_SERVICES)
    (project / "wide.sql").write_text("create unlogged table wide (id bigint primary key, note text not null);\n")
    profiles = project / "profiles" / "data"
    profiles.mkdir(parents=True)
    table = f"{{wide: {{rows: {rows}, columns: {{id: sequence, note: {{text: {{length: 2000}}}}}}}}}}"
    (profiles / "wide.yaml").write_text(
        f"profile: wide\nclassification: synthetic\nservices:\n  db:\n    files: [wide.sql]\n    tables: {table}\n"
    )
    return project


def _write(directory: Path, name: str, compose: str) -> Path:
    project = directory / name
    project.mkdir(parents=True)
    (project / "compose.yaml").write_text(compose)
    return project
