"""What a branch's own localenv.yaml counts for in its preview."""

from __future__ import annotations

from pathlib import Path

import pytest

from localenv.actions.configuration import Loaded, LoadSettings
from localenv.adapters.project_files import DiskFiles
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.branch import shared_variables
from localenv.errors import InvalidInput, NotFound

LOAD = LoadSettings(DiskFiles(), load_document, shipped=str(shipped_root()))
OWN = "project: shop\ngrants:\n  - {service: web, key: init, why: ours}\ntiers: {preview: {data: {allowed: [synthetic]}}}\n"
BRANCH = """\
project: another
domain: example.test
expose: {web: {port: 8000, primary: true}}
grants:
  - {service: web, key: privileged, why: mine}
volumes: {outside: {external: share}}
tiers: {preview: {data: {allowed: [real]}, binds: live}, mine: {purpose: none}}
environments: {x: {tier: mine}}
secrets: {KEY: {length: 20}}
variables: {A: b}
"""


def both(tmp_path: Path, branch: str | None) -> tuple[Loaded, Path]:
    for name, text in (("own", OWN), ("branch", branch)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "compose.yaml").write_text("services: {}\n")
        if text is not None:
            (tmp_path / name / "localenv.yaml").write_text(text)
    return LOAD(str(tmp_path / "own")), tmp_path / "branch"


def test_it_shows_what_it_likes_under_the_rules_of_the_project(tmp_path: Path) -> None:
    own, folder = both(tmp_path, BRANCH)
    found = LOAD.in_worktree(str(folder), own, foreign=True)
    settings, trusted = found.settings, own.settings
    assert settings.expose["web"].port == 8000
    assert list(settings.secrets) == ["KEY"]
    for rule in ("project", "domain", "grants", "volumes", "tiers", "environments", "variables", "router"):
        assert getattr(settings, rule) == getattr(trusted, rule), rule
    assert (found.origin, found.foreign) == (own.directory, True)
    assert [note.code for note in found.notes] == ["branch-rules"]
    assert "grants" in found.notes[0].message
    assert found.where(("tiers", "preview", "data", "allowed")).startswith("localenv.yaml:4")


def test_without_localenv_yaml_it_is_not_looked_for_further_up(tmp_path: Path) -> None:
    (tmp_path / "localenv.yaml").write_text("project: above\ngrants: []\n")
    own, folder = both(tmp_path, None)
    assert LOAD.in_worktree(str(folder), own, foreign=True).directory == str(folder)
    (folder / "compose.yaml").unlink()
    with pytest.raises(NotFound):
        LOAD.in_worktree(str(folder), own, foreign=True)


def test_its_folder_is_no_link(tmp_path: Path) -> None:
    own, folder = both(tmp_path, None)
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(InvalidInput) as told:
        LOAD.in_worktree(str(tmp_path / "link"), own, foreign=True)
    assert told.value.code_of_case == "outside-project"


def test_the_shell_keeps_its_secrets() -> None:
    shell = {"PATH": "/bin", "HOME": "/root", "CI_JOB_TOKEN": "x", "AWS_SECRET_ACCESS_KEY": "x", "DOCKER_HOST": "unix:///s"}
    assert shared_variables(shell) == {"PATH": "/bin", "HOME": "/root", "DOCKER_HOST": "unix:///s"}
