from __future__ import annotations

from typing import Any, Literal

from localenv.core.routing import routes_of
from localenv.core.wanted import Exposure, Placement, Wanted
from tests.unit.plan.planning import NETWORK, service, wanted

WEB = Exposure(service="web", port=8000, host="web.staging.shop.localhost", primary=True, network="default")


def placed(*addresses: str) -> tuple[Placement, ...]:
    return tuple(Placement(number=number, addresses={NETWORK.name: address}) for number, address in enumerate(addresses, 1))


def backends(state: Wanted, mode: Literal["host", "attached"] = "host") -> list[tuple[str, int]]:
    return [(backend.host, backend.port) for route in routes_of(state, mode) for backend in route.backends]


def test_replicas_are_reached_by_their_addresses_and_spare_ones_by_none() -> None:
    state = wanted(service("web", replicas=2, placements=placed("10.0.0.17", "10.0.0.18", "10.0.0.19")), exposures=(WEB,))
    assert backends(state) == [("10.0.0.17", 8000), ("10.0.0.18", 8000)]


def test_a_single_replica_is_reached_by_the_address_in_its_definition() -> None:
    definition: dict[str, Any] = {"networks": {"default": {"ipv4_address": "10.0.0.17"}}}
    state = wanted(service("web"), definitions={"web": definition}, exposures=(WEB,))
    assert backends(state) == [("10.0.0.17", 8000)]


def test_an_attached_router_uses_container_names_that_no_other_environment_has() -> None:
    state = wanted(service("web", replicas=2, placements=placed("10.0.0.17", "10.0.0.18")), exposures=(WEB,))
    assert backends(state, "attached") == [("shop_staging-web-1", 8000), ("shop_staging-web-2", 8000)]
    assert [route.network for route in routes_of(state, "attached")] == [NETWORK.name]


def test_a_service_in_another_ones_network_is_reached_there() -> None:
    state = wanted(
        service("web"),
        service("vpn", placements=placed("10.0.0.20")),
        definitions={"web": {"network_mode": "service:vpn"}},
        exposures=(WEB,),
    )
    assert backends(state) == [("10.0.0.20", 8000)]


def test_what_has_no_hostname_and_what_has_no_service_is_no_route() -> None:
    others = (
        Exposure(service="web", port=5432, protocol="tcp", host_port=41000),
        Exposure(service="web", port=53, protocol="udp", host_port=41001),
        Exposure(service="gone", port=80, host="gone.staging.shop.localhost"),
    )
    assert routes_of(wanted(service("web", placements=placed("10.0.0.17")), exposures=others), "host") == ()
