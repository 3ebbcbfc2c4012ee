"""Releases on a real disk: whole or not there, equal content once, nothing left of what failed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock, Thread

import pytest

from localenv.adapters.release_store import DiskReleases
from localenv.core.releases.model import CapturedFile, Release
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.releases import Source


@pytest.fixture
def store(tmp_path: Path) -> DiskReleases:
    lock = Lock()

    @contextlib.contextmanager
    def hold() -> Iterator[None]:
        with lock:
            yield

    return DiskReleases(tmp_path / "home", hold)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "site" / "deep").mkdir(parents=True)
    (root / "compose.yaml").write_text("services: {}\n")
    (root / "site" / "page").write_text("hello\n")
    (root / "site" / "deep" / "run").write_text("#!/bin/sh\n")
    (root / "site" / "deep" / "run").chmod(0o755)
    (root / "site" / "link").symlink_to("page")
    (root / "site" / "data").mkdir()
    (root / "site" / "data" / "rows").write_text("never captured\n")
    return root


def sources(project: Path) -> list[Source]:
    return [Source(path=str(project / "compose.yaml")), Source(path=str(project / "site"), exclude=("data",))]


def make(name: str, files: tuple[CapturedFile, ...]) -> Release:
    return Release(name=name, project="shop", created="t", by="ann", images=(), files=files)


def create(store: DiskReleases, project: Path) -> Release:
    made = store.create("shop", str(project), sources(project), make)
    assert made is not None
    return made


def test_files_stand_in_the_tree_as_they_were(store: DiskReleases, project: Path) -> None:
    release = create(store, project)
    tree = Path(store.tree("shop", "r1"))
    (project / "site" / "page").write_text("changed\n")
    assert (tree / "site" / "page").read_text() == "hello\n"
    assert os.readlink(tree / "site" / "link") == "page"  # noqa: PTH115 - the text of the link
    assert (tree / "site" / "deep" / "run").stat().st_mode & 0o777 == 0o755
    assert not (tree / "site" / "data").exists()
    assert [(file.path, file.kind) for file in release.files] == [
        ("compose.yaml", "file"),
        ("site/deep/run", "program"),
        ("site/link", "link"),
        ("site/page", "file"),
    ]
    assert store.changed_file(release) is None
    assert store.release("shop", "r1") == release
    assert store.projects() == ["shop"]


def test_equal_content_is_kept_once_and_goes_with_the_last_release_that_has_it(
    store: DiskReleases, project: Path, tmp_path: Path
) -> None:
    first = create(store, project)
    (project / "site" / "page").write_text("other\n")
    second = create(store, project)
    objects = tmp_path / "home" / "releases" / "_objects"
    assert len(list(objects.iterdir())) == 4
    store.remove(first)
    assert len(list(objects.iterdir())) == 3
    assert store.changed_file(second) is None
    store.remove(second)
    assert list(objects.iterdir()) == []
    assert not store.has_any("shop")
    assert create(store, project).name == "r3", "a number is never given twice"


def test_a_changed_or_missing_file_is_found(store: DiskReleases, project: Path) -> None:
    release = create(store, project)
    tree = Path(store.tree("shop", "r1"))
    (tree / "site" / "page").write_text("jello\n")
    assert store.changed_file(release) == "site/page"
    (tree / "compose.yaml").unlink()
    assert store.changed_file(release) == "compose.yaml"


def test_nothing_is_left_of_what_was_not_made(store: DiskReleases, project: Path, tmp_path: Path) -> None:
    assert store.create("shop", str(project), sources(project), lambda _name, _files: None) is None

    def fail(name: str, files: tuple[CapturedFile, ...]) -> Release:
        raise InvalidInput("no")

    def gone(name: str, files: tuple[CapturedFile, ...]) -> Release:
        raise FileNotFoundError(2, "No such file or directory", str(project))

    with pytest.raises(InvalidInput):
        store.create("shop", str(project), sources(project), fail)
    with pytest.raises(LocalenvError, match="outside the project"):
        store.create("shop", str(project), [Source(path=str(tmp_path / "home"))], make)
    with pytest.raises(LocalenvError, match="cannot be captured"):
        store.create("shop", str(project), sources(project), gone)
    home = tmp_path / "home" / "releases"
    assert [list((home / name).iterdir()) for name in ("_incoming", "_objects")] == [[], []]
    assert not store.has_any("shop")


def test_a_file_whose_name_is_no_text_is_told_and_nothing_is_left(store: DiskReleases, project: Path, tmp_path: Path) -> None:
    (project / "site" / os.fsdecode(b"caf\xe9")).write_text("x")
    with pytest.raises(InvalidInput, match=r"'site/caf\\udce9' is not UTF-8"):
        create(store, project)
    home = tmp_path / "home" / "releases"
    assert [list((home / name).iterdir()) for name in ("_incoming", "_objects")] == [[], []]


def test_what_a_killed_command_left_goes_with_the_next_one(store: DiskReleases, project: Path, tmp_path: Path) -> None:
    left = tmp_path / "home" / "releases" / "_incoming" / "half"
    left.mkdir(parents=True)
    (tmp_path / "home" / "releases" / "_objects").mkdir()
    (tmp_path / "home" / "releases" / "_objects" / "unused").write_text("x")
    create(store, project)
    assert not left.exists()
    assert not (tmp_path / "home" / "releases" / "_objects" / "unused").exists()


def test_several_at_once_get_a_name_each(store: DiskReleases, project: Path) -> None:
    workers = [Thread(target=create, args=(store, project)) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [release.name for release in store.releases("shop")] == [f"r{number}" for number in range(8, 0, -1)]


def test_a_damaged_manifest_is_told_by_its_place(store: DiskReleases, project: Path, tmp_path: Path) -> None:
    create(store, project)
    manifest = tmp_path / "home" / "releases" / "shop" / "r1" / "release.json"
    manifest.write_bytes(manifest.read_bytes()[:40])
    second = create(store, project)
    with pytest.raises(InvalidInput) as raised:
        store.release("shop", "r1")
    assert raised.value.where == str(manifest)
    assert store.releases("shop") == [second], "one that is damaged does not hide the others"
    assert "damaged" in store.damaged("shop")["r1"]


def test_content_that_was_changed_on_the_disk_goes_into_no_new_release(store: DiskReleases, project: Path) -> None:
    first = create(store, project)
    page = Path(store.tree("shop", first.name)) / "site" / "page"
    page.chmod(0o644)
    page.write_text("another\n")
    second = create(store, project)
    assert store.changed_file(first) == "site/page"
    assert store.changed_file(second) is None
    assert (Path(store.tree("shop", second.name)) / "site" / "page").read_text() == "hello\n"
