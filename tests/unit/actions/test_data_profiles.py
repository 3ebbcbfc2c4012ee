from __future__ import annotations

import pytest

from localenv.actions.configuration import LoadSettings
from localenv.actions.profiles import DataProfiles, LoadedProfile
from localenv.actions.refused_data import DataRefused
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.environments import find_tier
from localenv.core.wanted import ServiceWanted
from localenv.errors import InvalidInput
from tests.fakes.memory_files import MemoryFiles
from tests.unit.plan.planning import service, volume, wanted

SMALL = """\
profile: small
classification: synthetic
services:
  db: {files: [fixtures/a.sql]}
volumes:
  media: {files: pictures}
"""
LIVE = "profile: live\nclassification: real\n"
SHIPPED = {str(path): path.read_text() for path in (shipped_root() / "profiles").rglob("*.yaml")}


def loaded(name: str = "small", tier: str = "staging", links: dict[str, str] | None = None, small: str = SMALL) -> LoadedProfile:
    content = {
        "compose.yaml": "services: {}",
        "profiles/data/small.yaml": small,
        "profiles/data/live.yaml": LIVE,
        "fixtures/a.sql": "",
        "pictures/x.png": "",
    }
    own = {f"/code/shop/{path}": text for path, text in content.items()}
    files = MemoryFiles({**SHIPPED, **own, "/etc/passwd": "root"}, links=links)
    project = LoadSettings(files, load_document, shipped=str(shipped_root()), home="/home/ada")("/code/shop")
    return DataProfiles(files, load_document)(project, name, find_tier(project.settings, tier))


def test_a_profile_of_an_allowed_class_is_found_with_its_files() -> None:
    found = loaded()
    facts = found.facts(wanted(service("db"), volumes=(volume("media"),)))
    assert (facts.profile, facts.services, facts.volumes) == ("small", ("db",), ("shop_staging_media",))


def test_real_data_is_refused_where_the_tier_forbids_it_and_the_way_out_is_told() -> None:
    with pytest.raises(DataRefused) as raised:
        loaded("live")
    assert raised.value.message == "staging cannot use data classified real"
    assert any("allows: synthetic, masked" in line for line in raised.value.details)
    assert raised.value.hints == ("localenv up staging --data small",)


def test_real_data_is_taken_in_production() -> None:
    assert loaded("live", "production").classification == "real"


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(InvalidInput) as raised:
        loaded("smal")
    assert raised.value.code_of_case == "unknown-profile"
    assert raised.value.hints == ("try: --data small",)


@pytest.mark.parametrize(
    ("text", "links", "said"),
    [
        ("fixtures/none.sql", {}, "is not there"),
        ("pictures", {}, "is a directory, not a file"),
        ("out.sql", {"/code/shop/out.sql": "/etc/passwd"}, "leads out of the project"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told_before_anything_is_made(text: str, links: dict[str, str], said: str) -> None:
    profile = SMALL.replace("fixtures/a.sql", text)
    with pytest.raises(InvalidInput) as raised:
        loaded(links=links, small=profile)
    told = " ".join((raised.value.message, raised.value.where or "", *raised.value.details))
    assert f"{text} {said}" in told
    assert "small.yaml:4" in told


@pytest.mark.parametrize(
    ("part", "entry", "key"), [("services", service("database"), "media"), ("volumes", service("db"), "medias")]
)
def test_what_fills_something_that_is_not_there_names_the_nearest(part: str, entry: ServiceWanted, key: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        loaded().facts(wanted(entry, volumes=(volume(key),)))
    assert f"fills {part}." in raised.value.message
    assert (raised.value.where or "").startswith("profiles/data/small.yaml:")
