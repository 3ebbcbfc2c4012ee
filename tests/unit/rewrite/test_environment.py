"""Variables, labels and the names that work inside."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.rewrite import RouterFacts, rewrite
from localenv.errors import InvalidInput
from tests.unit.rewrite.given import codes, context, model, port, service

WEB = {"image": "a", "ports": [port(80, 80)]}


def variables(**changes: Any) -> dict[str, str]:
    web = {**WEB, **changes.pop("web", {})}
    found: dict[str, str] = service(rewrite(model({"web": web, "my-api": WEB}), context(**changes)))["environment"]
    return found


def tier(**values: str) -> TierProfile:
    return TierProfile(tier="qa", purpose="p", variables=values)


def test_a_service_is_told_where_it_runs() -> None:
    assert variables(router=RouterFacts(https_port=8443), data_profile="small", data_class="masked") == {
        "LOCALENV_PROJECT": "shop",
        "LOCALENV_ENVIRONMENT": "dev",
        "LOCALENV_TIER": "development",
        "LOCALENV_DATA_CLASS": "masked",
        "LOCALENV_DATA_PROFILE": "small",
        "LOCALENV_URL": "https://dev.shop.localhost:8443",
        "LOCALENV_URL_WEB": "https://dev.shop.localhost:8443",
        "LOCALENV_URL_MY_API": "https://my-api.dev.shop.localhost:8443",
    }


def test_only_what_the_project_builds_is_told_the_release() -> None:
    whole = model({"web": {"build": {"context": "."}}, "db": {"image": "postgres"}})
    rewritten = rewrite(whole, context(release="r7"))
    assert service(rewritten)["environment"]["LOCALENV_RELEASE"] == "r7"
    assert "LOCALENV_RELEASE" not in service(rewritten, "db")["environment"]


def test_the_tier_wins_over_localenv_yaml_over_the_compose_file() -> None:
    settings = Settings(project="shop", variables={"A": "settings", "B": "settings"})
    web = {"environment": {"A": "file", "B": "file", "C": "file", "D": None}}
    found = variables(tier=tier(B="tier"), settings=settings, web=web)
    assert found | {"A": "settings", "B": "tier", "C": "file", "D": None} == found


def test_a_tiers_template_sees_the_environment_and_its_value_is_escaped_for_compose() -> None:
    found = variables(tier=tier(HOSTS="{{ urls.web }} {{ environment }} {{ tier }}", PRICE="5$ each"))
    assert (found["HOSTS"], found["PRICE"]) == ("https://dev.shop.localhost dev qa", "5$$ each")


@pytest.mark.parametrize("template", ["{{ nothing }}", "{{ urls.nowhere }}", "{{ unclosed", "{{ ''.__class__.mro() }}"])
def test_a_template_that_cannot_be_rendered_is_named(template: str) -> None:
    with pytest.raises(InvalidInput, match=r"tiers\.qa\.variables\.A"):
        variables(tier=tier(A=template))


def test_reserved_labels_are_stripped_and_told_and_ours_are_there() -> None:
    labels = {"localenv.owner": "eve", "com.docker.compose.project": "x", "traefik.http.routers.a.rule": "Host", "team": "blue"}
    rewritten = rewrite(
        model({"web": {"image": "a", "restart": "always", "labels": labels, "build": {"labels": {"traefik.x": "1", "k": "v"}}}}),
        context(),
    )
    assert service(rewritten)["labels"] == {
        "team": "blue",
        "localenv.owner": "ada",
        "localenv.project": "shop",
        "localenv.environment": "dev",
        "localenv.tier": "development",
        "localenv.directory": "/home/ada/shop",
    }
    assert service(rewritten)["build"]["labels"] == {"k": "v"}
    assert {"reserved-labels", "traefik-labels"} <= set(codes(rewritten))


def test_networks_carry_the_owners_label() -> None:
    assert rewrite(model({"web": WEB}), context()).model["networks"]["default"]["labels"]["localenv.owner"] == "ada"


@pytest.mark.parametrize("written", [[], ["db.example=10.0.0.1"], {"db.example": "10.0.0.1"}])
def test_with_an_inner_entry_point_every_hostname_leads_to_it(written: Any) -> None:
    whole = model({"web": {**WEB, "extra_hosts": written}, "db": {"image": "a", "ports": [port(5432, 5432)]}})
    rewritten = rewrite(whole, context(router=RouterFacts(inside_address="172.30.0.2")))
    text = str(service(rewritten)["extra_hosts"])
    assert all(host in text for host in ("web.dev.shop.localhost", "dev.shop.localhost", "172.30.0.2"))
    assert "db.dev" not in text
    assert ("db.example" in text) is bool(written)


def test_without_one_no_hosts_are_added() -> None:
    assert "extra_hosts" not in service(rewrite(model({"web": WEB}), context()))
