"""What the commands that are typed most must not load: it was what most of their time went to."""

from __future__ import annotations

import subprocess
import sys
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
    "localenv.actions.branches",
    "localenv.actions.executor.executor",
    "localenv.actions.generate_rows",
    "localenv.actions.load_data",
    "localenv.actions.scan_project",
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


DEFINED_LATE = """
import sys
import msgspec
from localenv.actions import side_by_side
from localenv.cli.main import cli

def defined():
    known = [each for name, module in list(sys.modules.items()) if name.startswith("localenv.") for each in vars(module).values()]
    return {each for each in known if isinstance(each, type) and issubclass(each, msgspec.Struct)}

work, before = side_by_side.side_by_side, []
side_by_side.side_by_side = lambda *given: (before.append(defined()), work(*given))[1]
try:
    cli.main(sys.argv[1:])
finally:
    print("late:", sorted(f"{each.__module__}.{each.__name__}" for each in defined() - before[0]))
"""


def test_what_msgspec_decodes_is_defined_before_environments_are_side_by_side(own: Installation, tmp_path: Path) -> None:
    """Defining such a class while another thread decodes one ended the process now and then."""
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx:1.27, volumes: [kept:/kept]}}\nvolumes: {kept: {}}\n")
    done = subprocess.run(
        [sys.executable, "-c", DEFINED_LATE, "up", "one", "two", "--tier", "development", "--data", "small", "--dry-run"],
        cwd=tmp_path,
        env=own.environment | {"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["late: []"], done.stdout + done.stderr
