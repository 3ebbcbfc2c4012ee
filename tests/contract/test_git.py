"""What ``Git`` promises, held against real repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localenv.adapters.git import GitRepositories
from localenv.adapters.subprocess_processes import SubprocessProcesses
from localenv.errors import NotFound, Unavailable
from localenv.errors.git import MergeConflict
from localenv.ports.git import Branch
from tests.support.repositories import Repo, repo

HOSTILE = ("-x", "--all", "a`id`", "$(touch${IFS}pwned)", "q'\"uote", "a;b", "feature/ADD_x", "HEAD-ish", "émile", "a&b|c")
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12345\n"


@pytest.fixture
def git(tmp_path: Path) -> GitRepositories:
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_DIR": "/nowhere"}
    return GitRepositories(SubprocessProcesses(variables), tmp_path / "memory")


@pytest.fixture
def project(tmp_path: Path) -> Repo:
    return repo(tmp_path / "project", {"app/compose.yaml": "services: {}\n", "readme": "one\ntwo\nthree\n"})


def test_a_project_may_be_a_folder_of_its_repository(git: GitRepositories, project: Repo) -> None:
    found = git.repository(str(project.path / "app"))
    assert (found.top, found.inside) == (str(project.path), "app")
    assert git.repository(str(project.path)).inside == ""


def test_a_repository_of_longer_names_is_read_too(git: GitRepositories, tmp_path: Path) -> None:
    long = Repo(tmp_path / "long")
    long.path.mkdir()
    long.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    commit = long.commit({"file": "content"})
    git.checkout(git.repository(str(long.path)), commit, str(tmp_path / "out"))
    assert len(commit) == 64
    assert (tmp_path / "out/file").read_text() == "content"


def test_a_part_of_the_history_is_enough_for_a_checkout(git: GitRepositories, project: Repo, tmp_path: Path) -> None:
    project.commit({"readme": "newer\n"})
    project.git("clone", "--quiet", "--depth=1", f"file://{project.path}", str(tmp_path / "shallow"))
    found = git.repository(str(tmp_path / "shallow"))
    git.checkout(found, git.head(found).commit, str(tmp_path / "out"))
    assert (tmp_path / "out/readme").read_text() == "newer\n"
    assert git.merged(found, git.branches(found, remote=True), git.default_branch(found))


def test_a_linked_working_tree_has_the_same_repository(git: GitRepositories, project: Repo, tmp_path: Path) -> None:
    project.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    linked = git.repository(str(tmp_path / "linked"))
    assert linked.common == git.repository(str(project.path)).common == str(project.path / ".git")


def test_a_folder_without_repository_is_told(git: GitRepositories, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as told:
        git.repository(str(tmp_path))
    assert told.value.code_of_case == "no-repository"


def test_git_may_not_be_installed(tmp_path: Path) -> None:
    git = GitRepositories(SubprocessProcesses({"PATH": str(tmp_path)}), tmp_path / "memory")
    with pytest.raises(Unavailable) as told:
        git.repository(str(tmp_path))
    assert told.value.code_of_case == "git-missing"


def test_head_is_a_branch_or_a_commit(git: GitRepositories, project: Repo) -> None:
    found = git.repository(str(project.path))
    commit = project.git("rev-parse", "HEAD")
    assert (git.head(found).branch, git.head(found).commit) == ("main", commit)
    project.git("checkout", "--quiet", "--detach")
    assert (git.head(found).branch, git.head(found).commit) == (None, commit)


def test_a_repository_without_commit_is_told(git: GitRepositories, tmp_path: Path) -> None:
    empty = Repo(tmp_path)
    empty.git("init", "--quiet")
    with pytest.raises(NotFound) as told:
        git.head(git.repository(str(tmp_path)))
    assert told.value.code_of_case == "no-commit"


def test_changes_are_tracked_ones_and_new_ones_of_the_project_that_are_not_ignored(git: GitRepositories, project: Repo) -> None:
    found = git.repository(str(project.path / "app"))
    assert git.changes(found) == ()
    (project.path / "readme").write_text("elsewhere")
    (project.path / "app/.gitignore").write_text("ignored\n")
    (project.path / "app/ignored").write_text("x")
    (project.path / "app/compose.yaml").write_text("services: {web: {}}\n")
    (project.path / "app/new\nfile").write_text("x")
    assert git.changes(found) == ("app/.gitignore", "app/compose.yaml", "app/new\nfile")


def test_hostile_names_are_names(git: GitRepositories, project: Repo) -> None:
    found = git.repository(str(project.path))
    commits = {name: project.branch(name) for name in HOSTILE}
    assert {branch.name: branch.commit for branch in git.branches(found) if branch.name != "main"} == commits
    assert {name: git.commit(found, name) for name in HOSTILE} == commits
    assert git.merged(found, git.branches(found), git.default_branch(found)) == frozenset({"main"})
    assert not (project.path / "pwned").exists()


@pytest.mark.parametrize(
    "name", ["", "main~1", "main^", "@{-1}", ":/Begin", "..", "main..main", "*", "no such", "--all", "HEAD@{0}"]
)
def test_an_expression_is_no_name(git: GitRepositories, project: Repo, name: str) -> None:
    with pytest.raises(NotFound) as told:
        git.commit(git.repository(str(project.path)), name)
    assert told.value.code_of_case == "no-branch"


def test_a_branch_goes_before_a_tag_and_a_commit_of_its_name(git: GitRepositories, project: Repo) -> None:
    found = git.repository(str(project.path))
    first = project.git("rev-parse", "HEAD")
    own = project.branch("v1")
    project.git("tag", "-a", "-m", "tag", "v1", first)
    project.git("tag", "-a", "-m", "tag", "v2", first)
    assert git.commit(found, "v1") == own
    assert git.commit(found, "v2") == first
    assert git.commit(found, first[:10]) == first


def test_branches_of_origin_are_found_as_of_the_last_fetch(git: GitRepositories, project: Repo, tmp_path: Path) -> None:
    project.branch("feature/x")
    project.git("clone", "--quiet", str(project.path), str(tmp_path / "copy"))
    found = git.repository(str(tmp_path / "copy"))
    assert [branch.name for branch in git.branches(found)] == ["main"]
    assert [branch.name for branch in git.branches(found, remote=True)] == ["origin/feature/x", "origin/main"]
    assert git.commit(found, "feature/x") == git.commit(found, "origin/feature/x") == project.git("rev-parse", "feature/x")
    assert git.default_branch(found).name == "main"


def test_the_default_branch_is_what_can_be_known(git: GitRepositories, project: Repo) -> None:
    found = git.repository(str(project.path))
    assert git.default_branch(found).name == "main"
    project.git("branch", "-m", "main", "trunk")
    assert git.default_branch(found).name == "trunk"
    project.git("branch", "develop")
    project.git("config", "init.defaultBranch", "develop")
    assert git.default_branch(found).name == "develop"


def test_what_main_has_all_of_is_merged(git: GitRepositories, project: Repo) -> None:
    found = git.repository(str(project.path))
    for name in ("by-merge", "by-squash", "by-rebase", "by-forward", "open", "no-change"):
        project.branch(name, {name: "new\n"})
    project.git("update-ref", "refs/heads/no-change", project.git("commit-tree", "-p", "main", "-m", "Run again", "main^{tree}"))
    project.git("merge", "--quiet", "--ff-only", "by-forward")
    project.git("merge", "--quiet", "--no-ff", "-m", "Merge", "by-merge")
    project.git("merge", "--quiet", "--squash", "by-squash")
    project.commit(message="Squash")
    project.git("cherry-pick", "by-rebase")
    project.git("branch", "just-begun")
    names = git.merged(found, git.branches(found), git.default_branch(found))
    assert names - {"main"} == {"by-merge", "by-squash", "by-rebase", "by-forward"}


def test_what_origin_merged_is_merged(git: GitRepositories, project: Repo, tmp_path: Path) -> None:
    project.branch("feature")
    project.git("clone", "--quiet", str(project.path), str(tmp_path / "copy"))
    copy = Repo(tmp_path / "copy")
    copy.git("branch", "feature", "origin/feature")
    found = git.repository(str(copy.path))
    assert "feature" not in git.merged(found, git.branches(found), git.default_branch(found))
    project.git("merge", "--quiet", "--no-ff", "-m", "Merge", "feature")
    copy.git("fetch", "--quiet")
    assert "feature" in git.merged(found, git.branches(found), git.default_branch(found))


def test_a_checkout_has_the_files_of_the_commit_and_no_repository(git: GitRepositories, project: Repo, tmp_path: Path) -> None:
    (project.path / "run").write_text("#!/bin/sh\n")
    (project.path / "run").chmod(0o755)
    (project.path / "link").symlink_to("/etc/passwd")
    commit = project.commit()
    (project.path / "readme").write_text("changed")
    told = git.checkout(git.repository(str(project.path)), commit, str(tmp_path / "out" / "tree"))
    tree = tmp_path / "out" / "tree"
    assert sorted(str(path.relative_to(tree)) for path in tree.rglob("*")) == ["app", "app/compose.yaml", "link", "readme", "run"]
    assert (tree / "readme").read_text() == "one\ntwo\nthree\n"
    assert (tree / "run").stat().st_mode & 0o111
    assert (tree / "link").readlink() == Path("/etc/passwd")
    assert (told.pointers, told.missing_submodules) == ((), ())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["tree"]
    assert project.git("status", "--porcelain") == " M readme"


def test_nothing_that_is_configured_runs(git: GitRepositories, project: Repo, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    program.chmod(0o755)
    hooks = project.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "post-merge"):
        (hooks / hook).write_text(program.read_text())
        (hooks / hook).chmod(0o755)
    project.commit({".gitattributes": "*.bin filter=evil merge=evil diff=evil\n", "a.bin": "one\n"})
    a = project.branch("a", {"a.bin": "two\n"})
    b = project.branch("b", {"a.bin": "three\n"})
    for key in ("filter.evil.smudge", "filter.evil.clean", "merge.evil.driver", "diff.evil.command", "core.fsmonitor"):
        project.git("config", key, str(program))
    ran.unlink(missing_ok=True)
    found = git.repository(str(project.path))
    git.checkout(found, a, str(tmp_path / "out"))
    with pytest.raises(MergeConflict):
        git.merge(
            found, Branch(name="a", reference="refs/heads/a", commit=a), [Branch(name="b", reference="refs/heads/b", commit=b)]
        )
    git.merged(found, git.branches(found), git.default_branch(found))
    assert not ran.exists()


def test_large_files_that_are_elsewhere_are_told(git: GitRepositories, project: Repo, tmp_path: Path) -> None:
    commit = project.commit({".gitattributes": "*.png filter=lfs\n", "a.png": POINTER, "b.png": "no pointer" * 20})
    told = git.checkout(git.repository(str(project.path)), commit, str(tmp_path / "out"))
    assert told.pointers == ("a.png",)
    assert (tmp_path / "out" / "a.png").read_text() == POINTER


def test_submodules_that_are_here_are_checked_out_and_others_told(git: GitRepositories, project: Repo, tmp_path: Path) -> None:
    library = repo(tmp_path / "library", {"lib.txt": "library\n"})
    for place in ("vendor/here", "vendor/gone"):
        project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--name", place, str(library.path), place)
    commit = project.commit()
    gone = library.commit({"lib.txt": "newer\n"})
    project.git("update-index", "--cacheinfo", f"160000,{gone},vendor/gone")
    project.git("commit", "--quiet", "-m", "Newer library")
    told = git.checkout(git.repository(str(project.path)), project.git("rev-parse", "HEAD"), str(tmp_path / "out"))
    assert told.missing_submodules == ("vendor/gone",)
    assert (tmp_path / "out" / "vendor/here/lib.txt").read_text() == "library\n"
    assert list((tmp_path / "out" / "vendor/gone").iterdir()) == []
    assert commit != gone


def test_branches_merge_into_the_same_commit_every_time_and_the_repository_sees_none_of_it(
    git: GitRepositories, project: Repo, tmp_path: Path
) -> None:
    found = git.repository(str(project.path))
    a = project.branch("a", {"readme": "ONE\ntwo\nthree\n"})
    b = project.branch("b", {"b": "b\n"})
    branches = [git.find(found, name) for name in ("a", "b")]
    base = git.find(found, "main")
    assert base is not None
    merged = git.merge(found, base, [branch for branch in branches if branch])
    assert merged not in {a, b, base.commit}
    assert merged == git.merge(found, base, [branch for branch in branches if branch])
    git.checkout(found, merged, str(tmp_path / "out"))
    assert (tmp_path / "out/readme").read_text() == "ONE\ntwo\nthree\n"
    assert (tmp_path / "out/b").read_text() == "b\n"
    with pytest.raises(AssertionError):
        project.git("cat-file", "-e", merged)


def test_conflicts_are_files_and_the_branches_that_changed_them(git: GitRepositories, project: Repo) -> None:
    found = git.repository(str(project.path))
    project.branch("a", {"readme": "ONE\ntwo\nthree\n", "other": "a\n"})
    project.branch("b", {"unrelated": "b\n"})
    project.branch("c", {"readme": "Uno\ntwo\nthree\n", "other": "c\n"})
    base, *branches = [git.find(found, name) for name in ("main", "a", "b", "c")]
    assert base is not None
    with pytest.raises(MergeConflict) as told:
        git.merge(found, base, [branch for branch in branches if branch])
    assert told.value.branch == "c"
    assert told.value.files == {"readme": ("a", "c"), "other": ("a", "c")}


def _branch(name: str, commit: str) -> Branch:
    return Branch(name=name, reference=f"refs/heads/{name}", commit=commit)
