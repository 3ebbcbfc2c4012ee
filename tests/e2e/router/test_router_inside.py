"""``router.inside``: services reach their own environment's public URLs, and no other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.router.conftest import Environment, Machine, running

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

ASK = """
import socket, ssl, sys
address, port, name, authority = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
context = ssl.create_default_context(cadata=authority) if authority else ssl._create_unverified_context()
tls = context.wrap_socket(socket.create_connection((address, port), 5), server_hostname=name)
tls.sendall(f"GET / HTTP/1.1\\r\\nHost: {name}:{port}\\r\\nConnection: close\\r\\n\\r\\n".encode())
print(tls.recv(4096).split()[1].decode())
"""


def ask(machine: Machine, environment: Environment, name: str, *, authority: str = "", address: str | None = None) -> str:
    """Status that a container of ``environment`` gets for ``https://name``."""
    address = address or machine.router.inside_address()
    assert address is not None
    done = machine.inside(environment, "python3", "-c", ASK, address, str(machine.https_port), name, authority)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_service_reaches_its_own_names_and_no_other(in_host: Machine) -> None:
    one, other = in_host.environment("one"), in_host.environment("other")
    for environment in (one, other):
        in_host.up(environment, inside=(environment.subnet,))
    authority = Path(in_host.authority).read_text()
    assert ask(in_host, one, one.id.host("localhost"), authority=authority) == "200"
    assert ask(in_host, one, other.id.host("localhost")) == "404"
    assert ask(in_host, other, other.id.host("localhost"), authority=authority) == "200"
    assert ask(in_host, other, one.id.host("localhost")) == "404"


def test_who_did_not_ask_for_it_has_nothing_inside(in_host: Machine) -> None:
    without = in_host.environment("without")
    in_host.up(without)
    assert ask(in_host, without, without.id.host("localhost")) == "404"


def test_once_asked_for_it_stays_for_projects_that_did_not(in_host: Machine) -> None:
    address = in_host.router.inside_address()
    in_host.router.ensure(mode="host", inside=False)
    assert in_host.router.inside_address() == address


def test_an_attached_router_is_found_by_name_and_serves_its_own_network_only(tmp_path: Path) -> None:
    with running(tmp_path, "attached", 31, inside=True) as machine:
        one, other = machine.environment("one"), machine.environment("other")
        for environment in (one, other):
            machine.up(environment, inside=(environment.subnet,))
        authority = Path(machine.authority).read_text()
        names = {environment.id.name: environment.id.host("localhost", "web") for environment in (one, other)}
        assert ask(machine, one, names["one"], authority=authority, address=names["one"]) == "200"
        assert ask(machine, one, names["other"], address=names["one"]) == "404"
        assert machine.router.inside_address() is None
