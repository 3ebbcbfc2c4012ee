"""A new version takes over while it is asked for without a pause: nobody outside notices, whether it works or not."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.delivery.load import load
from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e, pytest.mark.alone]

COMPOSE = """
name: rolled
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["./version.html:/usr/share/nginx/html/index.html:ro"]
    stop_grace_period: 5s
{more}
"""
NEVER_READY = '    healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 1}'
HOST = "production.rolled.localhost"
REQUESTS = 50_000
OWN = "label=com.docker.compose.project=rolled_production"


def version(directory: Path, name: str, more: str = "") -> None:
    (directory / "version.html").write_text(name)
    (directory / "compose.yaml").write_text(COMPOSE.format(more=more))


def replicas() -> dict[str, str]:
    """State by name of the containers of web."""
    lines = docker("ps", "-a", "--filter", OWN, "--format", "{{.Names}} {{.State}}")
    return dict(line.split() for line in lines)


def names(*numbers: int) -> set[str]:
    return {f"rolled_production-web-{number}" for number in numbers}


@pytest.fixture(scope="module")
def steady(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("rolled")
    version(directory, "one")
    own.must("up", "production", cwd=directory)
    return directory


def test_no_request_of_50000_fails_while_a_new_version_takes_over(own: Installation, steady: Path) -> None:
    version(steady, "one")
    own.must("up", "production", cwd=steady)
    before = set(replicas())
    version(steady, "two")
    said = own.must("up", "production", "--dry-run", cwd=steady).said
    assert "specification changed, beside rolled_production-web-" in said
    with load(own, HOST) as seen:
        seen.reach(REQUESTS // 4)
        own.must("up", "production", cwd=steady)
        seen.reach(REQUESTS)
    assert seen.failures == []
    assert set(seen.answers) == {"one", "two"}
    assert set(seen.last) == {"two"}
    assert len(replicas()) == 2
    assert not before & set(replicas())
    assert own.must("up", "production", "--dry-run", "--output", "json", cwd=steady).json["steps"] == [
        {"kind": "container", "action": "keep", "target": name, "detail": "", "cause": "unchanged"} for name in sorted(replicas())
    ]


def test_no_request_of_50000_fails_while_a_new_version_does_not_become_ready(own: Installation, steady: Path) -> None:
    version(steady, "two")
    own.must("up", "production", cwd=steady)
    before = replicas()
    version(steady, "three", NEVER_READY)
    with load(own, HOST) as seen:
        seen.reach(REQUESTS // 4)
        failed = own.run("up", "production", cwd=steady)
        seen.reach(REQUESTS)
    assert failed.exit_code == 1
    assert "web: unhealthy" in failed.stderr
    assert "web: what served before still does; the new containers were removed again" in failed.stderr
    assert seen.failures == []
    assert set(seen.answers) == {"two"}
    assert replicas() == before
    version(steady, "two")
    assert "nothing to do" in own.must("up", "production", "--dry-run", cwd=steady).said


@pytest.mark.parametrize("back", [False, True], ids=["again", "back"])
def test_killed_anywhere_the_url_answers_and_the_next_up_goes_on_or_back(own: Installation, steady: Path, back: bool) -> None:
    version(steady, "one")
    own.must("up", "production", cwd=steady)
    moments = random.Random(back)  # noqa: S311 - moments to kill at, not a secret
    version(steady, "two")
    with load(own, HOST) as seen:
        for _ in range(3):
            process = own.start("up", "production", cwd=steady)
            time.sleep(moments.uniform(0.6, 4.0))
            process.send_signal(signal.SIGKILL)
            process.wait()
        version(steady, "one" if back else "two")
        own.must("up", "production", cwd=steady)
        seen.reach(seen.count + 500)
    assert seen.failures == []
    assert set(seen.last) == {"one" if back else "two"}
    assert set(replicas().values()) == {"running"}
    assert len(replicas()) == 2
    assert "nothing to do" in own.must("up", "production", "--dry-run", cwd=steady).said


def test_scaling_up_and_down_loses_nothing_either(own: Installation, steady: Path) -> None:
    version(steady, "one")
    (steady / "localenv.yaml").write_text("tiers: {production: {replicas: {web: 3}}}\n")
    with load(own, HOST) as seen:
        own.must("up", "production", cwd=steady)
        assert len(replicas()) == 3
        (steady / "localenv.yaml").unlink()
        own.must("up", "production", cwd=steady)
        eventually(lambda: len(replicas()) == 2, what="two replicas")
        seen.reach(seen.count + 500)
    assert seen.failures == []
    assert own.get(HOST).status == 200
