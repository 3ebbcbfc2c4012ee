from __future__ import annotations

from typing import Any

from localenv.core.documents_json import exposure_document, ls_document, urls_document
from localenv.core.names import EnvironmentId
from localenv.core.summary import EnvironmentSummary
from localenv.core.wanted import Exposure

STAGING = EnvironmentId(project="shop", name="staging")


def document(**given: Any) -> dict[str, Any]:
    exposure = Exposure(**{"service": "web", "port": 8000, "host": "web.staging.shop.localhost", **given})
    return exposure_document(exposure, https_port=443, postgres_port=5432)


def test_the_keys_of_ls_that_scripts_rely_on() -> None:
    summary = EnvironmentSummary(
        id=STAGING,
        tier="staging",
        state="healthy",
        data_class="synthetic",
        data_profile=None,
        directory="/code",
        created="2026",
        services=(),
    )
    told = ls_document([summary], {STAGING: 7})
    assert told["schema"] == "localenv.ls/1"
    (one,) = told["environments"]
    assert {"project", "name", "tier", "state", "data_class", "release", "created", "expires", "url"} <= one.keys()
    assert (one["project"], one["name"], one["memory"], one["release"]) == ("shop", "staging", 7, None)


def test_a_primary_service_is_shown_by_the_environments_own_name() -> None:
    told = document(primary=True, aliases=("staging.shop.localhost",))
    assert told["url"] == "https://staging.shop.localhost"
    assert (told["host"], told["router_port"], told["primary"]) == ("web.staging.shop.localhost", 443, True)


def test_another_port_stands_in_the_url() -> None:
    exposure = Exposure(service="web", port=8000, host="web.staging.shop.localhost")
    told = exposure_document(exposure, https_port=8443, postgres_port=None)
    assert told["url"] == "https://web.staging.shop.localhost:8443"


def test_a_database_has_its_loopback_port_and_its_hostname_on_the_router() -> None:
    told = document(service="db", port=5432, protocol="postgres", host="db.staging.shop.localhost", host_port=41000)
    assert (told["protocol"], told["address"], told["port"], told["container_port"]) == ("tcp", "127.0.0.1", 41000, 5432)
    assert (told["host"], told["router_port"]) == ("db.staging.shop.localhost", 5432)


def test_plain_tcp_has_no_url() -> None:
    told = document(service="mq", port=5672, protocol="tcp", host=None, host_port=41001)
    assert told["port"] == 41001
    assert "url" not in told


def test_urls_say_whose_they_are() -> None:
    told = urls_document(STAGING, [document()])
    assert (told["schema"], told["project"], told["environment"]) == ("localenv.urls/1", "shop", "staging")
    assert len(told["exposures"]) == 1
