"""Data files on a real disk: unpacked while they stream, damage told."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
import zstandard

from localenv.adapters.fixture_files import FixtureFiles
from localenv.errors import InvalidInput

LINES = b"".join(b"line %d\n" % number for number in range(50_000))


def read(path: Path) -> bytes:
    with FixtureFiles().open(str(path)) as stream:
        return stream.read()


def names(path: Path) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(FixtureFiles().archive(str(path))))) as tar:
        return [member.name for member in tar]


def packed(kind: str, content: bytes) -> bytes:
    return {"sql": lambda: content, "gz": lambda: gzip.compress(content), "zst": lambda: zstandard.compress(content)}[kind]()


@pytest.mark.parametrize("kind", ["sql", "gz", "zst"])
def test_a_file_streams_as_it_is_to_be_loaded(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(packed(kind, LINES))
    assert read(path) == LINES


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_all_parts_of_a_file_that_was_packed_in_parts_are_read(tmp_path: Path, kind: str) -> None:
    """Only the first frame was, and the rest of the data was silently missing."""
    path = tmp_path / f"a.{kind}"
    path.write_bytes(packed(kind, LINES) + packed(kind, b"the end\n"))
    assert read(path) == LINES + b"the end\n"


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_file_that_is_cut_is_never_taken_for_whole(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(packed(kind, os.urandom(300_000))[:-1000])
    with pytest.raises(InvalidInput) as raised:
        read(path)
    assert (raised.value.code_of_case, raised.value.where) == ("data-file", str(path))


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("place", [1, 5])
def test_a_damaged_file_is_told_and_is_no_bug(tmp_path: Path, kind: str, place: int) -> None:
    content = bytearray(packed(kind, os.urandom(100_000)))
    content[place : place + 60] = b"\xff" * 60
    path = tmp_path / f"a.{kind}"
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        read(path)


def test_progress_counts_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(os.urandom(500_000)))
    seen: list[int] = []
    with FixtureFiles().open(str(path), on_read=seen.append) as stream:
        stream.read()
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size == FixtureFiles().size(str(path))


def test_a_folder_goes_without_its_links_and_devices(tmp_path: Path) -> None:
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "sub" / "a.txt").write_text("a")
    (tmp_path / "d" / "out").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "d" / "pipe")
    assert names(tmp_path / "d") == ["sub", "sub/a.txt"]
    assert FixtureFiles().size(str(tmp_path / "d")) == 1


def test_a_link_that_was_named_itself_is_followed_under_its_own_name(tmp_path: Path) -> None:
    """It was left out, and the volume stayed empty without a word."""
    (tmp_path / "real.txt").write_text("a")
    (tmp_path / "named.txt").symlink_to("real.txt")
    assert names(tmp_path / "named.txt") == ["named.txt"]
