"""The wheel alone is enough: no file of the checkout is needed to run it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from localenv.cli.edge import run; run()"


def files_below(root: Path, part: str) -> set[str]:
    """Its files by their paths, less what tools leave behind."""
    paths = [path.relative_to(root) for path in (root / part).rglob("*") if path.is_file()]
    return {str(path) for path in paths if not any(name.endswith(("_cache", "__pycache__")) for name in path.parts)}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as an installation would have it."""
    target = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        f"--wheel-dir={target}",
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = target.glob("localenv-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target / "site")
    return target / "site"


def test_the_wheel_holds_the_product_and_nothing_else(unpacked: Path) -> None:
    assert {path.name.partition("-")[0] for path in unpacked.iterdir()} == {"localenv"}


def test_profiles_recipes_and_the_demo_are_in_it(unpacked: Path) -> None:
    shipped = unpacked / "localenv" / "shipped"
    for part in ("profiles/tiers", "compose/images", "compose/isolation", "compose/shop"):
        in_checkout = files_below(ROOT, part)
        in_wheel = files_below(shipped, part)
        assert in_wheel == in_checkout


def test_it_shows_the_tiers_from_an_empty_directory(unpacked: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "LOCALENV_HOME": str(tmp_path / "home"), "NO_COLOR": "1", "COLUMNS": "200"}
    result = subprocess.run(
        [sys.executable, "-c", RUN, str(unpacked), "tiers"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert result.returncode == 0, result.stderr
    assert all(tier in result.stdout for tier in ("development", "preview", "staging", "uat", "production"))
