"""What ``ProjectFiles`` promises, held against a real disk."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from localenv.adapters.project_files import DiskFiles
from localenv.errors import InvalidInput, NotFound


@pytest.fixture
def files(tmp_path: Path) -> DiskFiles:
    return DiskFiles(str(tmp_path / "memory"))


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "file").write_text("content")
    (folder / "folder").mkdir()
    (folder / "folder" / "inner").write_text("more")
    (folder / "out").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nothing")
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(folder)
        listener.bind("socket")
        os.chdir(before)
        yield folder


def settle(folder: Path) -> None:
    """Make every file's times old enough to be trusted, as far as a test can: the change time cannot be set."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, ns=(10**18, 10**18))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("file", "file"),
        ("folder", "directory"),
        ("fifo", "fifo"),
        ("socket", "socket"),
        ("out", "file"),
        ("loop", "unreadable"),
        ("dangling", "missing"),
        ("nothing", "missing"),
        ("file/below", "missing"),
    ],
)
def test_a_path_is_known_without_being_opened(files: DiskFiles, root: Path, name: str, kind: str) -> None:
    assert files.facts(str(root / name)).kind == kind


def test_links_are_followed_to_the_end(files: DiskFiles, root: Path) -> None:
    assert files.facts(str(root / "out")).real == os.path.realpath("/etc/passwd")
    (root / "up").symlink_to("..")
    assert files.facts(str(root / "up" / "project" / "file")).real == str(root / "file")
    assert files.facts("/dev/null").kind == "device"


def test_only_regular_files_are_read(files: DiskFiles, root: Path) -> None:
    assert files.read(str(root / "file"), limit=7) == b"content"
    for name, code in (
        ("fifo", "not-a-file"),
        ("folder", "not-a-file"),
        ("socket", "file-unreadable"),
        ("loop", "file-unreadable"),
    ):
        with pytest.raises(InvalidInput) as caught:
            files.read(str(root / name), limit=100)
        assert caught.value.code_of_case == code
    with pytest.raises(NotFound):
        files.read(str(root / "nothing"), limit=100)


def test_a_file_past_the_limit_is_refused(files: DiskFiles, root: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        files.read(str(root / "file"), limit=6)
    assert caught.value.code_of_case == "file-too-large"
    with pytest.raises(InvalidInput):
        files.read("/dev/zero", limit=100)


def test_entries_are_sorted_and_bounded(files: DiskFiles, root: Path) -> None:
    assert files.entries(str(root / "folder")) == ("inner",)
    assert files.entries(str(root / "nothing")) == ()
    assert list(files.entries(str(root))) == sorted(files.entries(str(root)))
    with pytest.raises(InvalidInput):
        files.entries(str(root), limit=2)


def test_the_digest_follows_content_names_and_modes(files: DiskFiles, root: Path) -> None:
    seen = [files.digest(str(root))]

    def changed() -> bool:
        seen.append(files.digest(str(root)))
        return seen[-1] != seen[-2]

    assert not changed()
    (root / "folder" / "inner").write_text("MORE")
    assert changed()
    (root / "folder" / "inner").chmod(0o755)
    assert changed()
    (root / "folder" / "inner").rename(root / "folder" / "renamed")
    assert changed()
    (root / "empty").mkdir()
    assert changed()
    (root / "dangling").unlink()
    (root / "dangling").symlink_to("elsewhere")
    assert changed()
    os.utime(root / "file")
    assert not changed()


def test_a_digest_does_not_depend_on_where_the_tree_stands(files: DiskFiles, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "a").mkdir(parents=True)
        (tmp_path / name / "a" / "b").write_text("x")
    assert files.digest(str(tmp_path / "one")) == files.digest(str(tmp_path / "two"))
    assert files.digest(str(tmp_path / "nothing")) != files.digest(str(tmp_path / "one"))


def test_a_single_file_has_a_digest(files: DiskFiles, root: Path) -> None:
    first = files.digest(str(root / "file"))
    (root / "file").write_text("other")
    assert files.digest(str(root / "file")) != first


def test_what_is_ignored_does_not_count(files: DiskFiles, root: Path) -> None:
    first = files.digest(str(root), ignore=lambda path: path == "folder")
    (root / "folder" / "inner").write_text("changed")
    assert files.digest(str(root), ignore=lambda path: path == "folder") == first


def test_a_file_that_has_just_been_written_is_never_trusted_by_its_times(files: DiskFiles, root: Path) -> None:
    """Two writes of one length within the clock's grain looked like one file."""
    settle(root)
    first = files.digest(str(root / "folder"))
    stamp = (root / "folder" / "inner").stat()
    (root / "folder" / "inner").write_text("MORE")
    os.utime(root / "folder" / "inner", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert files.digest(str(root / "folder")) != first


def test_a_broken_memory_is_ignored(root: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    files = DiskFiles(str(memory))
    first = files.digest("/usr/lib/os-release")
    for text in ("{", "[]", '{"": [1]}', '{"": "x"}'):
        for path in memory.glob("*.json"):
            path.write_text(text)
        assert files.digest("/usr/lib/os-release") == first
    assert list(memory.glob("*.json"))


def test_a_tree_past_the_bounds_is_refused(root: Path) -> None:
    for files in (DiskFiles(tree_files=3), DiskFiles(tree_bytes=3)):
        with pytest.raises(InvalidInput) as caught:
            files.digest(str(root))
        assert caught.value.code_of_case == "tree-too-large"
