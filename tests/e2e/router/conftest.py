"""A router of the tests' own on the real engine, and containers for it to reach. Nothing of a user's is touched."""

from __future__ import annotations

import contextlib
import ipaddress
import itertools
import os
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from localenv.adapters.certificates import LocalCertificates
from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.router import TraefikRouter
from localenv.adapters.sqlite_ledger import SqliteLedger
from localenv.core.names import EnvironmentId
from localenv.core.routes.ports import PortWishes
from localenv.core.wanted import Exposure
from localenv.ports.engine import NetworkSpec, ToolSpec
from localenv.ports.router import Backend, Route

Mode = Literal["host", "attached"]

SERVER = """
import http.server, json, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    def do_GET(self):
        body = json.dumps({"name": sys.argv[1], "path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(500 if self.path == "/500" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
"""


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        threading.Event().wait(seconds)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(slots=True)
class Environment:
    """Containers on a network of their own, with the routes that lead to them."""

    id: EnvironmentId
    network: str
    subnet: str
    routes: tuple[Route, ...] = ()
    containers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Machine:
    """Everything that one module's tests share."""

    mode: Mode
    home: Path
    engine: DockerEngine
    router: TraefikRouter
    certificates: LocalCertificates
    ledger: SqliteLedger
    http_port: int
    https_port: int
    blocks: Iterator[str]
    counter: Iterator[int] = field(default_factory=itertools.count)

    @property
    def authority(self) -> str:
        return self.certificates.path("localhost")

    def environment(self, name: str, *, replicas: int = 1) -> Environment:
        """A network with ``replicas`` web servers, not yet published."""
        made = EnvironmentId(project=f"t{self.engine.owner[-6:]}-{next(self.counter)}", name=name)
        network, subnet = made.object_name("default"), next(self.blocks)
        self.engine.create_network(NetworkSpec(name=network, subnet=subnet))
        environment = Environment(id=made, network=network, subnet=subnet)
        backends = tuple(self.backend(environment, "web", number) for number in range(replicas))
        host = made.host("localhost", "web")
        exposure = Exposure(service="web", port=8000, host=host, primary=True, aliases=(made.host("localhost"),))
        environment.routes = (Route(exposure=exposure, backends=backends, network=network),)
        return environment

    def backend(self, environment: Environment, service: str, number: int) -> Backend:
        """One web server; its name is in what it answers."""
        name = f"{environment.id.compose_project}-{service}-{number + 1}"
        command = ("python3", "-c", SERVER, name)
        return self.container(environment, name, "python:3.12", command, address=10 + number, port=8000)

    def container(
        self,
        environment: Environment,
        name: str,
        image: str,
        command: tuple[str, ...],
        *,
        address: int,
        port: int,
        **variables: str,
    ) -> Backend:
        at = str(ipaddress.ip_network(environment.subnet)[address])
        spec = ToolSpec(
            name=name,
            image=image,
            command=command,
            environment=variables,
            network=environment.network,
            address=at,
            capabilities_dropped=False,
        )
        self.engine.run_tool(spec, wait=False)
        environment.containers.append(name)
        eventually(lambda: answers_tcp(at, port), f"{name} listens")
        return Backend(host=at if self.mode == "host" else name, port=port)

    def up(self, environment: Environment, *, inside: tuple[str, ...] = ()) -> str:
        """Publish and wait until it is served."""
        revision = self.router.publish(environment.id, "localhost", environment.routes, inside=inside)
        assert self.router.confirm(environment.id, "localhost", revision, 10)
        return revision

    def inside(self, environment: Environment, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the first container of an environment."""
        return subprocess.run(
            ["docker", "exec", environment.containers[0], *command], capture_output=True, text=True, check=False, timeout=60
        )

    def remove(self) -> None:
        label = f"label=localenv.owner={self.engine.owner}"
        for listing, removal in ((("ps", "-aq"), ("rm", "-fv")), (("network", "ls", "-q"), ("network", "rm"))):
            done = subprocess.run(["docker", *listing, "--filter", label], capture_output=True, text=True, check=True)
            if names := done.stdout.split():
                subprocess.run(["docker", *removal, *names], capture_output=True, check=False)


def answers_tcp(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True


def eventually(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def machine(home: Path, mode: Mode, third: int) -> Machine:
    """A new installation; its ports are free at this moment."""
    clock = RealClock()
    engine = DockerEngine(owner=f"le-test-{uuid.uuid4().hex[:8]}", clock=clock, environment=os.environ)
    certificates = LocalCertificates(directory=home / "certificates", leaves=home / "router" / "certificates", clock=clock)
    ledger = SqliteLedger(home / "ledger.sqlite")
    http_port, https_port = free_port(), free_port()
    blocks = (str(block) for block in ipaddress.ip_network(f"10.233.{third}.0/24").subnets(new_prefix=27))
    router = TraefikRouter(
        engine=engine,
        certificates=certificates,
        ledger=ledger,
        clock=clock,
        directory=home / "router",
        free_subnet=lambda: next(blocks),
        wishes=PortWishes(http=http_port, https=https_port, postgres=free_port()),
    )
    return Machine(
        mode=mode,
        home=home,
        engine=engine,
        router=router,
        certificates=certificates,
        ledger=ledger,
        http_port=http_port,
        https_port=https_port,
        blocks=blocks,
    )


@contextlib.contextmanager
def running(home: Path, mode: Mode, third: int, *, inside: bool = False) -> Iterator[Machine]:
    """A machine whose router runs; everything is removed at the end."""
    made = machine(home, mode, third)
    try:
        made.router.ensure(mode=mode, inside=inside)
        yield made
    finally:
        made.remove()
        made.ledger.close()
        made.engine.close()


@pytest.fixture(scope="module", params=["host", "attached"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One router in each mode."""
    mode: Mode = request.param
    with running(tmp_path_factory.mktemp("home"), mode, 10 if mode == "host" else 20) as made:
        yield made


@pytest.fixture(scope="module")
def in_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A router in the host's network that containers may use too."""
    with running(tmp_path_factory.mktemp("home"), "host", 30, inside=True) as made:
        yield made
