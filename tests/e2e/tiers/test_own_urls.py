"""Services that call their own public URL, and databases reached by hostname through the router."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: inward
services:
  web:
    image: nginx:1.27
    ports: ["80"]
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    ports: ["5432"]
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres", "-h", "127.0.0.1"], interval: 10s, start_period: 30s}
  client:
    image: python:3.12
    init: true
    command: ["sleep", "infinity"]
"""
SETTINGS = """
expose: {db: {port: 5432, protocol: postgres}}
router: {inside: true}
"""
ASK = """
import ssl, sys, urllib.error, urllib.request
context = ssl.create_default_context(cadata=sys.argv[2]) if sys.argv[2] else ssl._create_unverified_context()
try:
    print(urllib.request.urlopen(sys.argv[1], context=context, timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
BOTH = ("development", "staging")


@pytest.fixture(scope="module")
def inward(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("inward")
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "localenv.yaml").write_text(SETTINGS)
    own.must("up", *BOTH, cwd=directory)
    return directory


def ask(own: Installation, cwd: Path, environment: str, url: str, *, trusted: bool) -> str:
    authority = own.authority().read_text() if trusted else ""
    words = ("exec", environment, "client", "--", "python3", "-c", ASK, url, authority)
    result = own.run(*words, cwd=cwd)
    return result.stdout.strip() or result.stderr


def url(own: Installation, cwd: Path, environment: str) -> str:
    return str(own.exposure(environment, "web", cwd=cwd)["url"])


def test_a_service_reaches_its_own_environments_url(own: Installation, inward: Path) -> None:
    for environment in BOTH:
        assert ask(own, inward, environment, url(own, inward, environment), trusted=True) == "200"


def test_and_no_other_environments(own: Installation, inward: Path) -> None:
    mine, other = url(own, inward, "development"), url(own, inward, "staging")
    port = other.rpartition(":")[2]
    host = other.removeprefix("https://").partition(":")[0]
    refused = ask(own, inward, "development", other, trusted=False)
    assert refused != "200"
    forged = ASK.replace(
        "urllib.request.urlopen(sys.argv[1]", f"urllib.request.urlopen(R(sys.argv[1], headers={{'Host': '{host}:{port}'}})"
    )
    forged = forged.replace("import ssl", "from urllib.request import Request as R\nimport ssl")
    words = ("exec", "development", "client", "--", "python3", "-c", forged, mine, "")
    assert own.must(*words, cwd=inward).stdout.strip() == "404"


def test_postgres_answers_by_hostname_with_full_verification(own: Installation, inward: Path) -> None:
    exposure = own.exposure("staging", "db", cwd=inward)
    host, port = exposure["host"], exposure["router_port"]

    def psql(name: str, statement: str) -> subprocess.CompletedProcess[str]:
        settings = f"host={name} hostaddr=127.0.0.1 port={port} user=postgres dbname=postgres sslmode=verify-full"
        words = ["psql", f"{settings} sslrootcert={own.authority()}", "-Atc", statement]
        variables = os.environ | {"PGPASSWORD": "opensesame", "PGCONNECT_TIMEOUT": "10"}
        return subprocess.run(words, env=variables, capture_output=True, text=True, check=False)

    eventually(lambda: psql(host, "select 40 + 2").stdout == "42\n", within=20, what=psql(host, "select 1").stderr)
    psql(host, "create table only_staging (i int)")
    development = own.exposure("development", "db", cwd=inward)["host"]
    assert psql(development, "select to_regclass('only_staging') is null").stdout == "t\n"
    assert psql("db.nobody.inward.localhost", "select 1").returncode != 0


def test_its_loopback_port_answers_as_well(own: Installation, inward: Path) -> None:
    found = own.must("urls", "staging", "--output", "json", cwd=inward).json["exposures"]
    port = next(item["port"] for item in found if item["service"] == "db" and item.get("port"))
    settings = f"host=127.0.0.1 port={port} user=postgres dbname=postgres sslmode=disable"
    variables = os.environ | {"PGPASSWORD": "opensesame"}
    done = subprocess.run(["psql", settings, "-Atc", "select 1"], env=variables, capture_output=True, text=True, check=False)
    assert done.stdout == "1\n", done.stderr


def test_destroy_leaves_nothing(own: Installation, inward: Path) -> None:
    own.must("destroy", *BOTH, "--yes", cwd=inward)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
