"""Making releases: what is captured, what counts later, what is refused, and what never shows."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localenv.core.names import slugify
from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
services:
  web:
    image: redis:7
    environment: {WORD: "${WORD:-none}", KEY: "${KEY:-none}"}
    volumes: ["./site:/site:ro"]
"""


@pytest.fixture
def captured(own: Installation, tmp_path: Path) -> Iterator[Path]:
    """A project whose development environment runs; nothing of it is left behind."""
    directory = tmp_path / "captured"
    (directory / "site").mkdir(parents=True)
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "localenv.yaml").write_text(f"project: {slugify(tmp_path.name)}\n")
    (directory / "site" / "motto").write_text("one\n")
    (directory / ".env").write_text("KEY=of-the-file\n")
    own.must("up", cwd=directory)
    yield directory
    own.run("destroy", "development", "staging", "--yes", cwd=directory)


def made(own: Installation, directory: Path, *arguments: str, **variables: str) -> dict[str, Any]:
    document = own.must("release", "create", *arguments, "--output", "json", cwd=directory, **variables).json
    release: dict[str, Any] = document["release"] | {"new": document["new"]}
    return release


def project_of(directory: Path) -> str:
    return (directory / "localenv.yaml").read_text().split()[1]


def variables(directory: Path, environment: str) -> dict[str, str]:
    (line,) = docker("inspect", "--format", "{{json .Config.Env}}", f"{project_of(directory)}_{environment}-web-1")
    return dict(pair.split("=", 1) for pair in json.loads(line))


def test_the_same_files_make_one_release_and_another_file_another(own: Installation, captured: Path) -> None:
    first = made(own, captured)
    assert (first["name"], first["new"], first["commit"]) == ("r1", True, None)
    assert [file["path"] for file in first["files"]] == [".env", "compose.yaml", "localenv.yaml", "site/motto"]
    assert made(own, captured)["new"] is False
    (captured / "site" / "motto").write_text("two\n")
    assert made(own, captured)["name"] == "r2"
    different = own.must("diff", "r1", "r2", "--output", "json", cwd=captured).json
    assert different["files"] == [{"path": "site/motto", "change": "changed"}]
    assert (different["images"], different["services"]) == ([], [])


def test_what_counts_is_what_was_captured_not_what_is_there_later(own: Installation, captured: Path) -> None:
    """Neither the shell of whoever promotes, nor an edited file, nor a deleted one."""
    made(own, captured, WORD="of-the-maker")
    (captured / "site" / "motto").unlink()
    (captured / ".env").write_text("KEY=edited\n")
    (captured / "compose.yaml").write_text(COMPOSE.replace("redis:7", "nginx:1.27"))
    own.must("promote", "staging", cwd=captured, WORD="of-another", KEY="of-another")
    found = variables(captured, "staging")
    assert (found["WORD"], found["KEY"]) == ("of-the-maker", "of-the-file")
    assert docker("exec", f"{project_of(captured)}_staging-web-1", "cat", "/site/motto") == ["one"]


def test_secret_values_of_the_makers_shell_are_kept_and_never_shown(own: Installation, captured: Path) -> None:
    made(own, captured, WORD="hunter2-hunter2")
    for arguments in (
        ("release", "show", "r1"),
        ("release", "show", "r1", "--output", "json"),
        ("release", "ls", "--output", "json"),
    ):
        assert "hunter2" not in own.must(*arguments, cwd=captured).said
    (manifest,) = (own.home / "releases" / project_of(captured)).glob("r1/release.json")
    assert "hunter2" in manifest.read_text()
    assert manifest.stat().st_mode & 0o077 == 0


def git(directory: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    subprocess.run(["git", *identity, *arguments], cwd=directory, capture_output=True, check=True)


def test_a_release_of_a_commit_has_that_commits_files_and_the_env_file_that_is_in_no_commit(
    own: Installation, captured: Path
) -> None:
    (captured / ".gitignore").write_text(".env\n")
    for arguments in (("init", "-q", "-b", "main"), ("add", "--all"), ("commit", "-qm", "first")):
        git(captured, *arguments)
    (captured / "site" / "motto").write_text("edited\n")
    assert made(own, captured)["dirty"] is True
    release = made(own, captured, "main")
    assert (release["branch"], release["dirty"]) == ("main", False)
    own.must("promote", "staging", "--release", release["name"], cwd=captured)
    assert docker("exec", f"{project_of(captured)}_staging-web-1", "cat", "/site/motto") == ["one"]
    assert variables(captured, "staging")["KEY"] == "of-the-file"
    assert own.run("release", "create", "no-such-branch", cwd=captured).exit_code == 1
    assert list((own.home / "worktrees").rglob("release-*")) == []


def test_what_may_not_run_in_one_of_the_tiers_makes_no_release(own: Installation, captured: Path) -> None:
    (captured / "compose.production.yaml").write_text("services:\n  web:\n    privileged: true\n")
    result = own.run("release", "create", cwd=captured)
    assert result.exit_code == 1
    assert "compose.production.yaml:3" in result.said
    assert "no releases yet" in own.must("release", "ls", cwd=captured).said
    assert list((own.home / "releases" / "_incoming").glob("*")) == []


def test_a_release_that_was_changed_on_the_disk_is_not_deployed(own: Installation, captured: Path) -> None:
    made(own, captured)
    (file,) = (own.home / "releases" / project_of(captured) / "r1" / "tree" / "site").glob("motto")
    file.chmod(0o644)
    file.write_text("0ne\n")
    result = own.run("promote", "staging", cwd=captured)
    assert (result.exit_code, "site/motto of release r1 is not as it was captured" in result.said) == (1, True)
