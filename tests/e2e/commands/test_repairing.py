"""The ledger is lost or damaged: no environment is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


def remove_ledger(own: Installation) -> None:
    for path in own.home.glob("ledger.sqlite*"):
        path.unlink()


def test_a_whole_state_needs_no_repair(own: Installation, site: Path) -> None:
    assert "nothing to repair" in own.must("repair", cwd=site).stdout


def test_a_lost_ledger_is_rebuilt_from_labels(own: Installation, site: Path) -> None:
    before = own.must("urls", "staging", "--output", "json", cwd=site).json["exposures"]
    remove_ledger(own)
    planned = own.must("repair", "--dry-run", "--output", "json", cwd=site).json
    assert {record["name"] for record in planned["records"]} == {"staging", "production"}
    assert own.must("repair", "--dry-run", "--output", "json", cwd=site).json == planned
    done = own.must("repair", "--output", "json", cwd=site).json
    assert done["records"] == planned["records"]
    after = own.must("urls", "staging", "--output", "json", cwd=site).json["exposures"]
    assert {each["service"]: each["url"] for each in after} == {each["service"]: each["url"] for each in before}
    steps = own.must("up", "staging", "--dry-run", "--output", "json", cwd=site).json["steps"]
    assert {step["action"] for step in steps if step["kind"] == "container"} == {"keep"}


def test_a_damaged_ledger_is_kept_beside(own: Installation, site: Path) -> None:
    ledger = own.home / "ledger.sqlite"
    own.must("ls", cwd=site)
    for companion in own.home.glob("ledger.sqlite-*"):
        companion.unlink()
    ledger.write_bytes(b"SQLite format 3\0" + b"\xff" * 40_000)
    refused = own.run("ls", cwd=site)
    assert refused.exit_code == 1
    assert "localenv repair" in refused.stderr
    kept = own.must("repair", "--output", "json", cwd=site).json["damaged_ledger"]
    assert Path(kept).read_bytes().endswith(b"\xff" * 100)
    assert {each["name"] for each in own.must("ls", "--output", "json", cwd=site).json["environments"]} == {
        "staging",
        "production",
    }
    own.must("up", "staging", "production", cwd=site)


def test_what_was_left_of_nothing_goes_and_data_does_not(own: Installation, site: Path) -> None:
    labels = [f"--label=localenv.owner={own.owner()}", "--label=localenv.project=commands", "--label=localenv.environment=half"]
    docker("network", "create", *labels, "commands_half_default")
    (own.home / "environments" / "commands_gone").mkdir()
    found = own.must("repair", "--output", "json", cwd=site).json["leftovers"]
    assert {(each["kind"], each["name"]) for each in found} == {("network", "half"), ("folder", "gone")}
    assert docker("network", "ls", "-q", "--filter", "name=commands_half")
    volumes = own.left_behind()["volumes"]
    own.must("repair", "--yes", cwd=site)
    assert docker("network", "ls", "-q", "--filter", "name=commands_half") == []
    assert not (own.home / "environments" / "commands_gone").exists()
    assert own.left_behind()["volumes"] == volumes
    assert "nothing to repair" in own.must("repair", cwd=site).stdout


def test_what_only_the_layers_still_hold_is_no_leftover(own: Installation, site: Path) -> None:
    own.must("exec", "-T", "staging", "box", "--", "sh", "-c", "echo here > /kept/word", cwd=site)
    mine = [f"--filter=label=localenv.owner={own.owner()}", "--filter=label=localenv.environment=staging"]
    docker("rm", "-f", *docker("ps", "-aq", *mine))
    docker("network", "rm", *docker("network", "ls", "-q", *mine))
    docker("volume", "rm", *docker("volume", "ls", "-q", *mine))
    assert own.must("repair", "--yes", "--output", "json", cwd=site).json["leftovers"] == []
    remove_ledger(own)
    found = own.must("repair", "--yes", "--output", "json", cwd=site).json
    assert ({record["name"] for record in found["records"]}, found["leftovers"]) == ({"staging", "production"}, [])
    own.must("up", "staging", cwd=site)
    assert own.must("exec", "-T", "staging", "box", "--", "cat", "/kept/word", cwd=site).stdout == "here\n"
