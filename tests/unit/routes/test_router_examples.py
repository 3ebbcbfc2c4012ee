"""``compose/router`` shows what the router is given; it is what the code makes, and the image is the recipe's."""

from __future__ import annotations

from pathlib import Path

import pytest

from localenv.adapters.yaml_files import dump, load_document
from localenv.core.names import EnvironmentId
from localenv.core.routes.common import common_routes, static_settings
from localenv.core.routes.environment import KeyPair, Served, environment_routes
from localenv.core.routes.layout import ROUTER_IMAGE, Layout
from localenv.core.wanted import Exposure

COMPOSE = Path(__file__).parents[3] / "compose"
LAYOUT = Layout(mode="host", http_port=80, https_port=443, postgres_port=5432, ipv6=True, inside="10.231.255.225")
WEB = Exposure(
    service="web", port=8000, host="web.production.shop.localhost", primary=True, aliases=("production.shop.localhost",)
)
DATABASE = Exposure(service="db", port=5432, protocol="postgres", host="db.production.shop.localhost")


def settings() -> str:
    return dump(static_settings(LAYOUT, directory="/router/dynamic"))


def shared() -> str:
    folder = "/router/certificates/localenv"
    made = common_routes(
        LAYOUT, domain="localhost", certificate=f"{folder}/5d0c.crt", key=f"{folder}/5d0c.key", identity="le-0123456789ab"
    )
    return dump(made[1])


def environment() -> str:
    folder = "/router/certificates/shop_production"
    made = environment_routes(
        EnvironmentId(project="shop", name="production"),
        "localhost",
        [
            Served(exposure=WEB, backends=(("10.231.4.20", 8000), ("10.231.4.21", 8000))),
            Served(exposure=DATABASE, backends=(("10.231.4.22", 5432),)),
        ],
        LAYOUT,
        keys=KeyPair(certificate=f"{folder}/a3f1.crt", key=f"{folder}/a3f1.key"),
        inside=("10.231.4.0/27",),
    )
    return dump(made.content)


EXAMPLES = {"traefik.yaml": settings, "localenv.yaml": shared, "shop_production.yaml": environment}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_is_what_the_router_is_given(name: str) -> None:
    text = (COMPOSE / "router" / name).read_text()
    head, _, body = text.partition("\n\n")
    assert all(line.startswith("# ") for line in head.splitlines())
    assert body == EXAMPLES[name]()


def test_the_image_is_the_one_that_the_recipe_makes() -> None:
    recipe = COMPOSE / "images" / "traefik" / "recipe.yaml"
    assert load_document(recipe.read_bytes(), recipe.name).value["tag"] == ROUTER_IMAGE
