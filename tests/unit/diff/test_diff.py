"""How two rendered models differ, and what is never told of them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localenv.core.diff import Difference, DiffSide, compare, diff_document, ways
from localenv.core.names import EnvironmentId


def side(name: str, service: dict[str, Any] | None = None, **facts: Any) -> DiffSide:
    services = {} if service is None else {"web": service}
    return DiffSide(id=EnvironmentId(project="shop", name=name), model={"services": services}, **facts)


def told(left: DiffSide, right: DiffSide) -> list[tuple[str, str, str | None, str | None]]:
    return [(each.aspect, each.name, each.left, each.right) for each in compare(left, right)]


def test_variables_are_told_by_name_and_value() -> None:
    left = side("staging", {"environment": {"LOG_LEVEL": "debug", "ONLY": "here"}})
    right = side("production", {"environment": {"LOG_LEVEL": "warning"}})
    assert told(left, right) == [("variable", "LOG_LEVEL", "debug", "warning"), ("variable", "ONLY", "here", None)]


def test_values_of_secrets_are_compared_and_not_told() -> None:
    left = side("staging", {"environment": {"API_TOKEN": "abc-one", "URL": "postgres://u:first@db/x"}})
    right = side("production", {"environment": {"API_TOKEN": "abc-two", "URL": "postgres://u:second@db/x"}})
    assert told(left, right) == [
        ("variable", "API_TOKEN", "not shown", "not shown"),
        ("variable", "URL", "not shown", "not shown"),
    ]


def test_a_password_among_a_commands_options_is_not_told() -> None:
    left = side("staging", {"command": ["redis-server", "--requirepass", "hunter2"]})
    right = side("production", {"command": ["redis-server", "--requirepass=hunter3", "--save"]})
    said = str(told(left, right))
    assert "hunter" not in said
    assert "--save" in said


def test_what_each_environment_generates_for_itself_is_no_difference() -> None:
    left = side("staging", {"environment": {"DSN": "db?password=11111111aa"}}, secrets={"DB_PASSWORD": "11111111aa"})
    right = side("production", {"environment": {"DSN": "db?password=22222222bb"}}, secrets={"DB_PASSWORD": "22222222bb"})
    assert told(left, right) == []


def test_the_environments_own_names_are_no_difference() -> None:
    def made(name: str) -> DiffSide:
        service = {
            "environment": {"PUBLIC": f"https://web.{name}.shop.localhost", "LOCALENV_TIER": name},
            "labels": {"localenv.environment": name},
            "volumes": [{"type": "volume", "source": "data", "target": "/data"}],
            "networks": {"default": {"ipv4_address": "10.231.0.3" if name == "uat" else "10.231.9.3"}},
        }
        return side(name, service)

    assert told(made("uat"), made("production")) == []


def test_images_are_compared_by_what_runs() -> None:
    same = (
        side("a", {"image": "shop:1"}, image_ids={"web": "sha256:1"}),
        side("b", {"image": "other:1"}, image_ids={"web": "sha256:1"}),
    )
    assert told(*same) == []
    moved = (
        side("a", {"image": "shop:1"}, image_ids={"web": "sha256:aa"}),
        side("b", {"image": "shop:1"}, image_ids={"web": "sha256:bb"}),
    )
    assert told(*moved) == [("image", "image", "shop:1 (aa)", "shop:1 (bb)")]


def test_replicas_limits_data_and_ports_are_told() -> None:
    left = side("staging", {"deploy": {"replicas": 1}}, data_class="synthetic", data_profile="large")
    right = side(
        "production",
        {"deploy": {"replicas": 2, "resources": {"limits": {"memory": "268435456", "cpus": 1}}}},
        data_class="real",
        data_profile="live",
        exposures=({"service": "web", "container_port": 8000, "protocol": "http", "primary": True},),
    )
    assert told(left, right) == [
        ("data", "class", "synthetic", "real"),
        ("data", "profile", "large", "live"),
        ("replicas", "replicas", "1", "2"),
        ("limit", "cpus", None, "1"),
        ("limit", "memory", None, "256m"),
        ("exposure", "port 8000", None, "http (main)"),
    ]


def test_live_and_captured_sources_differ() -> None:
    left = side("development", {"volumes": [{"type": "bind", "source": "/code/src", "target": "/srv"}]})
    right = side("staging", {"volumes": [{"type": "bind", "source": "/s/shop_staging/binds/0123456789ab/src", "target": "/srv"}]})
    assert told(left, right) == [("mount", "/srv", "live /code/src", "captured at 0123456789ab")]


def test_a_service_that_one_side_lacks_is_one_line() -> None:
    assert compare(side("a", {"image": "x"}), side("b")) == (
        Difference(service="web", aspect="service", name="web", left="runs", right=None),
    )


def test_the_document_names_both_sides() -> None:
    left, right = side("a", {"restart": "always"}), side("b", {"restart": "no"})
    document = diff_document(left, right, compare(left, right))
    assert document["schema"] == "localenv.diff/1"
    assert (document["left"], document["right"]) == ("a", "b")
    assert document["differences"] == [
        {"service": "web", "aspect": "setting", "name": "restart", "left": "always", "right": "no"}
    ]


def test_the_same_difference_in_several_services_is_one_way() -> None:
    def made(level: str, services: str) -> DiffSide:
        return DiffSide(
            id=EnvironmentId(project="shop", name=level),
            model={"services": {name: {"environment": {"LEVEL": level}} for name in services.split()}},
        )

    found = compare(made("info", "api web"), made("debug", "api web db"))
    assert [(services, each.name) for services, each in ways(found)] == [(("api", "web"), "LEVEL"), (("db",), "db")]


TEXTS = st.dictionaries(st.sampled_from(["A", "B", "PASSWORD", "C_KEY"]), st.text(max_size=12), max_size=4)


@given(TEXTS, TEXTS)
def test_a_comparison_is_symmetric_and_knows_itself(left: dict[str, str], right: dict[str, str]) -> None:
    one, other = side("a", {"environment": left}), side("a", {"environment": right})
    assert compare(one, one) == ()
    assert [(e.name, e.right, e.left) for e in compare(one, other)] == [(e.name, e.left, e.right) for e in compare(other, one)]
    assert bool(compare(one, other)) == (left != right)
