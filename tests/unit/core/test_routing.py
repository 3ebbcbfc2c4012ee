from __future__ import annotations

from typing import Any, Literal

from localenv.core.observed import ContainerSeen
from localenv.core.routing import routes_of
from localenv.core.wanted import Exposure, Placement, Wanted
from tests.unit.plan.planning import NETWORK, container, service, wanted

WEB = Exposure(service="web", port=8000, host="web.staging.shop.localhost", primary=True, network="default")


def placed(*addresses: str) -> tuple[Placement, ...]:
    return tuple(Placement(number=number, addresses={NETWORK.name: address}) for number, address in enumerate(addresses, 1))


def backends(
    state: Wanted, seen: tuple[ContainerSeen, ...] = (), mode: Literal["host", "attached"] = "host"
) -> list[tuple[str, int]]:
    return [(backend.host, backend.port) for route in routes_of(state, seen, mode) for backend in route.backends]


def at(number: int, address: str, state: Literal["running", "exited"] = "running") -> ContainerSeen:
    """A replica of web; the engine tells the address of one that does not run only as what was set."""
    addresses = {NETWORK.name: address} if state == "running" else {}
    return container(service("web"), number=number, state=state, addresses=addresses, fixed={NETWORK.name: address})


TWO = service("web", replicas=2, placements=placed("10.0.0.17", "10.0.0.18", "10.0.0.19", "10.0.0.20"))


def test_replicas_are_reached_where_they_stand_whichever_slots_and_numbers_those_are() -> None:
    state = wanted(TWO, exposures=(WEB,))
    seen = (at(4, "10.0.0.18"), at(3, "10.0.0.20"), container(service("db")))
    assert backends(state, seen) == [("10.0.0.20", 8000), ("10.0.0.18", 8000)]


def test_a_replica_that_is_about_to_be_started_again_keeps_its_place() -> None:
    state = wanted(TWO, exposures=(WEB,))
    assert backends(state, (at(3, "10.0.0.20", "exited"),)) == [("10.0.0.20", 8000)]


def test_a_single_replica_is_reached_by_the_address_in_its_definition() -> None:
    definition: dict[str, Any] = {"networks": {"default": {"ipv4_address": "10.0.0.17"}}}
    state = wanted(service("web"), definitions={"web": definition}, exposures=(WEB,))
    assert backends(state) == [("10.0.0.17", 8000)]


def test_an_attached_router_uses_container_names_that_no_other_environment_has() -> None:
    state = wanted(TWO, exposures=(WEB,))
    seen = (at(3, "10.0.0.17"), at(4, "10.0.0.18"))
    assert backends(state, seen, "attached") == [("shop_staging-web-3", 8000), ("shop_staging-web-4", 8000)]
    assert [route.network for route in routes_of(state, seen, "attached")] == [NETWORK.name]


def test_an_attached_router_knows_the_only_container_of_a_service_before_it_is_there() -> None:
    definition: dict[str, Any] = {"networks": {"default": {"ipv4_address": "10.0.0.17"}}}
    state = wanted(service("web"), definitions={"web": definition}, exposures=(WEB,))
    assert backends(state, (), "attached") == [("shop_staging-web-1", 8000)]


def test_a_service_in_another_ones_network_is_reached_there() -> None:
    state = wanted(
        service("web"),
        service("vpn"),
        definitions={"web": {"network_mode": "service:vpn"}, "vpn": {"networks": {"default": {"ipv4_address": "10.0.0.20"}}}},
        exposures=(WEB,),
    )
    assert backends(state) == [("10.0.0.20", 8000)]


def test_what_has_no_hostname_and_what_has_no_service_is_no_route() -> None:
    others = (
        Exposure(service="web", port=5432, protocol="tcp", host_port=41000),
        Exposure(service="web", port=53, protocol="udp", host_port=41001),
        Exposure(service="gone", port=80, host="gone.staging.shop.localhost"),
    )
    assert routes_of(wanted(TWO, exposures=others), (at(1, "10.0.0.17"),), "host") == ()
