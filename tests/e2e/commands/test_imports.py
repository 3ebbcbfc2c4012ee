"""What the commands that are typed most must not load: it was what most of their time went to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

NOT_WITHOUT_NEED = {
    "asyncio",
    "cryptography",
    "difflib",
    "docker",
    "jinja2",
    "requests",
    "urllib3",
    "localenv.actions.generate_rows",
    "localenv.actions.load_data",
    "localenv.adapters.compose_failures",
    "localenv.adapters.source_archive",
}
NOT_TO_LIST = NOT_WITHOUT_NEED | {
    *("filelock", "gzip", "platformdirs", "subprocess", "tarfile", "localenv.core.plan", "localenv.core.rewrite"),
}
"""``up`` reads the records of volumes, which come as an archive."""
NOT_TO_HELP = NOT_TO_LIST | {"msgspec", "yaml", "http.client", "sqlite3", "ssl", "rich", "localenv.wiring"}


def loaded(own: Installation, *arguments: str, cwd: Path) -> set[str]:
    """Names of the modules that a command imported (``python -X importtime``)."""
    told = own.must(*arguments, cwd=cwd, PYTHONPROFILEIMPORTTIME="1").stderr.splitlines()
    return {line.rpartition("|")[2].strip() for line in told if line.startswith("import time:")}


def test_help_loads_click_and_little_else(own: Installation, tmp_path: Path) -> None:
    modules = loaded(own, "--help", cwd=tmp_path)
    assert "click" in modules
    assert not modules & NOT_TO_HELP


def test_listing_loads_nothing_that_only_changes_things(own: Installation, tmp_path: Path) -> None:
    modules = loaded(own, "ls", "--all", cwd=tmp_path)
    assert "localenv.adapters.docker_engine" in modules
    assert not modules & NOT_TO_LIST


def test_up_with_nothing_to_do_loads_nothing_that_only_makes_things(own: Installation, site: Path) -> None:
    own.must("up", "staging", cwd=site)
    modules = loaded(own, "up", "staging", cwd=site)
    assert "localenv.core.plan" in modules
    assert not modules & NOT_WITHOUT_NEED
