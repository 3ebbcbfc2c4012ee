"""Looking at this machine and at images, and proving that environments do not reach each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


def test_doctor_looks_at_everything(own: Installation, tmp_path: Path) -> None:
    result = own.run("doctor", "--output", "json", cwd=tmp_path)
    document = result.json
    assert document["schema"] == "localenv.doctor/1"
    subjects = {finding["subject"] for finding in document["findings"]}
    assert {"engine", "compose", "programs", "images", "router", "names", "trust", "addresses", "disk"} <= subjects
    assert result.exit_code == (1 if document["to_mend"] else 0)
    assert all(finding["fix"] for finding in document["findings"] if finding["state"] != "ok")


def test_doctor_tells_an_engine_that_is_away(own: Installation, tmp_path: Path) -> None:
    result = own.run("doctor", cwd=tmp_path, DOCKER_HOST=f"unix://{tmp_path}/nothing.sock")
    assert result.exit_code == 1
    assert "✗ engine" in result.stdout
    assert "✓ programs" in result.stdout


def test_environments_do_not_reach_each_other(own: Installation, tmp_path: Path) -> None:
    result = own.run("doctor", "--isolation", "--output", "json", cwd=tmp_path)
    document = result.json
    assert document["schema"] == "localenv.isolation/1"
    assert [attempt for attempt in document["attempts"] if not attempt["holds"]] == []
    assert (document["holds"], result.exit_code) == (True, 0)
    groups = {attempt["group"] for attempt in document["attempts"]}
    assert groups == {"control", "addresses", "names", "volumes", "secrets", "router"}
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
    assert own.must("ls", "--all", "--output", "json", cwd=tmp_path).json["environments"] == []


def test_images_are_listed_and_checked(own: Installation, tmp_path: Path) -> None:
    listed = own.must("images", "ls", "--all", "--output", "json", cwd=tmp_path).json
    assert listed["schema"] == "localenv.images/1"
    assert any(image["recipe"] == "redis" for image in listed["images"])
    if docker("image", "ls", "-q", "--filter", "label=localenv.recipe=redis"):
        checked = own.must("images", "check", "redis", "--output", "json", cwd=tmp_path).json
        assert [image["state"] for image in checked["images"]] == ["works"]


def test_an_unknown_recipe_is_an_error(own: Installation, tmp_path: Path) -> None:
    refused = own.run("images", "build", "nosuch", cwd=tmp_path)
    assert refused.exit_code == 1
    assert "nosuch" in refused.stderr
