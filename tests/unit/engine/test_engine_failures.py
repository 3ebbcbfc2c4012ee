"""Refusals in the words of the engines from 24 to 29, and what they are named."""

from __future__ import annotations

import pytest

from localenv.adapters.docker_engine.failures import Busy, Gone, engine_failure, unreachable
from localenv.errors import Unavailable
from localenv.errors.engine import PortTaken


@pytest.mark.parametrize(
    ("message", "port"),
    [
        (
            (
                "driver failed programming external connectivity on endpoint web (abc): "
                "Bind for 127.0.0.1:5432 failed: port is already allocated"
            ),
            5432,
        ),
        (
            (
                "driver failed programming external connectivity on endpoint web (abc): "
                "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use"
            ),
            80,
        ),
        (
            (
                "failed to set up container networking: driver failed programming external connectivity on endpoint web: "
                "failed to bind host port for 127.0.0.1:8443:172.18.0.2:443/tcp: address already in use"
            ),
            8443,
        ),
        (
            "failed to bind host port 127.0.0.1:8443/tcp: address already in use",
            8443,
        ),
        (
            (
                "Ports are not available: exposing port TCP 0.0.0.0:3306 -> 0.0.0.0:0: listen tcp 0.0.0.0:3306: "
                "bind: address already in use"
            ),
            3306,
        ),
        ("Bind for :::9000 failed: port is already allocated", 9000),
        ("listen tcp6 [::1]:443: bind: address already in use", 443),
    ],
)
def test_a_taken_port_is_told_by_number(message: str, port: int) -> None:
    error = engine_failure(500, message, "cannot start container web")
    assert isinstance(error, PortTaken)
    assert error.port == port
    assert str(port) in error.message


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (403, "Pool overlaps with other one on this address space", "address-conflict"),
        (400, "invalid pool request: Pool overlaps with other one on this address space", "address-conflict"),
        (
            403,
            "cannot create network a (br-a): conflicts with network b (br-b): networks have overlapping IPv4",
            "address-conflict",
        ),
        (403, "Address already in use", "address-conflict"),
        (
            500,
            "failed to set up container networking: Address already in use",
            "address-conflict",
        ),
        (500, "write /var/lib/docker/volumes/a/_data/b: no space left on device", "disk-full"),
        (400, "could not find an available, non-overlapping IPv4 address pool among the defaults", "addresses-exhausted"),
        (404, "all predefined address pools have been fully subnetted", "addresses-exhausted"),
        (500, "something else", "engine-refused"),
    ],
)
def test_refusals_have_a_code_of_their_own(status: int, message: str, code: str) -> None:
    assert engine_failure(status, message, "cannot do it").code_of_case == code


def test_status_codes_decide_where_no_text_does() -> None:
    assert isinstance(engine_failure(404, "No such container: web", "cannot start"), Gone)
    going = "Container 1f is marked for removal and cannot be connected or disconnected to the network"
    assert isinstance(engine_failure(403, going, "cannot disconnect"), Gone)
    assert isinstance(engine_failure(409, "removal of container web is already in progress", "cannot remove"), Busy)


def test_a_full_disk_is_something_missing_not_a_refusal() -> None:
    assert isinstance(engine_failure(500, "no space left on device", "cannot create volume data"), Unavailable)


def test_an_engine_that_does_not_answer_comes_with_a_cure() -> None:
    down = unreachable("unix:///var/run/docker.sock", "Connection refused")
    assert down.code_of_case == "engine-unreachable"
    assert "scripts/bootstrap" in down.hints
    forbidden = unreachable("unix:///var/run/docker.sock", "Permission denied")
    assert any("docker group" in hint for hint in forbidden.hints)
