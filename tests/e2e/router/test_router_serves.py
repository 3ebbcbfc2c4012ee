"""What comes out of the router, asked over real sockets with real TLS, in both of its modes."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
from http.client import HTTPConnection, HTTPSConnection
from typing import Any

import pytest

from localenv.core.wanted import Exposure
from localenv.ports.router import Route
from tests.e2e.router.conftest import Environment, Machine, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


class Connection(HTTPSConnection):
    """To the router whatever the name; ``name`` is what TLS asks for."""

    def __init__(self, machine: Machine, name: str, *, verify: bool = True, address: str = "127.0.0.1") -> None:
        self.tls = ssl.create_default_context(cafile=machine.authority) if verify else ssl._create_unverified_context()  # noqa: S323 - an unknown host has no certificate to trust
        super().__init__(address, machine.https_port, timeout=10, context=self.tls)
        self.name = name

    def connect(self) -> None:
        self.sock = self.tls.wrap_socket(socket.create_connection((self.host, self.port), 10), server_hostname=self.name)


def get(machine: Machine, host: str, path: str = "/", **options: Any) -> tuple[int, str]:
    connection = Connection(machine, host, **options)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{machine.https_port}"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def plain(machine: Machine, host: str, path: str = "/") -> tuple[int, str | None]:
    connection = HTTPConnection("127.0.0.1", machine.http_port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{machine.http_port}"})
        response = connection.getresponse()
        return response.status, response.getheader("Location")
    finally:
        connection.close()


@pytest.fixture(scope="module")
def staging(served: Machine) -> Environment:
    environment = served.environment("staging")
    served.up(environment)
    return environment


def test_an_environment_answers_by_its_names_with_its_own_certificate(served: Machine, staging: Environment) -> None:
    for host in (staging.id.host("localhost"), staging.id.host("localhost", "web")):
        status, body = get(served, host)
        assert status == 200
        assert json.loads(body)["name"] == staging.containers[0]


def test_the_service_learns_what_the_browser_asked_for(served: Machine, staging: Environment) -> None:
    host = staging.id.host("localhost", "web")
    headers = json.loads(get(served, host, "/a%2Fb?c=d")[1])["headers"]
    assert headers["Host"] == f"{host}:{served.https_port}"
    assert headers["X-Forwarded-Host"] == f"{host}:{served.https_port}"
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Forwarded-Port"] == str(served.https_port)


def test_an_unknown_host_gets_a_404_and_nothing_else(served: Machine, staging: Environment) -> None:
    assert get(served, "nobody.shop.localhost", verify=False) == (404, "404 page not found\n")
    assert get(served, "nobody.shop.localhost", "/.localenv/revision/0123456789abcdef", verify=False)[0] == 404
    assert plain(served, "nobody.shop.localhost") == (404, None)
    assert plain(served, "127.0.0.1") == (404, None)


def test_an_unknown_host_has_no_trusted_certificate(served: Machine, staging: Environment) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        get(served, "nobody.shop.localhost")


def test_plain_http_is_sent_to_https(served: Machine, staging: Environment) -> None:
    host = staging.id.host("localhost", "web")
    assert plain(served, host, "/x?y=z") == (302, f"https://{host}:{served.https_port}/x?y=z")


def test_curl_trusts_the_authority(served: Machine, staging: Environment) -> None:
    host = staging.id.host("localhost")
    command = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--cacert", served.authority]
    done = subprocess.run(
        [*command, "--resolve", f"{host}:{served.https_port}:127.0.0.1", f"https://{host}:{served.https_port}/"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stdout == "200", done.stderr


def test_a_changed_route_is_confirmed_and_an_unchanged_one_not_written(served: Machine) -> None:
    environment = served.environment("changes", replicas=2)
    both = environment.routes[0]
    environment.routes = (Route(exposure=both.exposure, backends=both.backends[:1], network=both.network),)
    first = served.up(environment)
    file = served.home / "router" / "dynamic" / f"{environment.id.compose_project}.yaml"
    before = file.stat()
    assert served.up(environment) == first
    assert file.stat().st_ino == before.st_ino
    environment.routes = (both,)
    second = served.up(environment)
    assert second != first
    assert served.router.published(environment.id) == second
    answered = {json.loads(get(served, environment.id.host("localhost"))[1])["name"] for _ in range(4)}
    assert answered == set(environment.containers)


def test_a_revision_that_is_not_served_is_not_confirmed(served: Machine, staging: Environment) -> None:
    assert not served.router.confirm(staging.id, "localhost", "0123456789abcdef", 0.3)


def test_withdrawn_means_gone(served: Machine) -> None:
    environment = served.environment("gone")
    served.up(environment)
    host = environment.id.host("localhost")
    served.router.withdraw(environment.id)
    eventually(lambda: get(served, host, verify=False)[0] == 404, "the route is gone")
    assert served.router.published(environment.id) is None
    assert not (served.home / "router" / "certificates" / environment.id.compose_project).exists()
    assert environment.id.compose_project not in served.router.status().environments
    served.router.withdraw(environment.id)
    for container in environment.containers:
        served.engine.remove(container)
    served.engine.remove_network(environment.network)


def test_another_host_header_reaches_a_service_that_insists_on_it(served: Machine) -> None:
    environment = served.environment("header")
    host = environment.id.host("localhost", "web")
    exposure = Exposure(service="web", port=8000, host=host, host_header="localhost:3000")
    environment.routes = (Route(exposure=exposure, backends=environment.routes[0].backends, network=environment.network),)
    served.up(environment)
    headers = json.loads(get(served, host)[1])["headers"]
    assert headers["Host"] == "localhost:3000"
    assert headers["X-Forwarded-Host"] == f"{host}:{served.https_port}"
    assert headers["X-Forwarded-Proto"] == "https"


def test_the_probe_says_what_was_answered(served: Machine, staging: Environment) -> None:
    host = staging.id.host("localhost")
    assert served.router.probe(host, "/", 5) == 200
    assert served.router.probe(host, "/500", 5) == 500
    assert served.router.probe("nobody.shop.localhost", "/", 5) is None


def test_postgres_answers_by_hostname_with_full_verification(served: Machine) -> None:
    environment = served.environment("db")
    backend = served.container(
        environment,
        f"{environment.id.compose_project}-db-1",
        "postgres:16",
        (),
        address=20,
        port=5432,
        POSTGRES_PASSWORD="trial",
    )
    host = environment.id.host("localhost", "db")
    exposure = Exposure(service="db", port=5432, protocol="postgres", host=host)
    environment.routes = (*environment.routes, Route(exposure=exposure, backends=(backend,), network=environment.network))
    served.up(environment)
    port = served.router.status().postgres_port

    def psql(host: str, *more: str) -> subprocess.CompletedProcess[str]:
        settings = f"host={host} hostaddr=127.0.0.1 port={port} user=postgres dbname=postgres sslmode=verify-full"
        command = ["psql", f"{settings} sslrootcert={served.authority}", "-Atc", "select 40 + 2", *more]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=30, env={**os.environ, "PGPASSWORD": "trial"}
        )

    eventually(lambda: psql(host).stdout == "42\n", f"psql through the router: {psql(host).stderr}")
    assert psql("db.other.shop.localhost").returncode != 0


def test_containers_reach_nobody_through_the_router(served: Machine, staging: Environment) -> None:
    """Neither the router's ports at their gateway and at the router's own address, nor another environment by name."""
    other = served.environment("other")
    served.up(other)
    program = (
        "import socket, ssl, sys\n"
        "context = ssl._create_unverified_context()\n"
        "for address in sys.argv[3:]:\n"
        "    try:\n"
        "        raw = socket.create_connection((address, int(sys.argv[1])), 2)\n"
        "        tls = context.wrap_socket(raw, server_hostname=sys.argv[2])\n"
        "        tls.sendall(f'GET / HTTP/1.1\\r\\nHost: {sys.argv[2]}\\r\\nConnection: close\\r\\n\\r\\n'.encode())\n"
        "        print(address, tls.recv(4096).split()[1].decode())\n"
        "    except OSError:\n"
        "        print(address, 'refused')\n"
    )
    addresses = router_addresses(served)
    done = served.inside(
        other, "python3", "-c", program, str(served.https_port), staging.id.host("localhost"), "127.0.0.1", *addresses
    )
    answers = dict(line.split() for line in done.stdout.splitlines())
    assert set(answers) == {"127.0.0.1", *addresses}, done.stderr
    assert set(answers.values()) <= {"refused", "404"}


def router_addresses(machine: Machine) -> list[str]:
    """Addresses at which a container could hope to meet the router: every bridge's gateway, and the router's own."""
    lines = subprocess.run(["ip", "-4", "-o", "address"], capture_output=True, text=True, check=True).stdout.splitlines()
    hosts = [line.split()[3].partition("/")[0] for line in lines]
    name = f"localenv-router-{machine.engine.owner}"
    template = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
    own = subprocess.run(["docker", "inspect", "-f", template, name], capture_output=True, text=True, check=True).stdout.split()
    return [address for address in dict.fromkeys([*hosts, *own]) if address.count(".") == 3 and address != "127.0.0.1"]
