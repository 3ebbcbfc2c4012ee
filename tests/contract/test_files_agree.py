"""One suite for both kinds of ``ProjectFiles``: what unit tests see in memory is what a disk does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localenv.adapters.project_files import DiskFiles
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.files import ProjectFiles
from tests.fakes.memory_files import MemoryFiles

CONTENT = {"a": "one", "sub/b": "two", "sub/deep/c": "three"}
LINKS = {"link": "sub/b", "up": "sub/..", "folder": "sub", "dangling": "nothing"}


@pytest.fixture(params=["memory", "disk"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> ProjectFiles:
    if request.param == "memory":
        return MemoryFiles(
            {f"{tmp_path}/{name}": text for name, text in CONTENT.items()},
            links={f"{tmp_path}/{name}": target for name, target in LINKS.items()},
            special={f"{tmp_path}/pipe": "fifo"},
        )
    for name, text in CONTENT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name, target in LINKS.items():
        (tmp_path / name).symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    return DiskFiles()


@pytest.mark.parametrize(
    ("name", "kind", "real"),
    [
        ("a", "file", "a"),
        ("sub", "directory", "sub"),
        ("link", "file", "sub/b"),
        ("folder/deep/c", "file", "sub/deep/c"),
        ("dangling", "missing", "nothing"),
        ("sub/none", "missing", "sub/none"),
        ("pipe", "fifo", "pipe"),
    ],
)
def test_facts(files: ProjectFiles, tmp_path: Path, name: str, kind: str, real: str) -> None:
    found = files.facts(str(tmp_path / name))
    assert (found.kind, found.real) == (kind, str(tmp_path / real))
    assert found.exists is (kind != "missing")


def test_reading(files: ProjectFiles, tmp_path: Path) -> None:
    assert files.read(str(tmp_path / "link"), limit=3) == b"two"
    for name, code in (("sub", "not-a-file"), ("pipe", "not-a-file"), ("none", "not-found"), ("dangling", "not-found")):
        with pytest.raises(LocalenvError) as caught:
            files.read(str(tmp_path / name), limit=10)
        assert caught.value.code_of_case == code
    with pytest.raises(InvalidInput) as past:
        files.read(str(tmp_path / "a"), limit=2)
    assert past.value.code_of_case == "file-too-large"


def test_entries(files: ProjectFiles, tmp_path: Path) -> None:
    assert files.entries(str(tmp_path)) == ("a", "dangling", "folder", "link", "pipe", "sub", "up")
    assert files.entries(str(tmp_path / "folder")) == ("b", "deep")
    assert files.entries(str(tmp_path / "none")) == ()


def test_digests(files: ProjectFiles, tmp_path: Path) -> None:
    whole = files.digest(str(tmp_path / "sub"))
    assert files.digest(str(tmp_path / "sub")) == whole
    assert files.digest(str(tmp_path / "sub"), ignore=lambda path: path == "deep") != whole
    assert files.digest(str(tmp_path / "sub" / "deep")) != whole
