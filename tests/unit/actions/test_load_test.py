"""What a load test refuses before it sends anything."""

from __future__ import annotations

import json

import pytest

from localenv.actions.load_test import LoadTest
from localenv.core.configuration.settings import LoadCheck
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_ledger import MemoryLedger

STAGING = EnvironmentId(project="shop", name="staging")
EXPOSURES = [
    {"service": "web", "protocol": "http", "host": "web.staging.shop.localhost", "router_port": 443},
    {"service": "db", "protocol": "postgres", "host": "db.staging.shop.localhost", "router_port": 5432},
]


def no_generator() -> str:
    raise AssertionError("nothing is to be run")


def refused(service: str, *records: EnvironmentRecord, native_linux: bool = True) -> LocalenvError:
    load_test = LoadTest(engine=MemoryEngine(native_linux=native_linux), ledger=MemoryLedger(*records), generator=no_generator)
    with pytest.raises(LocalenvError) as caught:
        load_test(STAGING, LoadCheck(service=service, rate=10), lambda _text: None)
    return caught.value


def up() -> EnvironmentRecord:
    return EnvironmentRecord(id=STAGING, tier="staging", directory="/shop", exposures=json.dumps(EXPOSURES))


def test_an_environment_that_is_not_there() -> None:
    assert refused("web").code_of_case == "not-up"


@pytest.mark.parametrize("service", ["db", "worker"])
def test_a_service_without_a_hostname_for_http(service: str) -> None:
    error = refused(service, up())
    assert (error.code_of_case, error.details) == ("no-hostname", ("services with one: web",))


def test_an_engine_whose_loopback_address_is_another() -> None:
    assert refused("web", up(), native_linux=False).code_of_case == "load-engine"
