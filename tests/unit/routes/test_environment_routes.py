from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.adapters.yaml_files import dump
from localenv.core.names import EnvironmentId
from localenv.core.routes.environment import KeyPair, RouteFile, Served, certificate_names, environment_routes
from localenv.core.routes.layout import Layout
from localenv.core.wanted import Exposure
from localenv.errors import InvalidInput

STAGING = EnvironmentId(project="shop", name="staging")
HOST = Layout(mode="host", http_port=80, https_port=443, postgres_port=5432, ipv6=True)
ATTACHED = Layout(mode="attached", http_port=80, https_port=443, postgres_port=5432, gateway="10.231.255.1")
KEYS = KeyPair(certificate="/router/certificates/a.crt", key="/router/certificates/a.key")
WEB = Exposure(service="web", port=8000, host="web.staging.shop.localhost", primary=True, aliases=("staging.shop.localhost",))


def served(exposure: Exposure, *backends: str) -> Served:
    return Served(exposure=exposure, backends=tuple((backend, exposure.port) for backend in backends))


def routes(*items: Served, layout: Layout = HOST, inside: tuple[str, ...] = ()) -> RouteFile:
    return environment_routes(STAGING, "localhost", items, layout, keys=KEYS, inside=inside)


def test_one_replica_of_one_service() -> None:
    file = routes(served(WEB, "10.231.4.20"))
    del file.content["http"]["routers"]["shop_staging.revision"]
    assert dump(file.content) == textwrap.dedent("""\
        tls:
          certificates:
          - certFile: /router/certificates/a.crt
            keyFile: /router/certificates/a.key
        http:
          routers:
            shop_staging.web.8000:
              rule: (Host(`web.staging.shop.localhost`) || Host(`staging.shop.localhost`))
              entryPoints:
              - https
              - https-ipv6
              middlewares:
              - localenv.retry
              service: shop_staging.web.8000
              tls: {}
            shop_staging.redirect:
              rule: (Host(`staging.shop.localhost`) || Host(`web.staging.shop.localhost`))
              entryPoints:
              - http
              - http-ipv6
              middlewares:
              - localenv.redirect
              service: noop@internal
          services:
            shop_staging.web.8000:
              loadBalancer:
                servers:
                - url: http://10.231.4.20:8000
                passHostHeader: true
                serversTransport: localenv.transport
        """)


def test_the_revision_is_answered_for_before_anything_else() -> None:
    file = routes(served(WEB, "10.231.4.20"))
    assert file.content["http"]["routers"]["shop_staging.revision"] == {
        "rule": f"Host(`staging.shop.localhost`) && Path(`/.localenv/revision/{file.revision}`)",
        "entryPoints": ["https", "https-ipv6"],
        "priority": 1_000_000,
        "service": "ping@internal",
        "tls": {},
    }


def test_several_replicas_watch_each_other_and_are_tried_in_turn() -> None:
    http = routes(served(WEB, "10.231.4.20", "10.231.4.21")).content["http"]
    assert http["routers"]["shop_staging.web.8000"]["middlewares"] == ["localenv.retry-replicas"]
    balancer = http["services"]["shop_staging.web.8000"]["loadBalancer"]
    assert balancer["passiveHealthCheck"] == {"maxFailedAttempts": 1, "failureWindow": "500ms"}
    assert [server["url"] for server in balancer["servers"]] == ["http://10.231.4.20:8000", "http://10.231.4.21:8000"]


def test_one_replica_is_never_left_out() -> None:
    """With nothing to go to instead, every failure of a service under development would be seconds of 503."""
    balancer = routes(served(WEB, "10.231.4.20")).content["http"]["services"]["shop_staging.web.8000"]["loadBalancer"]
    assert "passiveHealthCheck" not in balancer


def test_another_host_header_goes_to_the_service_alone() -> None:
    admin = Exposure(service="admin", port=80, host="admin.staging.shop.localhost", host_header="localhost:3000")
    http = routes(served(WEB, "10.231.4.20"), served(admin, "10.231.4.21")).content["http"]
    assert http["routers"]["shop_staging.admin.80"]["middlewares"] == ["localenv.retry", "shop_staging.admin.80"]
    assert http["middlewares"] == {"shop_staging.admin.80": {"headers": {"customRequestHeaders": {"Host": "localhost:3000"}}}}
    assert http["routers"]["shop_staging.web.8000"]["middlewares"] == ["localenv.retry"]


def test_a_container_that_speaks_tls_is_not_asked_for_a_known_certificate() -> None:
    secure = Exposure(service="web", port=8443, host="web.staging.shop.localhost", protocol="https")
    balancer = routes(served(secure, "10.231.4.20")).content["http"]["services"]["shop_staging.web.8443"]["loadBalancer"]
    assert balancer["servers"] == [{"url": "https://10.231.4.20:8443"}]
    assert balancer["serversTransport"] == "localenv.insecure"


def test_postgres_is_routed_by_the_name_in_the_handshake() -> None:
    database = Exposure(service="db", port=5432, protocol="postgres", host="db.staging.shop.localhost")
    content = routes(served(database, "10.231.4.20")).content
    assert content["tcp"] == {
        "routers": {
            "shop_staging.db.5432": {
                "rule": "HostSNI(`db.staging.shop.localhost`)",
                "entryPoints": ["postgres", "postgres-ipv6"],
                "service": "shop_staging.db.5432",
                "tls": {},
            }
        },
        "services": {"shop_staging.db.5432": {"loadBalancer": {"servers": [{"address": "10.231.4.20:5432"}]}}},
    }
    assert list(content["http"]["routers"]) == ["shop_staging.revision"]


def test_plain_tcp_is_left_to_docker() -> None:
    cache = Exposure(service="cache", port=6379, protocol="tcp", host_port=41007)
    content = routes(served(cache, "10.231.4.20")).content
    assert "tcp" not in content
    assert "services" not in content["http"]


def test_an_attached_router_demands_the_host_in_every_rule() -> None:
    database = Exposure(service="db", port=5432, protocol="postgres", host="db.staging.shop.localhost")
    content = routes(served(WEB, "shop_staging-web-1"), served(database, "shop_staging-db-1"), layout=ATTACHED).content
    rules = [router["rule"] for part in ("http", "tcp") for router in content[part]["routers"].values()]
    assert len(rules) == 4
    assert all(rule.endswith(" && ClientIP(`10.231.255.1/32`)") for rule in rules)


def test_containers_get_in_by_their_own_entry_point_and_address() -> None:
    layout = Layout(mode="host", http_port=80, https_port=443, postgres_port=5432, inside="10.231.250.1")
    routers = routes(served(WEB, "10.231.4.20"), layout=layout, inside=("10.231.4.0/27",)).content["http"]["routers"]
    assert routers["shop_staging.web.8000"]["entryPoints"] == ["https"]
    assert "ClientIP" not in routers["shop_staging.web.8000"]["rule"]
    inside = routers["shop_staging.web.8000.inside"]
    assert inside["entryPoints"] == ["inside-https"]
    assert inside["rule"].endswith(" && ClientIP(`10.231.4.0/27`)")


def test_an_environment_that_did_not_ask_for_it_has_nothing_inside() -> None:
    layout = Layout(mode="host", http_port=80, https_port=443, postgres_port=5432, inside="10.231.250.1")
    routers = routes(served(WEB, "10.231.4.20"), layout=layout).content["http"]["routers"]
    assert not [name for name in routers if name.endswith(".inside")]


def test_an_attached_router_lets_the_environment_itself_in() -> None:
    file = routes(served(WEB, "shop_staging-web-1"), layout=ATTACHED, inside=("10.231.4.0/27",))
    rule = file.content["http"]["routers"]["shop_staging.web.8000"]["rule"]
    assert rule.endswith(" && (ClientIP(`10.231.255.1/32`) || ClientIP(`10.231.4.0/27`))")


def test_names_of_two_environments_never_meet() -> None:
    """``a-b`` with service ``c`` and ``a`` with service ``b-c`` would be one name with a dash between them."""
    one = environment_routes(
        EnvironmentId(project="shop", name="a-b"),
        "localhost",
        [served(Exposure(service="c", port=80, host="c.a-b.shop.localhost"), "10.0.0.1")],
        HOST,
        keys=KEYS,
    )
    other = environment_routes(
        EnvironmentId(project="shop", name="a"),
        "localhost",
        [served(Exposure(service="b-c", port=80, host="b-c.a.shop.localhost"), "10.0.0.1")],
        HOST,
        keys=KEYS,
    )
    assert not set(one.content["http"]["routers"]) & set(other.content["http"]["routers"])


@pytest.mark.parametrize(
    "host", ["a{{b.localhost", "a`.localhost", "a\n.localhost", "A.localhost", "a..localhost", "-a.b", "", "ä.b"]
)
def test_what_is_no_hostname_is_refused(host: str) -> None:
    with pytest.raises(InvalidInput):
        routes(served(Exposure(service="web", port=80, host=host), "10.0.0.1"))


@pytest.mark.parametrize("field", ["service", "host_header", "backend"])
@pytest.mark.parametrize("value", ["{{ env `HOME` }}", "a\nb", "{{"])
def test_no_template_reaches_the_router(field: str, value: str) -> None:
    backend = value if field == "backend" else "10.0.0.1"
    exposure = Exposure(
        service=value if field == "service" else "web",
        port=80,
        host="web.staging.shop.localhost",
        host_header=value if field == "host_header" else None,
    )
    with pytest.raises(InvalidInput):
        routes(served(exposure, backend))


@given(st.text(), st.text())
def test_whatever_is_accepted_holds_no_template(service: str, header: str) -> None:
    exposure = Exposure(service=service, port=80, host="web.staging.shop.localhost", host_header=header or None)
    try:
        file = routes(served(exposure, "10.0.0.1"))
    except InvalidInput:
        return
    assert "{{" not in dump(file.content)


def test_equal_routes_have_one_revision_and_others_another() -> None:
    assert routes(served(WEB, "10.0.0.1")).revision == routes(served(WEB, "10.0.0.1")).revision
    assert routes(served(WEB, "10.0.0.1")).revision != routes(served(WEB, "10.0.0.2")).revision


def test_a_certificate_names_the_environment_its_wildcard_and_what_that_misses() -> None:
    deep = Exposure(service="web", port=80, host="web.staging.shop.localhost", aliases=("a.b.staging.shop.localhost",))
    assert certificate_names(STAGING, "localhost", [WEB, deep]) == (
        "staging.shop.localhost",
        "*.staging.shop.localhost",
        "a.b.staging.shop.localhost",
    )
