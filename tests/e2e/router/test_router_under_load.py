"""One of two replicas dies under load: nobody notices."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass, field

import pytest

from tests.e2e.router.conftest import Machine
from tests.e2e.router.test_router_serves import Connection

pytestmark = [pytest.mark.engine, pytest.mark.e2e, pytest.mark.alone]

CLIENTS = 4
REQUESTS = 3000
SLOWEST = 0.5
"""Seconds, over what the slowest request took while both replicas were well: other tests run beside this one."""


@dataclass(slots=True)
class Seen:
    """What the clients saw."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)


def client(machine: Machine, host: str, seen: Seen) -> None:
    """Requests over one kept connection, each timed, until enough were made."""
    connection = Connection(machine, host)
    while not seen.enough.is_set():
        began = time.monotonic()
        try:
            connection.request("GET", "/", headers={"Host": host})
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                seen.failures.append(str(response.status))
        except OSError as error:
            seen.failures.append(repr(error))
            connection.close()
        seen.seconds.append(time.monotonic() - began)
        if len(seen.seconds) >= REQUESTS:
            seen.enough.set()
    connection.close()


def test_a_killed_replica_costs_no_request_and_none_takes_half_a_second(served: Machine) -> None:
    environment = served.environment("production", replicas=2)
    served.up(environment)
    seen = Seen()
    clients = [threading.Thread(target=client, args=(served, environment.id.host("localhost"), seen)) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    while len(seen.seconds) < REQUESTS // 3:
        time.sleep(0.01)
    noise = max(seen.seconds)
    subprocess.run(["docker", "kill", environment.containers[1]], capture_output=True, check=True)
    for thread in clients:
        thread.join()
    assert seen.failures == []
    assert max(seen.seconds) < SLOWEST + noise
