"""Ports and addresses that somebody else has, that run out, or that many ask for at once."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker, free_port

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: crowded
services:
  db:
    image: redis:7
    ports: ["6379"]
"""
AT_ONCE = 20
NOTHING: dict[str, list[str]] = {"containers": [], "networks": [], "volumes": []}


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    return tmp_path


@pytest.fixture
def another(own: Installation, tmp_path: Path) -> Iterator[Installation]:
    """A second installation, with a range of addresses for one network."""
    last = list(ipaddress.IPv4Network(own.pool).subnets(new_prefix=27))[-1]
    second = Installation(home=tmp_path / "home", pool=str(last), http_port=free_port(), https_port=free_port())
    yield second
    second.remove_everything()


def test_twenty_at_once_have_twenty_ports_and_twenty_networks(own: Installation, crowded: Path) -> None:
    names = [f"e{number}" for number in range(AT_ONCE)]
    processes = [own.start("up", name, "--tier", "development", cwd=crowded) for name in names]
    assert [process.wait(300) for process in processes] == [0] * AT_ONCE
    label = f"label=localenv.owner={own.owner()}"
    running = docker("ps", "--filter", label, "--filter", "label=localenv.project=crowded", "--format", "{{.Ports}}")
    ports = {line.partition("->")[0] for line in running}
    assert len(running) == len(ports) == AT_ONCE
    networks = docker("network", "ls", "-q", "--filter", label, "--filter", "label=localenv.project=crowded")
    form = "{{range .IPAM.Config}}{{.Subnet}}{{end}}"
    blocks = [ipaddress.IPv4Network(text) for text in docker("network", "inspect", "--format", form, *networks)]
    assert len(blocks) == AT_ONCE
    assert not any(one.overlaps(other) for one in blocks for other in blocks if one is not other)
    listed = own.must("ls", "--output", "json", cwd=crowded).json["environments"]
    assert {item["name"]: item["state"] for item in listed} == dict.fromkeys(names, "healthy")
    own.must("destroy", *names, "--yes", cwd=crowded)
    assert own.left_behind() == NOTHING


def test_a_port_of_the_router_that_is_taken_is_told_with_its_holder(another: Installation, crowded: Path) -> None:
    with socket.create_server(("127.0.0.1", another.https_port)):
        result = another.run("up", cwd=crowded)
        assert result.exit_code == 1
        assert str(another.https_port) in result.stderr
        assert "python" in result.stderr
        assert "localenv router up" in result.stderr
        assert another.left_behind() == NOTHING
    another.must("up", cwd=crowded)
    another.must("destroy", "--yes", cwd=crowded)


def test_a_range_that_is_full_is_told_and_room_helps(another: Installation, crowded: Path) -> None:
    another.must("up", "first", "--tier", "development", cwd=crowded)
    result = another.run("up", "second", "--tier", "development", "--output", "json", cwd=crowded)
    assert result.exit_code == 1
    assert result.json["code"] == "address-range-exhausted"
    assert another.pool in result.json["message"]
    assert not docker("ps", "-aq", "--filter", "name=crowded_second")
    another.must("destroy", "first", "--yes", cwd=crowded)
    another.must("up", "second", "--tier", "development", cwd=crowded)
    another.must("destroy", "second", "--yes", cwd=crowded)
    assert another.left_behind() == NOTHING


def test_a_foreign_network_in_the_range_is_avoided(own: Installation, crowded: Path) -> None:
    first = next(ipaddress.IPv4Network(own.pool).subnets(new_prefix=26))
    docker("network", "create", "--subnet", str(first), "crowded-foreign")
    try:
        own.must("up", cwd=crowded)
        form = "{{range .IPAM.Config}}{{.Subnet}}{{end}}"
        (given,) = docker("network", "inspect", "--format", form, "crowded_development_default")
        assert not ipaddress.IPv4Network(given).overlaps(first)
    finally:
        own.must("destroy", "--yes", cwd=crowded)
        docker("network", "rm", "crowded-foreign")
