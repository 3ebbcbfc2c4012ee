"""Data profiles found in a project and held against a tier's rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localenv.actions.configuration import LoadSettings
from localenv.actions.profiles import DataProfiles, LoadedProfile
from localenv.actions.refused_data import DataRefused
from localenv.adapters.project_files import DiskFiles
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.errors import InvalidInput

Write = Callable[[str, str], None]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/compose.yaml").write_text("services: {db: {image: postgres}}\n")
    return tmp_path / "shop"


@pytest.fixture
def write(shop: Path) -> Write:
    def write(name: str, text: str) -> None:
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(text)

    return write


def profile(shop: Path, name: str, tier: str = "staging") -> LoadedProfile:
    files = DiskFiles()
    loaded = LoadSettings(files, load_document, shipped=str(shipped_root()))(str(shop))
    return DataProfiles(files, load_document)(loaded, name, loaded.settings.tiers[tier])


def test_a_projects_own_profile_comes_before_a_shipped_one(shop: Path, write: Write) -> None:
    assert profile(shop, "empty").document.file == "profiles/data/empty.yaml (shipped)"
    write("profiles/data/empty.yaml", "profile: empty\nclassification: masked\n")
    assert profile(shop, "empty").classification == "masked"


def test_fixtures_that_are_missing_or_lead_out_are_told_together(shop: Path, write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (shop / "link").symlink_to(tmp_path / "secret")
    (shop / "folder").mkdir()
    write("good.sql", "select 1;")
    write(
        "profiles/data/small.yaml",
        "profile: small\nclassification: masked\n"
        "services: {db: {files: [none.sql, link, folder, good.sql]}}\nvolumes: {up: {files: gone/}, ok: {files: [folder]}}\n",
    )
    with pytest.raises(InvalidInput) as caught:
        profile(shop, "small")
    assert [line.partition("  ")[2] for line in caught.value.details] == [
        "services.db.files[0]: none.sql is not there",
        "services.db.files[1]: link leads out of the project",
        "services.db.files[2]: folder is a directory, not a file",
        "volumes.up.files: gone/ is not there",
    ]


def test_a_tier_refuses_a_class_with_the_place_of_its_rule_and_a_profile_that_it_takes(shop: Path, write: Write) -> None:
    write("a.sql", "select 1;")
    write("profiles/data/live.yaml", "profile: live\nclassification: real\n")
    write("profiles/data/small.yaml", "profile: small\nclassification: masked\nservices: {db: {files: [a.sql]}}\n")
    with pytest.raises(DataRefused) as caught:
        profile(shop, "live")
    assert caught.value.message == "staging cannot use data classified real"
    assert caught.value.details == (
        "data profile live is real   (profiles/data/live.yaml)",
        "tier staging allows: synthetic, masked   (profiles/tiers/staging.yaml:9)",
    )
    assert caught.value.hints == ("localenv up staging --data small",)
    assert profile(shop, "live", "production").name == "live"


def test_the_projects_own_rule_counts(shop: Path, write: Write) -> None:
    write("localenv.yaml", "tiers:\n  production:\n    data: {allowed: [masked]}\n")
    write("profiles/data/live.yaml", "profile: live\nclassification: real\n")
    with pytest.raises(DataRefused) as caught:
        profile(shop, "live", "production")
    assert caught.value.details[1] == "tier production allows: masked   (localenv.yaml:3)"
    assert caught.value.hints == ()


def test_an_unknown_profile_names_the_nearest(shop: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        profile(shop, "emty")
    assert caught.value.code_of_case == "unknown-profile"
    assert "empty" in caught.value.hints[0]
