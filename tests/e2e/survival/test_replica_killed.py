"""One of two replicas of a production service is killed under load: nobody waits, nobody gets an error."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e, pytest.mark.alone]

COMPOSE = """
name: steady
services:
  web:
    image: nginx:1.27
    ports: ["80"]
"""
CLIENTS = 6
REQUESTS_EACH = 400
PACE = 0.01
"""Seconds between two requests of one client: the load is to last over the death, not to fill the machine."""
LONGEST = 0.5
HOST = "production.steady.localhost"
NOBODY = "nobody.steady.localhost"
"""A name that the router answers by itself: what takes long there is the machine and not the replica."""


@dataclass(slots=True)
class Seen:
    """What the clients met."""

    slowest: float = 0.0
    count: int = 0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float, wrong: str | None) -> None:
        with self.lock:
            self.count += 1
            self.slowest = max(self.slowest, seconds)
            if wrong is not None:
                self.wrong.append(wrong)


class Client(HTTPConnection):
    """A keep-alive connection to the router over TLS."""

    def __init__(self, own: Installation, context: ssl.SSLContext) -> None:
        super().__init__(HOST, own.https_port, timeout=10)
        self._context = context

    def connect(self) -> None:
        self.sock = self._context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 10), server_hostname=HOST)


def ask(own: Installation, seen: Seen, host: str, status: int) -> None:
    context = ssl.create_default_context(cafile=str(own.authority()))
    with contextlib.closing(Client(own, context)) as client:
        for _ in range(REQUESTS_EACH):
            began = time.monotonic()
            try:
                client.request("GET", "/", headers={"Host": host})
                response = client.getresponse()
                response.read()
                wrong = None if response.status == status else f"status {response.status}"
            except OSError as error:
                client.close()
                wrong = repr(error)
            seen.add(time.monotonic() - began, wrong)
            time.sleep(PACE)


@pytest.fixture(scope="module")
def steady(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("steady")
    (directory / "compose.yaml").write_text(COMPOSE)
    own.must("up", "production", cwd=directory)
    return directory


def test_no_request_fails_or_takes_half_a_second(own: Installation, steady: Path) -> None:
    replicas = docker("ps", "-q", "--no-trunc", "--filter", "label=com.docker.compose.project=steady_production")
    assert len(replicas) == 2
    seen, machine = Seen(), Seen()
    clients = [threading.Thread(target=ask, args=(own, seen, HOST, 200), daemon=True) for _ in range(CLIENTS)]
    clients += [threading.Thread(target=ask, args=(own, machine, NOBODY, 404), daemon=True) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    while seen.count < CLIENTS * REQUESTS_EACH // 4:
        time.sleep(0.01)
    docker("update", "--restart", "no", replicas[0])
    docker("kill", replicas[0])
    for client in clients:
        client.join(60)
    assert seen.count == CLIENTS * REQUESTS_EACH
    assert seen.wrong == machine.wrong == []
    assert seen.slowest <= LONGEST + machine.slowest, f"{seen.slowest:.3f} s; the router alone {machine.slowest:.3f} s"


def test_the_next_up_brings_the_replica_back(own: Installation, steady: Path) -> None:
    own.must("up", "production", cwd=steady)
    running = docker("ps", "-q", "--filter", "label=com.docker.compose.project=steady_production")
    assert len(running) == 2
    assert own.get(HOST).status == 200
