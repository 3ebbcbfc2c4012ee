"""Addresses, ports, slots and what each service needs."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from localenv.core.addresses import block
from localenv.core.placing import place
from localenv.core.rewrite import SecretValues, rewrite
from localenv.core.service_facts import dependencies_of, health_of, seconds
from localenv.core.wanted import Allocations, Dependency, HealthCheck, ServiceWanted, Wanted
from tests.unit.rewrite.given import (
    DEVELOPMENT,
    PRODUCTION,
    PROJECT,
    STAGING,
    bind,
    context,
    file,
    image,
    model,
    placed,
    port,
    service,
)

WEB = {"image": "a", "ports": [port(80, 80)]}


def of(wanted: Wanted, name: str = "web") -> ServiceWanted:
    (found,) = (item for item in wanted.services if item.name == name)
    return found


def spec(whole: dict[str, Any], *, name: str = "web", **changes: Any) -> str:
    return of(placed(whole, context(changes.pop("tier", DEVELOPMENT), **changes)), name).spec


def test_a_single_exposed_container_has_its_address_in_the_model_in_the_upper_half() -> None:
    wanted = placed(model({"web": WEB, "db": {"image": "b"}}), context())
    address = service(wanted)["networks"]["default"]["ipv4_address"]
    assert address in block(wanted.subnets["shop_dev_default"]).static
    assert service(wanted, "db")["networks"] == {"default": None}
    assert of(wanted).placements == ()
    assert wanted.networks[0].static_addresses == 1


def test_what_rolls_has_a_slot_for_each_container_and_its_successor() -> None:
    wanted = placed(model({"web": WEB}), context(PRODUCTION))
    slots = of(wanted).placements
    addresses = [slot.addresses["shop_dev_default"] for slot in slots]
    assert (of(wanted).replicas, of(wanted).rolling, [slot.number for slot in slots]) == (2, True, [1, 2, 3, 4])
    assert len(set(addresses)) == 4
    assert all(IPv4Address(address) in IPv4Network(wanted.subnets["shop_dev_default"]) for address in addresses)
    assert "ipv4_address" not in str(service(wanted)["networks"])


def test_a_single_container_of_a_rolling_tier_has_slots_too_and_a_database_none() -> None:
    wanted = placed(model({"web": WEB, "db": {"image": "postgres", "ports": [port(5432, 5432)]}}), context(STAGING))
    assert (of(wanted).rolling, len(of(wanted).placements)) == (True, 2)
    assert (of(wanted, "db").rolling, of(wanted, "db").placements) == (False, ())
    assert "ipv4_address" in service(wanted, "db")["networks"]["default"]


def test_a_new_service_moves_no_address_and_no_port_of_a_neighbour() -> None:
    before = placed(model({"web": WEB}), context())
    after = placed(model({"web": WEB, "zebra": WEB}), context())
    assert service(before)["networks"] == service(after)["networks"]
    assert of(before).spec == of(after).spec


def test_the_spec_is_a_label_and_stands_for_nothing_but_itself() -> None:
    wanted = placed(model({"web": WEB}), context())
    assert service(wanted)["labels"]["localenv.spec"] == of(wanted).spec


def test_the_spec_changes_with_what_a_container_is_made_from() -> None:
    plain = spec(model({"web": WEB}))
    injected = model({"web": {**WEB, "secrets": [{"source": "s"}]}}, secrets={"s": {"environment": "S"}})
    bound = model({"web": {**WEB, "volumes": [bind("a.conf", "/a.conf", read_only=True)]}})
    path = f"{PROJECT}/a.conf"
    different = {
        plain,
        spec(model({"web": {**WEB, "command": ["x"]}})),
        spec(model({"web": WEB}), images={"a": image("a")}),
        spec(injected, variables=SecretValues({"S": "1"})),
        spec(injected, variables=SecretValues({"S": "2"})),
        spec(bound, binds={path: file("1" * 64)}),
        spec(bound, binds={path: file("2" * 64)}),
        spec(model({"web": WEB}), name="web", tier=STAGING),
    }
    assert len(different) == 8


@pytest.mark.parametrize(
    "change",
    [
        {"build": {"context": "."}, "image": "localenv/shop/web:dev"},
        {"depends_on": {"db": {"condition": "service_started"}}},
        {"develop": {"watch": []}},
        {"pull_policy": "always"},
    ],
)
def test_the_spec_does_not_change_with_what_no_container_shows(change: dict[str, Any]) -> None:
    base = {**WEB, "image": change.get("image", "a")}
    db = {"db": {"image": "b"}}
    assert spec(model({"web": {**base, **change}, **db})) == spec(model({"web": base, **db}))


def test_scaling_replaces_nothing() -> None:
    web = {"image": "a"}
    assert spec(model({"web": web})) == spec(model({"web": {**web, "scale": 3}}))


def test_a_moved_network_replaces_its_containers() -> None:
    here = context()
    rewritten = rewrite(model({"db": {"image": "b"}}), here)
    specs = {
        of(place(rewritten, here, Allocations(subnets={"shop_dev_default": subnet})), "db").spec
        for subnet in ("10.231.0.0/27", "10.231.0.32/27")
    }
    assert len(specs) == 2


def test_who_lives_in_anothers_network_is_replaced_with_it() -> None:
    def specs(command: str) -> tuple[str, str, str]:
        services = {
            "vpn": {"image": "v", "command": [command]},
            "app": {"image": "a", "network_mode": "service:vpn"},
            "other": {"image": "a"},
        }
        found = placed(model(services), context())
        return of(found, "vpn").spec, of(found, "app").spec, of(found, "other").spec

    one, two = specs("one"), specs("two")
    assert [before == after for before, after in zip(one, two, strict=True)] == [False, False, True]


def test_a_one_shot_is_another_when_the_directory_it_reads_is_another() -> None:
    job = {"image": "a", "x-localenv": {"one_shot": True}, "volumes": [bind("migrations", "/m")]}
    web = {**job, "x-localenv": {"one_shot": False}}
    facts = [{f"{PROJECT}/migrations": replace(file(digest * 64), kind="directory")} for digest in "12"]

    def specs(written: dict[str, Any]) -> set[str]:
        return {spec(model({"web": written}), binds=binds, holds_binds=True) for binds in facts}

    assert (len(specs(job)), len(specs(web))) == (2, 1)


@pytest.mark.parametrize(
    ("written", "images", "ready"),
    [
        ({"ports": [port(9229), port(443), port(80)]}, {}, 80),
        ({"ports": [port(9229), port(6379)]}, {}, 6379),
        ({"ports": [port(9229)]}, {}, None),
        ({"ports": [port(53, protocol="udp")]}, {}, None),
        ({"ports": [port(80)], "healthcheck": {"test": ["CMD", "x"]}}, {}, 80),
        ({"healthcheck": {"test": ["CMD", "x"]}}, {"a": image("a", exposed=(33060, 3306))}, 3306),
        ({}, {"a": image("a", exposed=(5432,))}, None),
        ({"ports": [port(80)], "healthcheck": {"disable": True}}, {"a": image("a", healthcheck=True)}, 80),
        ({"ports": [port(80)]}, {"a": image("a", healthcheck=True)}, 80),
        ({}, {}, None),
    ],
)
def test_the_port_that_most_likely_answers_tells_when_a_service_is_ready_or_worth_a_healthcheck(
    written: dict[str, Any], images: dict[str, Any], ready: int | None
) -> None:
    found = of(placed(model({"web": {"image": "a", **written}}), context(images=images)))
    assert found.ready_port == ready
    assert found.ready_network == ("shop_dev_default" if ready else None)


@pytest.mark.parametrize(
    ("written", "found"),
    [("1m30s", 90.0), ("500ms", 0.5), ("1h0m0s", 3600.0), ("1.5s", 1.5), ("10", 7.0), ("soon", 7.0), (None, 7.0)],
)
def test_durations_are_read_as_compose_writes_them(written: object, found: float) -> None:
    assert seconds(written, 7.0) == pytest.approx(found)


def test_a_healthcheck_is_read_with_composes_defaults() -> None:
    assert health_of({"healthcheck": {"test": ["CMD-SHELL", "echo $$X"], "interval": "1m", "retries": 5}}) == HealthCheck(
        test=("CMD-SHELL", "echo $X"), interval=60.0, timeout=30.0, retries=5, start_period=0.0
    )
    assert health_of({"healthcheck": {"test": "curl x"}}) == HealthCheck(test=("CMD-SHELL", "curl x"))
    assert health_of({"healthcheck": {"test": ["NONE"]}}) is None
    assert health_of({"healthcheck": {"interval": "1m"}}) is None


def test_dependencies_are_those_written_and_those_that_compose_takes_for_granted() -> None:
    written = {
        "depends_on": {"db": {"condition": "service_healthy", "required": False, "restart": True}},
        "links": ["db:data", "cache"],
        "volumes_from": ["files:ro", "container:other"],
        "network_mode": "service:vpn",
    }
    assert dependencies_of(written) == (
        Dependency(service="cache", restart=True),
        Dependency(service="db", condition="service_healthy", required=False, restart=True),
        Dependency(service="files", restart=True),
        Dependency(service="vpn", restart=True),
    )


def test_grace_volumes_and_hooks_reach_the_service() -> None:
    web = {
        "image": "a",
        "stop_grace_period": "1m",
        "volumes": [{"type": "volume", "source": "d", "target": "/d", "volume": {}}],
        "pre_stop": [{"command": ["bye"]}],
    }
    found = of(placed(model({"web": web}, volumes={"d": {"name": "fixed"}}), context()))
    assert (found.stop_grace, found.volumes, found.pre_stop[0].command) == (60.0, ("shop_dev_d",), ("bye",))
