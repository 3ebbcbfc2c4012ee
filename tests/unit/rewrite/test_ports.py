"""What becomes of published ports."""

from __future__ import annotations

import pytest

from localenv.core.configuration.settings import Expose, Settings
from localenv.core.placing import needed_ports
from localenv.core.rewrite import rewrite
from localenv.core.rewrite.ports import MOST_PORTS
from localenv.errors import InvalidInput
from tests.unit.rewrite.given import DEVELOPMENT, codes, context, exposure, model, placed, port, service

HOST = "web.dev.shop.localhost"


def test_an_http_port_becomes_a_hostname_and_publishes_nothing() -> None:
    rewritten = placed(model({"web": {"image": "nginx", "ports": [port(80, 8080)]}}), context())
    found = exposure(rewritten, "web", 80)
    assert (found.protocol, found.host, found.host_port) == ("http", HOST, None)
    assert "ports" not in service(rewritten)
    assert "host-port" in codes(rewritten, "web")


def test_a_database_port_becomes_a_loopback_port_with_a_hostname_for_postgres() -> None:
    wanted = placed(model({"db": {"image": "postgres:16", "ports": [port(5432, 5432)]}}), context())
    found = exposure(wanted, "db", 5432)
    assert (found.protocol, found.host, found.address, found.host_port) == (
        "postgres",
        "db.dev.shop.localhost",
        "127.0.0.1",
        41000,
    )
    assert service(wanted, "db")["ports"] == [
        {"mode": "ingress", "host_ip": "127.0.0.1", "target": 5432, "published": "41000", "protocol": "tcp"}
    ]


@pytest.mark.parametrize(
    ("target", "image", "said", "others", "protocol"),
    [
        (8000, "app", None, (), "http"),
        (443, "nginx", None, (80,), "https"),
        (6379, "redis", None, (), "tcp"),
        (3306, "mysql", None, (), "tcp"),
        (9229, "node", None, (), "tcp"),
        (5678, "n8nio/n8n", None, (), "http"),
        (5678, "app", None, (8000,), "tcp"),
        (9000, "minio/minio", None, (), "http"),
        (9000, "docker.io/clickhouse/clickhouse-server:25", None, (8123,), "tcp"),
        (9000, "php:8-fpm", None, (), "tcp"),
        (6379, "app", "http", (), "http"),
        (8000, "app", "grpc", (), "tcp"),
        (8000, "app", "postgresql", (), "postgres"),
    ],
)
def test_the_protocol_is_what_the_file_says_or_the_number_tells(
    target: int, image: str, said: str | None, others: tuple[int, ...], protocol: str
) -> None:
    ports = [port(target, target, app_protocol=said), *(port(other, other) for other in others)]
    assert exposure(rewrite(model({"web": {"image": image, "ports": ports}}), context()), "web", target).protocol == protocol


def test_localenv_yaml_decides_over_every_guess() -> None:
    settings = Settings(project="shop", expose={"web": Expose(port=6379, protocol="http", path="/up", host_header="localhost")})
    rewritten = rewrite(
        model({"web": {"image": "app", "ports": [port(6379, 6379), port(8000, 8000)]}}), context(settings=settings)
    )
    first = exposure(rewritten, "web", 6379)
    assert (first.protocol, first.host, first.path, first.host_header) == ("http", HOST, "/up", "localhost")
    assert exposure(rewritten, "web", 8000).host == "web-8000.dev.shop.localhost"


def test_x_localenv_beside_the_service_says_the_same() -> None:
    web = {"image": "app", "x-localenv": {"expose": {"port": 9000, "protocol": "tcp"}}}
    rewritten = rewrite(model({"web": web}), context())
    assert exposure(rewritten, "web", 9000).protocol == "tcp"
    assert "x-localenv" not in service(rewritten)


def test_an_unknown_key_of_x_localenv_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"services\.web\.x-localenv.*exposed"):
        rewrite(model({"web": {"image": "app", "x-localenv": {"exposed": True}}}), context())


def test_expose_none_publishes_nothing_and_says_so() -> None:
    settings = Settings(project="shop", expose={"web": Expose(protocol="none")})
    rewritten = rewrite(model({"web": {"image": "app", "ports": [port(80, 80)]}}), context(settings=settings))
    assert rewritten.exposures == ()
    assert codes(rewritten) == ["not-exposed"]


def test_expose_without_a_port_that_can_be_found_is_an_error_with_its_cure() -> None:
    settings = Settings(project="shop", expose={"web": Expose()})
    with pytest.raises(InvalidInput, match=r"expose\.web needs a port") as caught:
        rewrite(model({"web": {"image": "app"}}), context(settings=settings))
    assert caught.value.hints == ("expose: {web: {port: 8080}}",)


def test_further_ports_are_told_apart_by_number_also_beside_a_service_of_that_name() -> None:
    services = {
        "web": {"image": "a", "ports": [port(80, 80), port(8080, 81)]},
        "web-8080": {"image": "b", "ports": [port(80, 82)]},
    }
    hosts = [item.host for item in rewrite(model(services), context()).exposures]
    assert len(set(hosts)) == 3
    assert "web-8080.dev.shop.localhost" in hosts


def test_services_that_slug_alike_get_different_hostnames() -> None:
    services = {name: {"image": "a", "ports": [port(80)]} for name in ("Web", "web", "we_b", "we-b")}
    assert len({item.host for item in rewrite(model(services), context()).exposures}) == 4


def test_a_range_is_expanded_and_an_endless_one_is_bounded_and_told() -> None:
    rewritten = rewrite(model({"rtc": {"image": "a", "ports": [{"target": "10000-10999", "protocol": "udp"}]}}), context())
    assert len(rewritten.exposures) == MOST_PORTS
    assert codes(rewritten) == ["port-range"]


def test_udp_and_tcp_on_one_number_are_two_loopback_ports() -> None:
    services = {"dns": {"image": "a", "ports": [port(53, 53), port(53, 53, protocol="udp", mode="host")]}}
    wanted = placed(model(services), context())
    assert {(item["protocol"], item["published"]) for item in service(wanted, "dns")["ports"]} == {
        ("tcp", "41000"),
        ("udp", "41001"),
    }


def test_a_fixed_host_port_is_kept_only_where_the_tier_says_so() -> None:
    whole = model({"db": {"image": "postgres", "ports": [port(5432, 15432)]}, "web": {"image": "a", "ports": [port(80, 8080)]}})
    tier = type(DEVELOPMENT)(tier="development", purpose="p", binds="live", host_ports=True)
    wanted = placed(whole, context(tier))
    assert (service(wanted, "db")["ports"][0]["published"], service(wanted)["ports"][0]["published"]) == ("15432", "8080")
    assert needed_ports(rewrite(whole, context(tier))) == ()


def test_nothing_is_published_on_an_internal_network_and_that_is_told() -> None:
    whole = model(
        {"db": {"image": "postgres", "ports": [port(5432, 5432)], "networks": {"inner": None}}},
        networks={"inner": {"name": "shop_dev_inner", "internal": True}},
    )
    rewritten = rewrite(whole, context())
    assert (rewritten.exposures, codes(rewritten, "db")) == ((), ["port-unreachable"])


def test_the_primary_is_the_one_that_is_said_else_named_so_else_named_like_the_project_else_the_first() -> None:
    def primary(*names: str, **settings: Expose) -> str:
        services = {name: {"image": "a", "ports": [port(80, 80)]} for name in names}
        here = context(settings=Settings(project="shop", expose=settings))
        (found,) = (item for item in rewrite(model(services), here).exposures if item.primary)
        assert found.aliases == ("dev.shop.localhost",)
        return found.service

    assert primary("api", "web", z=Expose(port=1, primary=True)) == "web"
    assert primary("api", "web", api=Expose(port=80, primary=True)) == "api"
    assert primary("admin", "shop") == "shop"
    assert primary("admin", "store-frontend") == "store-frontend"
    assert primary("one", "two") == "one"


def test_a_database_alone_is_no_primary() -> None:
    rewritten = rewrite(model({"db": {"image": "postgres", "ports": [port(5432, 5432)]}}), context())
    assert not any(item.primary for item in rewritten.exposures)


def test_a_service_in_another_ones_network_is_reached_and_published_there() -> None:
    settings = Settings(project="shop", expose={"app": Expose(port=9090, protocol="tcp")})
    whole = model({"vpn": {"image": "v"}, "app": {"image": "a", "network_mode": "service:vpn"}})
    wanted = placed(whole, context(settings=settings))
    assert service(wanted, "vpn")["ports"][0]["target"] == 9090
    assert "ports" not in service(wanted, "app")
    assert exposure(wanted, "app", 9090).network == "default"
