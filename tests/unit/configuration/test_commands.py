"""``config`` and ``tiers`` as they are typed, on real files and without an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localenv.cli.edge import main

SETTINGS = """\
expose: {web: {port: 8000}}
tiers:
  production: {replicas: {web: 3}, variables: {API_TOKEN: hunter2}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text("name: shop\nservices: {web: {image: nginx}}\n")
    (tmp_path / "localenv.yaml").write_text(SETTINGS)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], directory: Path, *words: str) -> str:
    assert main(["-C", str(directory), *words]) == 0
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], directory: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, directory, *words, "--output", "json"))
    return found


def test_config_show_prints_value_and_origin(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    lines = [line.split() for line in run(capsys, shop, "config", "show").splitlines()]
    assert ["project", "shop", "name", "in", "compose.yaml"] in lines
    assert ["expose.web.port", "8000", "localenv.yaml:1"] in lines
    assert ["tiers.uat.replicas.web", "3", "localenv.yaml:3"] in lines
    assert ["domain", "localhost", "default"] in lines
    assert not [line for line in lines if line[:1] == ["tiers.staging.rollout"]]


def test_config_show_all_has_the_tiers_as_they_ship_too(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    lines = [line.split() for line in run(capsys, shop, "config", "show", "--all").splitlines()]
    assert ["tiers.staging.rollout", "rolling", "profiles/tiers/staging.yaml:11", "(shipped)"] in lines


def test_config_show_as_json_has_every_value_and_no_secret(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    found = document(capsys, shop, "config", "show")
    assert found["schema"] == "localenv.config/1"
    assert found["settings"]["tiers"]["production"]["replicas"] == {"web": 3}
    assert {"path": "expose.web.port", "value": 8000, "origin": "project", "where": "localenv.yaml:1:16"} in found["values"]
    assert {"path": "domain", "value": "localhost", "origin": "default", "where": None} in found["values"]
    assert "hunter2" not in json.dumps(found)


@pytest.mark.parametrize("words", [("config", "show", "--all"), ("tiers",)])
def test_secrets_are_hidden_on_the_screen(capsys: pytest.CaptureFixture[str], shop: Path, words: tuple[str, ...]) -> None:
    printed = run(capsys, shop, *words)
    assert "API_TOKEN" in printed
    assert "hunter2" not in printed


def test_config_check_says_what_it_read(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    assert run(capsys, shop, "config", "check") == "  shop holds: localenv.yaml, compose.yaml\n"
    assert document(capsys, shop, "config", "check")["schema"] == "localenv.config-check/1"


def test_config_check_fails_with_the_place_and_exit_code_1(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    (shop / "localenv.yaml").write_text("expose:\n  wbe: {port: 1}\n")
    assert main(["-C", str(shop), "config", "check", "--output", "json"]) == 1
    error = json.loads(capsys.readouterr().out)
    assert (error["where"], error["code"], error["exit_code"]) == ("localenv.yaml:2:3", "invalid-input", 1)
    assert error["hint"] == "nearest: web"


def test_config_schema_is_json_whatever_it_describes(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    for kind, title in (("settings", "localenv.yaml"), ("tier", "profiles/tiers/*.yaml"), ("data", "profiles/data/*.yaml")):
        assert json.loads(run(capsys, shop, "config", "schema", "--of", kind))["title"] == title


def test_tiers_shows_all_five_and_marks_what_the_project_sets(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    printed = run(capsys, shop, "tiers")
    assert printed.startswith("  tiers of shop\n")
    for name in ("development", "preview", "staging", "uat", "production"):
        assert name in printed
    assert "web 3, exposed 2 *" in printed
    assert "real, masked, synthetic *" not in printed


def test_tiers_works_where_there_is_no_project(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert "there is no project here" in run(capsys, tmp_path, "tiers")
    assert document(capsys, tmp_path, "tiers")["project"] is None


def test_tiers_as_json_has_the_rules_as_the_files_have_them(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    found = document(capsys, shop, "tiers")
    assert found["schema"] == "localenv.tiers/1"
    production = found["tiers"][-1]
    assert production["name"] == "production"
    assert production["rules"]["shape"] == {"shape_of": None, "replicas": {"web": 3}, "exposed_replicas": 2}
    assert production["rules"]["guards"]["destroy"] == "typed"
    assert production["overridden"] == {"shape": "localenv.yaml:3:27", "variables": "localenv.yaml:3:48"}


@pytest.mark.parametrize("text", ['tiers: {uat: {purpose: "\\e[31mred"}}', 'data: "\\e[31mx"', '"\\e[31mkey": 1'])
def test_an_escape_sequence_in_a_file_does_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], shop: Path, text: str
) -> None:
    (shop / "localenv.yaml").write_text(text)
    main(["-C", str(shop), "config", "show"])
    main(["-C", str(shop), "tiers"])
    told = capsys.readouterr()
    assert told.out + told.err
    assert "\x1b" not in told.out + told.err
