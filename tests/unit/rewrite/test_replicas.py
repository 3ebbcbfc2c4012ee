"""How many containers a service has."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.core.configuration.tier import TierProfile
from localenv.core.rewrite import BindFacts, rewrite
from localenv.core.rewrite.replicas import replicas_of
from tests.unit.rewrite.given import DEVELOPMENT, PRODUCTION, PROJECT, bind, codes, context, directory, model, port, service

HTTP = {"image": "a", "ports": [port(80, 80)]}
THREE = TierProfile(tier="production", purpose="p", replicas={"web": 3})
VOLUME = {"type": "volume", "source": "data", "target": "/d", "volume": {}}


@pytest.mark.parametrize(
    ("tier", "written", "number", "told"),
    [
        (DEVELOPMENT, {}, 1, []),
        (DEVELOPMENT, {"scale": 2}, 2, []),
        (DEVELOPMENT, {"deploy": {"replicas": 4}, "scale": 4}, 4, []),
        (DEVELOPMENT, {"deploy": {"replicas": 0}}, 0, []),
        (DEVELOPMENT, {"deploy": {"mode": "global"}}, 1, []),
        (THREE, {"scale": 2}, 3, []),
        (PRODUCTION, HTTP, 2, ["host-port"]),
        (PRODUCTION, {}, 1, []),
        (PRODUCTION, {**HTTP, "deploy": {"replicas": 0}}, 0, []),
        (PRODUCTION, {**HTTP, "volumes": [VOLUME]}, 1, ["host-port", "one-replica"]),
        (PRODUCTION, {**HTTP, "volumes": [{**VOLUME, "read_only": True}]}, 2, ["host-port"]),
        (THREE, {"volumes": [VOLUME]}, 1, ["one-replica"]),
        (THREE, {"ports": [port(6379)]}, 1, ["one-replica"]),
        (THREE, {"x-localenv": {"one_shot": True}}, 1, ["one-replica"]),
    ],
)
def test_the_tiers_number_wins_where_more_than_one_can_stand(
    tier: TierProfile, written: dict[str, Any], number: int, told: list[str]
) -> None:
    whole = model({"web": {"image": "a", **written}}, volumes={"data": {"name": "shop_dev_data"}})
    rewritten = rewrite(whole, context(tier))
    assert replicas_of(service(rewritten)) == number
    assert codes(rewritten) == told
    assert "scale" not in service(rewritten)


def test_a_service_that_lends_its_network_stays_at_one() -> None:
    whole = model({"web": {"image": "a"}, "side": {"image": "b", "network_mode": "service:web"}})
    assert replicas_of(service(rewrite(whole, context(THREE)))) == 1


def test_captured_source_may_be_written_by_several_and_kept_uploads_may_not() -> None:
    facts = {f"{PROJECT}/{name}": directory() for name in ("src", "uploads")}

    def number(*mounts: dict[str, Any]) -> int:
        web = {**HTTP, "volumes": [*mounts, {"type": "volume", "target": "/app/node_modules", "volume": {}}]}
        return replicas_of(service(rewrite(model({"web": web}), context(PRODUCTION, binds=facts))))

    assert (number(bind("src", "/app")), number(bind("src", "/app"), bind("uploads", "/up"))) == (2, 1)


def test_what_is_switched_off_has_no_hostname() -> None:
    whole = model({"web": {**HTTP, "deploy": {"replicas": 0}}, "api": HTTP})
    assert [item.service for item in rewrite(whole, context()).exposures] == ["api"]


def test_what_only_swarm_reads_is_gone() -> None:
    deploy = {
        "placement": {},
        "update_config": {"order": "start-first"},
        "labels": {"a": "b"},
        "resources": {"limits": {"pids": 9}},
    }
    assert service(rewrite(model({"web": {"image": "a", "deploy": deploy}}), context()))["deploy"] == {
        "resources": deploy["resources"]
    }


def test_a_path_of_the_machine_that_a_grant_lets_in_has_one_writer() -> None:
    facts = {"/srv/n8n": directory(), "/run/engine.sock": BindFacts(kind="other")}

    def number(*mounts: dict[str, Any]) -> int:
        web = {**HTTP, "volumes": list(mounts)}
        return replicas_of(service(rewrite(model({"web": web}), context(PRODUCTION, binds=facts))))

    assert number(bind("/srv/n8n", "/data")) == 1
    assert number(bind("/srv/n8n", "/data", read_only=True)) == 2
    assert number(bind("/run/engine.sock", "/run/engine.sock"), bind("/etc/localtime", "/etc/localtime")) == 2
