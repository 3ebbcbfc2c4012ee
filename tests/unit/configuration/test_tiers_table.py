from __future__ import annotations

from pathlib import Path

from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.effective import Layers, effective
from localenv.core.tiers_table import TierCell, TiersTable, tiers_table

SHIPPED = {
    path.stem: load_document(path.read_bytes(), f"profiles/tiers/{path.name}")
    for path in sorted(Path(shipped_root(), "profiles/tiers").glob("*.yaml"))
}


def table(text: str = "") -> TiersTable:
    document = load_document(text.encode(), "localenv.yaml")
    return tiers_table(effective(Layers(project="shop", project_origin="x", shipped_tiers=SHIPPED, settings=document)))


def cell(found: TiersTable, key: str, tier: str) -> TierCell:
    (row,) = [row for row in found.rows if row.key == key]
    return row.cells[found.tiers.index(tier)]


def test_what_ships_is_marked_nowhere() -> None:
    assert not [cell for row in table().rows for cell in row.cells if cell.overridden]


def test_every_row_has_a_cell_for_every_tier() -> None:
    assert {len(row.cells) for row in table("tiers: {uat: null}").rows} == {4}


def test_only_what_the_project_says_is_marked_with_its_place() -> None:
    found = table("tiers:\n  production:\n    replicas: {web: 3}\n")
    marked = {(row.key, tier) for row in found.rows for tier, cell in zip(found.tiers, row.cells, strict=True) if cell.overridden}
    assert marked == {("shape", "production"), ("shape", "staging"), ("shape", "uat")}
    assert cell(found, "shape", "production").where == "localenv.yaml:3:16"
    assert cell(found, "shape", "production").text == "web 3, exposed 2"
    assert cell(found, "shape", "uat").text == "as production: web 3, exposed 2"


def test_the_projects_data_profile_fills_tiers_that_name_none() -> None:
    found = table("data: small\ntiers: {production: {data: {profile: large}}}\n")
    assert [cell.text for row in found.rows if row.key == "data_profile" for cell in row.cells] == [*["small"] * 4, "large"]


def test_rules_read_as_sentences() -> None:
    found = table()
    assert cell(found, "guards", "production").text == "type the name before destroy, reset, restore, exec; with a reason"
    assert cell(found, "lifetime", "preview").text == "72h"
    assert cell(found, "gates", "production").text == "healthy in uat, approved in uat"
    assert cell(found, "source", "uat").text == "a release from staging"


def test_secret_variables_stay_hidden() -> None:
    found = table("tiers: {uat: {variables: {API_TOKEN: hunter2}}}\n")
    assert cell(found, "variables", "uat").value == {"API_TOKEN": "***"}
    assert cell(found, "variables", "uat").text == "API_TOKEN"
