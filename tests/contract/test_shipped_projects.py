"""Where the projects that ship stand: a checkout's own, a copy of an installed package's, a temporary one."""

from __future__ import annotations

from pathlib import Path

import pytest

from localenv.adapters import demo_files
from localenv.adapters.demo_files import demo_directory, remove_demo_copy
from localenv.adapters.isolation_files import isolation_project
from localenv.adapters.shipped import shipped_root


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with a shop in it, which must not be written to."""
    root = tmp_path / "site-packages" / "localenv" / "shipped"
    (root / "compose" / "shop" / "src").mkdir(parents=True)
    (root / "compose" / "shop" / "compose.yaml").write_text("services: {}\n")
    monkeypatch.setattr(demo_files, "shipped_root", lambda: root)
    return root


def test_a_checkout_is_used_as_it_is(tmp_path: Path) -> None:
    assert demo_directory(tmp_path) == shipped_root() / "compose" / "shop"
    assert list(tmp_path.iterdir()) == []


def test_an_installed_package_is_copied_and_a_persons_changes_stay(package: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    copy = demo_directory(home)
    assert copy == home / "demo" / "shop"
    (copy / "compose.yaml").write_text("services: {mine: {image: x}}\n")
    assert demo_directory(home) == copy
    assert "mine" in (copy / "compose.yaml").read_text()
    assert (package / "compose" / "shop" / "compose.yaml").read_text() == "services: {}\n"
    remove_demo_copy(home)
    assert not copy.exists()


def test_another_version_brings_its_own_files(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    demo_directory(home)
    (package / "compose" / "shop" / "compose.yaml").write_text("services: {newer: {image: x}}\n")
    monkeypatch.setattr(demo_files, "__version__", "99")
    assert "newer" in (demo_directory(home) / "compose.yaml").read_text()


def test_the_trial_of_isolation_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with isolation_project("isolation-1") as directory:
        assert "project: isolation-1" in (Path(directory) / "localenv.yaml").read_text()
        assert (Path(directory) / "programs" / "probe.py").is_file()
    assert list(tmp_path.iterdir()) == []
