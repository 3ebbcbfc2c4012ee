"""Callers inside the environment, and a router that stands in its network, while a new version takes over."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.delivery.load import load
from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e, pytest.mark.alone]

COMPOSE = """
name: neighbours
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["./version.html:/usr/share/nginx/html/index.html:ro"]
    stop_grace_period: 2s
    networks: {default: {aliases: [shopfront]}, back: {}}
  caller:
    image: python:3.12
    command: [sleep, infinity]
    init: true
    networks: [back]
networks: {back: {}}
"""
HOST = "production.neighbours.localhost"
CALLER = "neighbours_production-caller-1"


@pytest.fixture(scope="module")
def directory(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("neighbours")
    (made / "compose.yaml").write_text(COMPOSE)
    (made / "version.html").write_text("one")
    (made / "localenv.yaml").write_text("router: {mode: attached}\n")
    own.must("up", "production", cwd=made)
    return made


def inside(*command: str) -> list[str]:
    return docker("exec", CALLER, *command)


def found(name: str) -> set[str]:
    """Addresses that a name has inside."""
    return {line.split()[0] for line in inside("getent", "ahostsv4", name)}


def test_nobody_inside_meets_a_replica_that_is_not_there(own: Installation, directory: Path) -> None:
    docker("cp", str(Path(__file__).with_name("calls.py")), f"{CALLER}:/calls.py")
    before = found("web")
    assert len(before) == 2
    with (
        load(own, HOST) as outside,
        subprocess.Popen(["docker", "exec", CALLER, "python3", "/calls.py"], stdout=subprocess.PIPE, text=True) as calls,
    ):
        outside.reach(100)
        (directory / "version.html").write_text("two")
        own.must("up", "production", cwd=directory)
        outside.reach(outside.count + 100)
        inside("touch", "/tmp/enough")
        said, _ = calls.communicate(timeout=60)
    seen = json.loads(said)
    assert seen["new"]["failed"] == []
    assert seen["new"]["last"] == seen["kept"]["last"] == "two"
    assert len(seen["kept"]["failed"]) <= 1, "a connection that is kept ends once, with the replica that it leads to"
    assert outside.failures == []
    assert set(outside.last) == {"two"}
    assert len(found("web")) == 2
    assert not before & found("web")


def test_its_other_names_move_with_it(own: Installation, directory: Path) -> None:
    containers = docker("ps", "-q", "--filter", "label=com.docker.compose.project=neighbours_production")
    shown = [json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Networks}}", one)[0]) for one in containers]
    ends = [networks["neighbours_production_default"] for networks in shown if "neighbours_production_default" in networks]
    assert [{"web", "shopfront"} <= set(end["Aliases"]) for end in ends] == [True, True]
    eventually(lambda: own.get(HOST).body == "two", what="the new version")
