"""The demo: five tiers of one shop side by side, each at its own name with its own certificate, page and data."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

TIERS = ("development", "preview", "staging", "uat", "production")
PROJECT = "demo-trial"
SHOP = Path(__file__).parents[3] / "compose" / "shop"
BUILDING = 900
"""Seconds: the first time builds the shop's image."""


@pytest.fixture(scope="module")
def demo(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What ``demo`` told when it brought everything up: a copy under another name, beside the one that a user may run."""
    copy = tmp_path_factory.mktemp("demo") / "shop"
    shutil.copytree(SHOP, copy)
    settings = copy / "localenv.yaml"
    settings.write_text(settings.read_text().replace("project: shop", f"project: {PROJECT}"))
    own.variables["LOCALENV_DEMO_DIRECTORY"] = str(copy)
    document = own.must("demo", "--output", "json", cwd=own.home, timeout=BUILDING).json
    yield document
    own.must("demo", "--down", cwd=own.home)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


@pytest.mark.timeout(BUILDING + 100)
def test_every_tier_was_checked(demo: dict[str, Any]) -> None:
    assert demo["schema"] == "localenv.demo/1"
    assert {each["name"]: (each["tier"], each["checked"]) for each in demo["environments"]} == {
        name: (name, True) for name in TIERS
    }


def test_each_answers_at_its_own_name_with_its_own_page(own: Installation, demo: dict[str, Any]) -> None:
    pages = {name: own.get(f"{name}.{PROJECT}.localhost") for name in TIERS}
    assert {name: page.status for name, page in pages.items()} == dict.fromkeys(TIERS, 200)
    assert all(name in page.body.lower() for name, page in pages.items())
    assert len({page.body for page in pages.values()}) == len(TIERS)


def test_each_has_the_data_of_its_tier(demo: dict[str, Any]) -> None:
    orders = {each["name"]: each["counts"]["orders"] for each in demo["environments"]}
    assert orders["staging"] == orders["uat"] > orders["production"] > orders["development"] == orders["preview"] > 0
    classes = {each["name"]: each["data_class"] for each in demo["environments"]}
    assert classes["production"] == "real"
    assert {classes[name] for name in TIERS if name != "production"} == {"synthetic"}


def test_a_second_time_there_is_nothing_to_do(own: Installation, demo: dict[str, Any], tmp_path: Path) -> None:
    again = own.must("demo", cwd=tmp_path)
    assert "were up already" in again.stdout
    assert all(each["url"] in again.stdout for each in demo["environments"])


def test_changes_of_source_are_synced_by_watch(own: Installation, demo: dict[str, Any]) -> None:
    refused = own.run("watch", "production", cwd=Path(demo["directory"]))
    assert refused.exit_code == 1
    assert "captured copy" in refused.stderr
    unwatched = own.run("watch", "development", "api", cwd=Path(demo["directory"]))
    assert unwatched.exit_code == 1
    assert "no develop.watch" in unwatched.stderr
