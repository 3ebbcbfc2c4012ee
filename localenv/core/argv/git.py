"""Argument lists of git. Nothing that a repository or a person configured is run: no hook, pager, monitor, diff or network.

Names of branches are full reference names or commits, so that none is taken for an option or an expression.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "blobs",
    "branches",
    "changed_files",
    "changed_paths",
    "commit_time",
    "commit_tree",
    "common_directory",
    "configured_default",
    "has_objects",
    "head_branch",
    "init",
    "is_ancestor",
    "leading_to",
    "main_line",
    "merge_base",
    "merge_tree",
    "object_format",
    "peel",
    "read_tree",
    "reference",
    "reflog_subjects",
    "remote_head",
    "top_level",
    "tree_entries",
    "trees_of",
    "version",
]

_PROGRAM = (
    "git",
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "advice.detachedHead=false",
)


def version() -> tuple[str, ...]:
    """``git version 2.39.5``."""
    return ("git", "--version")


def top_level() -> tuple[str, ...]:
    """Absolute path of the working tree around the current directory."""
    return (*_PROGRAM, "rev-parse", "--show-toplevel")


def common_directory() -> tuple[str, ...]:
    """Path of the repository that all working trees share, from the current directory where it is not absolute."""
    return (*_PROGRAM, "rev-parse", "--git-common-dir")


def object_format() -> tuple[str, ...]:
    """``sha1`` or ``sha256``; before git 2.28, which knows the first only, the option itself."""
    return (*_PROGRAM, "rev-parse", "--show-object-format")


def head_branch() -> tuple[str, ...]:
    """Full name of the branch that is checked out; exit 1 when none is."""
    return (*_PROGRAM, "symbolic-ref", "--quiet", "HEAD")


def remote_head() -> tuple[str, ...]:
    """Full name of what ``origin`` calls its main branch, as of the last fetch; exit 1 when it is not known."""
    return (*_PROGRAM, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")


def configured_default() -> tuple[str, ...]:
    """Name that new repositories' first branch gets; exit 1 when none is configured."""
    return (*_PROGRAM, "config", "--get", "init.defaultBranch")


def branches(*, remote: bool) -> tuple[str, ...]:
    """``commit reference symbolic`` of each branch, a line each: no reference has a blank or a control character."""
    place = "refs/remotes/" if remote else "refs/heads/"
    return (*_PROGRAM, "for-each-ref", "--format=%(objectname) %(refname) %(symref)", place)


def leading_to(commit: str) -> tuple[str, ...]:
    """Branches here and of other repositories whose whole history is in that of a commit, a line each."""
    return (*_PROGRAM, "for-each-ref", "--format=%(refname)", f"--merged={commit}", "refs/heads/", "refs/remotes/")


def reference(name: str) -> tuple[str, ...]:
    """Object of exactly this reference; exit 1 when there is none."""
    return (*_PROGRAM, "show-ref", "--verify", "--hash", "--", name)


def peel(name: str) -> tuple[str, ...]:
    """Commit that ``HEAD``, an object or the beginning of its name leads to; exit 1 when there is none."""
    return (*_PROGRAM, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")


def trees_of(commits: Sequence[str]) -> tuple[str, ...]:
    """Trees of commits (their whole names), a line each."""
    return (*_PROGRAM, "rev-parse", *(f"{commit}^{{tree}}" for commit in commits))


def changed_paths(paths: Sequence[str]) -> tuple[str, ...]:
    """What differs from the commit in the working tree and is not ignored, in git's format for programs."""
    return (
        *_PROGRAM,
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--untracked-files=normal",
        "--ignore-submodules=none",
        "--",
        *paths,
    )


def is_ancestor(commit: str, of: str) -> tuple[str, ...]:
    """Exit 0 when ``of`` has all of ``commit``'s history, 1 when not."""
    return (*_PROGRAM, "merge-base", "--is-ancestor", "--end-of-options", commit, of)


def main_line(commit: str, since: str) -> tuple[str, ...]:
    """Commits from ``since`` to ``commit``, going by first parents only, without ``since``."""
    return (*_PROGRAM, "rev-list", "--first-parent", "--end-of-options", commit, f"^{since}^@")


def merge_base(commit: str, other: str) -> tuple[str, ...]:
    """The commit that two histories part at; exit 1 when they share none."""
    return (*_PROGRAM, "merge-base", "--end-of-options", commit, other)


def reflog_subjects(name: str) -> tuple[str, ...]:
    """What happened to a reference, newest first, a line each; nothing where it is not recorded."""
    return (*_PROGRAM, "reflog", "show", "--format=%gs", "--end-of-options", name)


def init(directory: str, object_format: str) -> tuple[str, ...]:
    """Make an empty bare repository with nothing of the person's templates."""
    form = () if object_format == "sha1" else (f"--object-format={object_format}",)
    return ("git", "init", "--quiet", "--bare", "--template=", *form, "--", directory)


def has_objects() -> tuple[str, ...]:
    """Say of each object that is named on standard input which kind it is, or that it is missing."""
    return (*_PROGRAM, "cat-file", "--batch-check=%(objectname) %(objecttype)")


def blobs() -> tuple[str, ...]:
    """Content of each object that is named on standard input."""
    return (*_PROGRAM, "cat-file", "--batch")


def tree_entries(commit: str) -> tuple[str, ...]:
    """``mode kind object size<TAB>path`` of everything in a commit, ended by NUL."""
    return (*_PROGRAM, "ls-tree", "-r", "-l", "-z", "--full-tree", "--end-of-options", commit)


def read_tree(commit: str) -> tuple[str, ...]:
    """Write a commit's files into the working tree."""
    return (*_PROGRAM, "read-tree", "--reset", "-u", "--no-recurse-submodules", commit)


def merge_tree(commit: str, other: str) -> tuple[str, ...]:
    """Merge without a working tree (git 2.38): the tree, then the files in conflict, ended by NUL; exit 1 for conflicts."""
    return (*_PROGRAM, "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", "--end-of-options", commit, other)


def commit_time(commit: str) -> tuple[str, ...]:
    """Seconds since 1970."""
    return (*_PROGRAM, "show", "--no-patch", "--no-show-signature", "--format=%ct", "--end-of-options", commit)


def commit_tree(tree: str, parents: Sequence[str], message: str) -> tuple[str, ...]:
    """Make a commit of a tree; who and when come by variables."""
    return (*_PROGRAM, "commit-tree", *(word for parent in parents for word in ("-p", parent)), "-m", message, tree)


def changed_files(commit: str, other: str) -> tuple[str, ...]:
    """Paths that differ between two commits, ended by NUL."""
    return (
        *_PROGRAM,
        "diff-tree",
        "-r",
        "-z",
        "--name-only",
        "--no-ext-diff",
        "--no-textconv",
        "--end-of-options",
        commit,
        other,
    )
