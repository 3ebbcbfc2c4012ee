from __future__ import annotations

import pytest

from localenv.core.routes.common import common_routes, static_settings
from localenv.core.routes.layout import Layout

HOST = Layout(mode="host", http_port=8080, https_port=8443, postgres_port=15432, ipv6=True)


def common(layout: Layout, identity: str = "me") -> str:
    return common_routes(layout, domain="localhost", certificate="/c", key="/k", identity=identity)[0]


def test_in_the_hosts_network_the_router_listens_on_loopback_only() -> None:
    points = static_settings(HOST, directory="/router/dynamic")["entryPoints"]
    assert {name: point["address"] for name, point in points.items()} == {
        "http": "127.0.0.1:8080",
        "https": "127.0.0.1:8443",
        "postgres": "127.0.0.1:15432",
        "http-ipv6": "[::1]:8080",
        "https-ipv6": "[::1]:8443",
        "postgres-ipv6": "[::1]:15432",
    }


def test_the_entry_point_for_containers_has_the_same_ports() -> None:
    layout = Layout(mode="host", http_port=8080, https_port=8443, postgres_port=15432, inside="10.231.250.1")
    points = static_settings(layout, directory="/router/dynamic")["entryPoints"]
    assert points["inside-http"]["address"] == "10.231.250.1:8080"
    assert points["inside-https"]["address"] == "10.231.250.1:8443"


def test_no_api_no_dashboard_no_docker_and_nothing_is_sent() -> None:
    settings = static_settings(HOST, directory="/router/dynamic")
    assert set(settings) == {"global", "log", "entryPoints", "ping", "providers"}
    assert set(settings["providers"]) == {"providersThrottleDuration", "file"}
    assert settings["global"] == {"checkNewVersion": False, "sendAnonymousUsage": False}
    assert settings["ping"] == {"manualRouting": True}


def test_plain_http_is_sent_to_the_port_that_serves_https() -> None:
    _, content = common_routes(HOST, domain="localhost", certificate="/c", key="/k", identity="me")
    redirect = content["http"]["middlewares"]["localenv.redirect"]["redirectScheme"]
    assert redirect == {"scheme": "https", "port": "8443", "permanent": False}


def test_a_revision_that_is_not_served_is_nothing_for_any_host() -> None:
    """A service that answers 200 to any path had confirmed a revision that was not served."""
    _, content = common_routes(HOST, domain="localhost", certificate="/c", key="/k", identity="me")
    other = content["http"]["routers"]["localenv.other-revisions"]
    assert other["rule"] == "PathPrefix(`/.localenv/revision/`)"
    assert content["http"]["routers"]["localenv.revision"]["priority"] > other["priority"]
    (nothing,) = other["middlewares"]
    assert content["http"]["middlewares"][nothing]["ipAllowList"]["rejectStatusCode"] == 404


def test_two_installations_do_not_take_each_others_router_for_their_own() -> None:
    assert common(HOST, "me") != common(HOST, "you")


def test_other_ports_are_another_revision() -> None:
    other = Layout(mode="host", http_port=8081, https_port=8444, postgres_port=15432, ipv6=True)
    assert common(HOST) != common(other)


def test_an_attached_router_knows_whom_to_trust() -> None:
    with pytest.raises(ValueError, match="gateway"):
        Layout(mode="attached", http_port=80, https_port=443, postgres_port=5432)
