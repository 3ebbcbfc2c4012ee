"""What differs between two environments, and what is not told about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


def test_variables_and_replicas_are_told(own: Installation, site: Path) -> None:
    document = own.must("diff", "staging", "production", "--output", "json", cwd=site).json
    assert document["schema"] == "localenv.diff/1"
    told = {(each["service"], each["name"]): (each["left"], each["right"]) for each in document["differences"]}
    assert told["web", "LEVEL"] == ("info", "warning")
    assert told["web", "API_TOKEN"] == ("not shown", "not shown")


def test_no_secret_is_in_any_output(own: Installation, site: Path) -> None:
    said = own.must("diff", "staging", "production", cwd=site).said
    assert "first-token" not in said
    assert "second-token" not in said
    assert "LEVEL" in said


def test_status_of_staging_tells_its_drift(own: Installation, site: Path) -> None:
    notes = own.must("status", "staging", "--output", "json", cwd=site).json["notes"]
    assert any(note.startswith("differs from production in ") for note in notes)


def test_an_environment_does_not_differ_from_itself(own: Installation, site: Path) -> None:
    assert own.must("diff", "staging", "staging", "--output", "json", cwd=site).json["differences"] == []


def test_one_that_is_not_there_is_an_error(own: Installation, site: Path) -> None:
    refused = own.run("diff", "staging", "uat", cwd=site)
    assert refused.exit_code == 1
    assert "no environment" in refused.stderr
