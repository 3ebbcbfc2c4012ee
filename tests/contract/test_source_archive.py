"""A captured folder is what a bind mount would have shown."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from localenv.adapters.source_archive import source_archive
from localenv.errors import InvalidInput


def unpacked(path: Path, *exclude: str) -> dict[str, tarfile.TarInfo]:
    archive = io.BytesIO(b"".join(source_archive(str(path), exclude)))
    with tarfile.open(fileobj=archive) as tar:
        return {member.name: member for member in tar}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("src", ".git", "docker/pgdata", "src/pgdata"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("src/app.py", ".git/index", "docker/pgdata/PG_VERSION", "src/pgdata/kept"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("src/app.py")
    (tmp_path / "outside").symlink_to("/etc")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "src/app.py").chmod(0o750)
    return tmp_path


def test_files_folders_and_links_are_there_and_links_are_not_followed(project: Path) -> None:
    found = unpacked(project)
    assert (found["link"].issym(), found["link"].linkname) == (True, "src/app.py")
    assert (found["outside"].issym(), found["outside"].linkname) == (True, "/etc")
    assert (found["src"].isdir(), found["src/app.py"].mode) == (True, 0o750)
    assert "fifo" not in found
    assert not any(name.startswith("outside/") for name in found)


def test_what_is_left_out_is_left_out_with_all_below_and_nothing_else(project: Path) -> None:
    assert set(unpacked(project)) - set(unpacked(project, ".git", "docker/pgdata")) == {
        ".git",
        ".git/index",
        "docker/pgdata",
        "docker/pgdata/PG_VERSION",
    }


def test_a_single_file_is_an_archive_of_it(project: Path) -> None:
    assert set(unpacked(project / "src" / "app.py")) == {"app.py"}


def test_files_that_share_their_content_on_this_disk_are_a_file_each(project: Path) -> None:
    (project / "src" / "twin.py").hardlink_to(project / "src" / "app.py")
    found = unpacked(project)
    size = (project / "src" / "app.py").stat().st_size
    assert [(found[name].isreg(), found[name].size) for name in ("src/app.py", "src/twin.py")] == [(True, size)] * 2


def test_the_same_folder_gives_the_same_bytes(project: Path) -> None:
    assert b"".join(source_archive(str(project))) == b"".join(source_archive(str(project)))


def test_what_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere cannot be read"):
        list(source_archive(str(tmp_path / "nowhere")))
