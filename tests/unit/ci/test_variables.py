from __future__ import annotations

from localenv.core.ci.variables import command_variables
from tests.unit.ci.given import ENVIRONMENT

WEB = {"service": "web", "protocol": "http", "url": "https://ci-1.shop.localhost", "container_port": 80, "primary": True}
ADMIN = {"service": "web-admin", "protocol": "http", "url": "https://web-admin.ci-1.shop.localhost", "container_port": 80}
DB = {"service": "db", "protocol": "tcp", "address": "127.0.0.1", "port": 41007, "container_port": 5432}
METRICS = {"service": "db", "protocol": "tcp", "address": "127.0.0.1", "port": 41008, "container_port": 9187}


def variables(*exposures: dict[str, object]) -> dict[str, str]:
    return command_variables(ENVIRONMENT, tier="development", exposures=exposures, authority="/state/ca.crt")


def test_a_command_is_told_where_it_is() -> None:
    assert variables() == {
        "LOCALENV_PROJECT": "shop",
        "LOCALENV_ENVIRONMENT": "ci-1",
        "LOCALENV_TIER": "development",
        "LOCALENV_CA": "/state/ca.crt",
    }


def test_urls_have_the_names_that_they_have_inside_containers() -> None:
    told = variables(ADMIN, WEB)
    assert told["LOCALENV_URL"] == told["LOCALENV_URL_WEB"] == "https://ci-1.shop.localhost"
    assert told["LOCALENV_URL_WEB_ADMIN"] == "https://web-admin.ci-1.shop.localhost"


def test_a_port_is_told_by_its_service_and_each_of_several_by_its_number_inside() -> None:
    told = variables(DB, METRICS)
    assert (told["LOCALENV_HOST_DB"], told["LOCALENV_PORT_DB"]) == ("127.0.0.1", "41007")
    assert (told["LOCALENV_PORT_DB_5432"], told["LOCALENV_PORT_DB_9187"]) == ("41007", "41008")


def test_no_service_takes_the_name_of_a_setting_of_localenv() -> None:
    told = variables({**DB, "service": "http"}, {**DB, "service": "home"}, {**WEB, "service": "https"})
    settings = {"LOCALENV_HOME", "LOCALENV_HTTP_PORT", "LOCALENV_HTTPS_PORT", "LOCALENV_POSTGRES_PORT", "LOCALENV_LAYERS"}
    assert not settings & told.keys()


def test_a_port_that_nobody_has_been_given_is_not_told() -> None:
    assert not [name for name in variables({**DB, "port": None}) if "PORT" in name]
