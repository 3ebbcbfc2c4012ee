from __future__ import annotations

from typing import Any

import pytest

from localenv.actions.allocate import Allocate, Needs
from localenv.core import labels
from localenv.core.addresses import AddressRangeExhausted
from localenv.core.names import EnvironmentId
from localenv.core.observed import NetworkSeen, Observed
from localenv.core.wanted import Allocations
from localenv.ports.engine import NetworkSpec
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_ledger import MemoryLedger, MemoryLocks

STAGING = EnvironmentId(project="shop", name="staging")
UAT = EnvironmentId(project="shop", name="uat")
NEEDS = Needs(subnets={"shop_staging_default": 27}, ports=("db:5432/tcp",))


class Machine:
    def __init__(self, networks: tuple[str, ...] = (), ports: tuple[int, ...] = ()) -> None:
        self.networks = networks
        self.ports = frozenset(ports)

    def reserved_networks(self) -> tuple[str, ...]:
        return self.networks

    def used_ports(self) -> frozenset[int]:
        return self.ports


class World:
    def __init__(self, machine: Machine | None = None, pool: str = "10.9.0.0/24") -> None:
        self.engine = MemoryEngine()
        self.ledger = MemoryLedger()
        self.locks = MemoryLocks()
        host: Any = machine or Machine()
        self.allocate = Allocate(self.engine, host, self.ledger, self.locks, pool=pool)


def test_what_is_chosen_is_remembered_and_kept_without_the_lock() -> None:
    world = World()
    first = world.allocate(STAGING, NEEDS, Observed())
    assert world.ledger.allocations(STAGING) == first
    assert (first.subnets, first.ports) == ({"shop_staging_default": "10.9.0.0/27"}, {"db:5432/tcp": 41000})
    assert world.allocate(STAGING, NEEDS, Observed()) == first
    assert world.locks.taken == ["allocations"]


def test_a_dry_run_remembers_nothing() -> None:
    world = World()
    chosen = world.allocate(STAGING, NEEDS, Observed(), keep=False)
    assert chosen.subnets
    assert world.ledger.held == {}


def test_two_environments_share_neither_addresses_nor_ports() -> None:
    world = World()
    one = world.allocate(STAGING, NEEDS, Observed())
    other = world.allocate(UAT, Needs(subnets={"shop_uat_default": 27}, ports=("db:5432/tcp",)), Observed())
    assert not set(one.subnets.values()) & set(other.subnets.values())
    assert not set(one.ports.values()) & set(other.ports.values())


def test_routes_foreign_networks_and_listening_ports_are_passed_over() -> None:
    world = World(Machine(networks=("10.9.0.0/27",), ports=(41000,)))
    world.engine.create_network(NetworkSpec(name="other", subnet="10.9.0.32/27"))
    chosen = world.allocate(STAGING, NEEDS, Observed())
    assert (chosen.subnets["shop_staging_default"], chosen.ports["db:5432/tcp"]) == ("10.9.0.64/27", 41001)


def test_a_lost_ledger_is_told_by_what_runs() -> None:
    world = World(Machine(networks=("10.9.0.64/27",)))
    network = NetworkSeen(
        name="shop_staging_default",
        id="1",
        project="shop",
        environment="staging",
        subnet="10.9.0.64/27",
        labels={labels.PROJECT: "shop"},
    )
    chosen = world.allocate(STAGING, NEEDS, Observed(networks=(network,)))
    assert chosen.subnets == {"shop_staging_default": "10.9.0.64/27"}
    assert world.ledger.allocations(STAGING) == chosen


def test_a_port_that_something_else_took_is_replaced_and_the_addresses_stay() -> None:
    machine = Machine()
    world = World(machine)
    first = world.allocate(STAGING, NEEDS, Observed())
    machine.ports = frozenset({41000})
    assert world.allocate.release_port(STAGING, 41000)
    assert not world.allocate.release_port(STAGING, 41000)
    second = world.allocate(STAGING, NEEDS, Observed())
    assert (second.subnets, second.ports) == (first.subnets, {"db:5432/tcp": 41001})


def test_what_is_no_longer_needed_is_given_back() -> None:
    world = World()
    world.allocate(STAGING, NEEDS, Observed())
    world.allocate(STAGING, Needs(subnets={"shop_staging_default": 27}, ports=()), Observed())
    assert world.ledger.all_ports() == {}


def test_a_network_that_outgrew_its_block_gets_a_larger_one() -> None:
    world = World()
    world.allocate(STAGING, NEEDS, Observed())
    grown = world.allocate(STAGING, Needs(subnets={"shop_staging_default": 25}, ports=()), Observed())
    assert grown.subnets["shop_staging_default"].endswith("/25")


def test_a_range_that_is_used_up_is_told_and_nothing_is_taken() -> None:
    world = World(pool="10.9.0.0/27")
    world.ledger.allocate(UAT, Allocations(subnets={"shop_uat_default": "10.9.0.0/27"}))
    with pytest.raises(AddressRangeExhausted):
        world.allocate(STAGING, NEEDS, Observed())
    assert world.ledger.allocations(STAGING) == Allocations()
