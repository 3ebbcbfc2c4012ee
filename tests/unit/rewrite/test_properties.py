"""What holds for every model."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localenv.core.addresses import choose_ports, choose_subnets
from localenv.core.configuration.tier import TierProfile
from localenv.core.placing import needed_ports, needed_subnets, place, port_key
from localenv.core.rewrite import BindFacts, RewriteContext, SecretValues, rewrite
from localenv.core.wanted import Allocations, Wanted
from tests.unit.rewrite.given import DEVELOPMENT, PREVIEW, PRODUCTION, PROJECT, STAGING, context, image

NAMES = ("web", "api", "db", "worker", "Web", "web-8080")
TIERS = (DEVELOPMENT, PREVIEW, STAGING, PRODUCTION)
SOURCES = ("src", "data", "a.conf", "uploads")

text = st.text(st.sampled_from("ab$ {}=/-"), max_size=8).map(lambda value: value.replace("$", "$$"))
ports = st.lists(
    st.builds(
        lambda target, published, protocol: {
            "mode": "ingress",
            "target": target,
            "protocol": protocol,
            **({"published": str(published)} if published else {}),
        },
        st.sampled_from([53, 80, 443, 5432, 5678, 8080, 9229]),
        st.sampled_from([None, 80, 5432, 8000]),
        st.sampled_from(["tcp", "udp"]),
    ),
    max_size=3,
)
mounts = st.lists(
    st.one_of(
        st.builds(
            lambda source, target, read_only: {
                "type": "bind",
                "source": f"{PROJECT}/{source}",
                "target": target,
                "bind": {"create_host_path": True},
                **({"read_only": True} if read_only else {}),
            },
            st.sampled_from(SOURCES),
            st.sampled_from(["/app", "/var/lib/postgresql/data", "/etc/a.conf"]),
            st.booleans(),
        ),
        st.builds(
            lambda source, target: {"type": "volume", "target": target, "volume": {}, **({"source": source} if source else {})},
            st.sampled_from([None, "one", "two"]),
            st.sampled_from(["/one", "/two", "/app/node_modules"]),
        ),
    ),
    max_size=3,
    unique_by=lambda mount: mount["target"],
)
services = st.fixed_dictionaries(
    {"image": st.sampled_from(["app", "postgres", "redis"])},
    optional={
        "ports": ports,
        "volumes": mounts,
        "container_name": st.sampled_from(["fixed", "other"]),
        "environment": st.dictionaries(st.sampled_from(["A", "B"]), text, max_size=2),
        "labels": st.dictionaries(st.sampled_from(["localenv.owner", "mine", "traefik.enable"]), text, max_size=2),
        "scale": st.integers(0, 3),
        "restart": st.sampled_from(["no", "always", "unless-stopped", "on-failure"]),
        "build": st.builds(lambda folder: {"context": f"{PROJECT}/{folder}"}, st.sampled_from(["src", "other"])),
        "read_only": st.booleans(),
        "secrets": st.just([{"source": "token"}]),
        "networks": st.dictionaries(st.sampled_from(["default", "back"]), st.none(), min_size=1),
        "pull_policy": st.sampled_from(["always", "missing"]),
        "post_start": st.just([{"command": ["x"]}]),
    },
)
models = st.dictionaries(st.sampled_from(NAMES), services, min_size=1, max_size=4).map(
    lambda found: {
        "name": "shop_dev",
        "services": {name: {"networks": {"default": None}, **service} for name, service in found.items()},
        "networks": {"default": {"name": "shop_dev_default"}, "back": {"name": "fixed-back", "internal": True}},
        "volumes": {"one": {"name": "fixed"}, "two": {"name": "shop_dev_two"}},
        "secrets": {"token": {"environment": "TOKEN"}},
    }
)
tiers = st.sampled_from(TIERS)


def here(tier: TierProfile, name: str = "dev", **changes: Any) -> RewriteContext:
    kinds = {source: BindFacts(kind="file" if "." in source else "directory", digest="ab" * 32) for source in SOURCES}
    return context(
        tier,
        name=name,
        binds={f"{PROJECT}/{source}": facts for source, facts in kinds.items()},
        state_directory=f"/state/{name}",
        images={"postgres": image("postgres", volumes=("/var/lib/postgresql/data",))},
        variables=SecretValues({"TOKEN": "t$1"}),
        **changes,
    )


def whole(model: dict[str, Any], context: RewriteContext, used: Allocations | None = None) -> Wanted:
    rewritten = rewrite(model, context)
    taken = used or Allocations()
    return place(
        rewritten,
        context,
        Allocations(
            subnets=choose_subnets(needed_subnets(rewritten, context), used=taken.subnets.values()),
            ports=choose_ports(needed_ports(rewritten), used=taken.ports.values()),
        ),
    )


@given(models, tiers)
def test_rewriting_changes_nothing_that_it_is_given_and_is_the_same_every_time(model: dict[str, Any], tier: TierProfile) -> None:
    before = copy.deepcopy(model)
    first, second = whole(model, here(tier)), whole(model, here(tier))
    assert model == before
    assert first == second


@given(models, tiers, tiers)
def test_two_environments_share_nothing_that_the_engine_has_once(
    model: dict[str, Any], one: TierProfile, two: TierProfile
) -> None:
    first = whole(model, here(one, "dev", holds_binds=True))
    ports = {port_key(item): item.host_port for item in first.exposures if item.host_port}
    held = Allocations(subnets=first.subnets, ports=ports)
    second = whole(model, here(two, "qa"), held)
    assert not set(host_ports(first)) & set(host_ports(second))
    assert len(host_ports(first)) == len(set(host_ports(first)))
    for part in ("networks", "volumes"):
        names = [{entry["name"] for entry in wanted.model.get(part, {}).values()} for wanted in (first, second)]
        assert not names[0] & names[1]
    assert not any("container_name" in service for wanted in (first, second) for service in wanted.model["services"].values())
    assert not built(first) & built(second)
    assert not {item.host for item in first.exposures if item.host} & {item.host for item in second.exposures if item.host}
    assert not {copy.target for copy in first.copies} & {copy.target for copy in second.copies}


@given(models, tiers)
def test_every_name_in_the_outcome_is_declared_in_it(model: dict[str, Any], tier: TierProfile) -> None:
    wanted = whole(model, here(tier))
    volumes = {item.key for item in wanted.volumes}
    for name, service in wanted.model["services"].items():
        named = {mount["source"] for mount in service.get("volumes", ()) if mount["type"] == "volume"}
        assert named <= set(wanted.model.get("volumes", {})) == volumes, name
        assert set(service["networks"]) <= set(wanted.model["networks"])
        assert service["labels"]["localenv.owner"] == "ada"
        targets = [mount["target"] for mount in service.get("volumes", ())]
        assert len(targets) == len(set(targets))


@given(models, tiers)
def test_at_most_one_exposure_is_primary_and_all_hostnames_differ(model: dict[str, Any], tier: TierProfile) -> None:
    exposures = rewrite(model, here(tier)).exposures
    hosts = [host for item in exposures for host in (item.host, *item.aliases) if host]
    assert len(hosts) == len(set(hosts))
    assert sum(item.primary for item in exposures) == int(any(item.protocol in {"http", "https"} for item in exposures))


@given(models, tiers)
def test_no_secret_is_in_the_model(model: dict[str, Any], tier: TierProfile) -> None:
    context = here(tier)
    secret = RewriteContext(
        **{field: getattr(context, field) for field in context.__dataclass_fields__ if field != "variables"},
        variables=SecretValues({"TOKEN": "the-secret"}),
    )
    wanted = whole(model, secret)
    assert "the-secret" not in json.dumps(wanted.model)
    assert "the-secret" not in repr(wanted)


def host_ports(wanted: Wanted) -> list[str]:
    return [entry["published"] for service in wanted.model["services"].values() for entry in service.get("ports", ())]


def built(wanted: Wanted) -> set[str]:
    return {service["image"] for service in wanted.model["services"].values() if "build" in service}


def test_a_key_without_a_value_is_as_good_as_none() -> None:
    keys = (
        *("build", "command", "configs", "container_name", "cpus", "depends_on", "deploy", "develop", "environment", "expose"),
        *("extra_hosts", "healthcheck", "labels", "links", "logging", "networks", "ports", "post_start", "restart", "scale"),
        *("secrets", "stop_grace_period", "tmpfs", "volumes", "volumes_from", "x-localenv"),
    )
    empty = {"name": "shop_dev", "services": {"web": {"image": "app", **dict.fromkeys(keys)}}, "networks": None, "volumes": None}
    full = whole(empty, here(PRODUCTION))
    assert full.services[0].replicas == 1
    assert full.model["services"]["web"]["networks"] == {"default": None}
