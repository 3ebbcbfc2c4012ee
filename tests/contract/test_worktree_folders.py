"""What ``WorktreeFolders`` promises, on a real disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from localenv.adapters.worktree_folders import DiskWorktrees
from localenv.core.names import EnvironmentId
from localenv.ports.engine import ExecResult, ToolSpec

PREVIEW = EnvironmentId(project="shop", name="feature-x")
OTHER = EnvironmentId(project="shop", name="feature-y")


@pytest.fixture
def tools() -> list[ToolSpec]:
    return []


@pytest.fixture
def folders(tmp_path: Path, tools: list[ToolSpec]) -> DiskWorktrees:
    def run(spec: ToolSpec) -> ExecResult | None:
        tools.append(spec)
        return None

    return DiskWorktrees(tmp_path / "worktrees", run)


def made(folders: DiskWorktrees, environment: EnvironmentId, commit: str) -> Path:
    place = Path(folders.path(environment, commit))
    place.mkdir(parents=True)
    (place / "file").write_text(commit)
    return place


def test_a_directory_belongs_to_the_environment_whose_folder_it_is_in(folders: DiskWorktrees, tmp_path: Path) -> None:
    place = made(folders, PREVIEW, "a" * 40)
    (place / "app").mkdir()
    (tmp_path / "link").symlink_to(place)
    assert folders.exists(str(place))
    assert {folders.owner(str(path)) for path in (place, place / "app", tmp_path / "link", place / "../other")} == {PREVIEW}
    assert folders.owner(str(tmp_path)) is None
    assert folders.owner(str(place.parent.parent)) is None


def test_what_leads_out_of_a_folder_still_belongs_to_it(folders: DiskWorktrees, tmp_path: Path) -> None:
    place = made(folders, PREVIEW, "a" * 40)
    (place / "app").symlink_to(tmp_path)
    assert folders.owner(str(place / "app")) == PREVIEW


def test_only_the_folder_of_one_commit_stays_and_others_keep_theirs(folders: DiskWorktrees) -> None:
    first, second, other = made(folders, PREVIEW, "a" * 40), made(folders, PREVIEW, "b" * 40), made(folders, OTHER, "a" * 40)
    folders.remove(PREVIEW, but="b" * 40)
    assert [path.exists() for path in (first, second, other)] == [False, True, True]
    folders.remove(PREVIEW)
    assert (second.parent.exists(), other.exists()) == (False, True)
    folders.remove(OTHER)
    assert not other.parent.parent.exists()
    folders.remove(OTHER)


def test_what_a_containers_root_wrote_is_removed_by_a_container(
    folders: DiskWorktrees, tools: list[ToolSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = made(folders, PREVIEW, "a" * 40)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    folders.remove(PREVIEW)
    (tool,) = tools
    assert tool.command == ("-rf", "--", f"/worktrees/{place.name}")
    assert tool.binds == (f"{place.parent}:/worktrees",)


def test_a_file_is_lent_where_nothing_is(folders: DiskWorktrees, tmp_path: Path) -> None:
    place = made(folders, PREVIEW, "a" * 40)
    (tmp_path / "real").write_text("SECRET=1\n")
    (tmp_path / ".env").symlink_to("real")
    assert folders.lend(str(tmp_path / ".env"), str(place / ".env"))
    assert (place / ".env").read_text() == "SECRET=1\n"
    assert not (place / ".env").is_symlink()
    assert not folders.lend(str(tmp_path / "real"), str(place / ".env"))
    assert not folders.lend(str(tmp_path / "nothing"), str(place / "new"))


def test_links_of_a_branch_lend_nothing_and_get_nothing(folders: DiskWorktrees, tmp_path: Path) -> None:
    place = made(folders, PREVIEW, "a" * 40)
    (tmp_path / "secret").write_text("of this machine")
    (place / ".env.example").symlink_to(tmp_path / "secret")
    (tmp_path / "outside").mkdir()
    (place / "app").symlink_to(tmp_path / "outside")
    (place / ".env").symlink_to(tmp_path / "outside" / "new")
    assert not folders.lend(str(place / ".env.example"), str(place / "copied"))
    assert not folders.lend(str(tmp_path / "secret"), str(place / "app" / ".env"))
    assert not folders.lend(str(tmp_path / "secret"), str(place / ".env"))
    assert list((tmp_path / "outside").iterdir()) == []


def test_an_environment_has_folders_until_they_are_removed(folders: DiskWorktrees) -> None:
    assert not folders.has_any(PREVIEW)
    made(folders, PREVIEW, "a" * 40)
    assert (folders.has_any(PREVIEW), folders.has_any(OTHER)) == (True, False)
    folders.remove(PREVIEW)
    assert not folders.has_any(PREVIEW)
