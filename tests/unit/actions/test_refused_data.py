"""What a tier does not take is refused with its place, the rule and a way out."""

from __future__ import annotations

import pytest

from localenv.actions.configuration import Loaded, LoadSettings
from localenv.actions.refused_data import DataRefused, refuse_brought, refuse_present, refuse_told
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.tier import Classification
from localenv.core.names import EnvironmentId
from tests.fakes.memory_files import MemoryFiles
from tests.unit.rewrite.given import model

SHIPPED = {str(path): path.read_text() for path in (shipped_root() / "profiles").rglob("*.yaml")}
MODEL = model(
    {"db": {"image": "x", "volumes": [{"type": "volume", "source": "old", "target": "/old"}]}},
    volumes={"old": {"name": "legacy", "external": True}, "spare": {}},
)
RULE = "tier staging allows: synthetic, masked   (profiles/tiers/staging.yaml:9)"


def loaded(settings: str = "") -> Loaded:
    files = MemoryFiles({**SHIPPED, "/code/shop/compose.yaml": "services: {}", "/code/shop/localenv.yaml": settings})
    return LoadSettings(files, load_document, shipped=str(shipped_root()), home="/home/ada")("/code/shop")


def told(settings: str, tier: str = "staging", **external: Classification) -> DataRefused:
    project = loaded(settings)
    with pytest.raises(DataRefused) as caught:
        refuse_told(MODEL, external, project.settings.tiers[tier], project)
    return caught.value


def test_a_class_that_localenv_yaml_gives_a_volume_is_told_with_its_line() -> None:
    error = told("volumes:\n  old:\n    external: clone\n    classification: real\n")
    assert error.message == "staging cannot use data classified real"
    assert error.details == ("volume old is real   (localenv.yaml:4)", RULE)
    assert error.hints == ("localenv up production",)


def test_a_class_that_the_volume_has_by_itself_is_told_with_the_line_that_takes_it() -> None:
    error = told("volumes:\n  old:\n    external: share\n    classification: synthetic\n", legacy="real")
    assert error.details == ("external volume legacy is real   (localenv.yaml:3)", RULE)


def test_a_tier_that_takes_synthetic_data_alone_refuses_masked_data() -> None:
    error = told("volumes: {old: {external: clone}}", "development", legacy="masked")
    assert error.message == "development cannot use data classified masked"
    assert error.hints == ("localenv up preview",)


@pytest.mark.parametrize(
    ("settings", "tier", "external"),
    [
        ("volumes: {old: {external: clone}}", "staging", {}),
        ("volumes: {old: {external: clone}}", "staging", {"legacy": "masked"}),
        ("volumes: {old: {external: clone}}", "production", {"legacy": "real"}),
        ("volumes: {spare: {classification: real}}", "development", {}),
        ("tiers: {staging: {data: {allowed: [masked]}}}", "staging", {}),
        ("tiers: {staging: {data: {allowed: [real]}}}\nvolumes: {old: {classification: real}}", "staging", {}),
    ],
)
def test_what_the_tier_takes_and_what_nothing_mounts_is_let_through(
    settings: str, tier: str, external: dict[str, Classification]
) -> None:
    project = loaded(settings)
    refuse_told(MODEL, external, project.settings.tiers[tier], project)


def test_data_that_an_environment_has_already_is_told_and_left_where_it_is() -> None:
    project, qa = loaded(), EnvironmentId(project="shop", name="qa")
    there = {"shop_qa_a": "real", "shop_qa_b": "masked", "shop_qa_c": ""}
    with pytest.raises(DataRefused) as caught:
        refuse_present(there, qa, project.settings.tiers["staging"], project)
    assert caught.value.details == ("volume shop_qa_a of qa is real already", RULE)
    assert caught.value.hints == ("localenv up qa-2 --tier staging",)
    refuse_present(there, qa, project.settings.tiers["production"], project)


def test_a_volume_that_no_profile_filled_is_no_data_that_a_tier_could_refuse() -> None:
    project = loaded("tiers: {staging: {data: {allowed: [masked]}}}")
    refuse_present(
        {"shop_qa_a": "synthetic"}, EnvironmentId(project="shop", name="qa"), project.settings.tiers["staging"], project
    )


def test_the_highest_class_of_what_is_brought_is_told() -> None:
    project = loaded()
    brought: dict[str, Classification] = {"a": "masked", "b": "real", "c": "synthetic"}
    with pytest.raises(DataRefused) as caught:
        refuse_brought(brought, "production", project.settings.tiers["development"], project)
    assert caught.value.message == "development cannot use data classified real"
    assert caught.value.details[:2] == (
        "volume a comes from production (masked)",
        "volume b comes from production (real)",
    )
