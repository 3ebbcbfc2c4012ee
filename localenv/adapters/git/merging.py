"""Merging without a working tree: branches into one commit, and whether a merge would change anything."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from localenv.adapters.git.running import Running, failure, words
from localenv.adapters.git.scratch import Bare
from localenv.core.argv import git as argv
from localenv.errors import LocalenvError, Unavailable
from localenv.errors.git import MergeConflict
from localenv.ports.git import Branch
from localenv.ports.process import Completed

__all__ = ["merge_branches", "merges_to_nothing"]

_CONFLICT: Final = 1
_NAME: Final = "localenv"


def merge_branches(run: Running, bare: Bare, base: Branch, branches: Sequence[Branch]) -> str:
    """See ``Git.merge``."""
    commit, before = base.commit, [base]
    for branch in branches:
        if _in(run, bare, argv.is_ancestor(branch.commit, commit)).exit_code == 0:
            before.append(branch)
            continue
        done = _in(run, bare, argv.merge_tree(commit, branch.commit))
        found = words(done.stdout)
        if done.exit_code == _CONFLICT and found:
            raise MergeConflict(branch.name, _conflicts(run, bare, found[1:], branch, before))
        if done.exit_code or not found:
            raise _not_merged(run, branch, done)
        commit = _committed(run, bare, found[0], (commit, branch.commit), f"Merge {branch.name}")
        before.append(branch)
    return commit


def merges_to_nothing(run: Running, bare: Bare, main: str, commit: str) -> bool:
    """Whether ``main`` has all changes of ``commit`` already, though not its history. One without changes never has.

    Also false where that cannot be known: in conflict, and before git 2.38.
    """
    base = _in(run, bare, argv.merge_base(main, commit))
    if base.exit_code:
        return False
    origin = os.fsdecode(base.stdout).strip()
    trees = os.fsdecode(_in(run, bare, argv.trees_of((origin, commit, main))).stdout).split()
    if not trees or trees[0] == trees[1]:
        return False
    done = _in(run, bare, argv.merge_tree(main, commit))
    return done.exit_code == 0 and words(done.stdout)[:1] == trees[2:]


def _conflicts(
    run: Running, bare: Bare, files: Sequence[str], branch: Branch, before: Sequence[Branch]
) -> dict[str, tuple[str, ...]]:
    """By file: those of ``before`` that changed it since ``branch`` parted from them, then ``branch``."""
    changed = {other.name: _changed_since(run, bare, other, branch) for other in before}
    return {file: (*(name for name, paths in changed.items() if file in paths), branch.name) for file in dict.fromkeys(files)}


def _changed_since(run: Running, bare: Bare, other: Branch, branch: Branch) -> frozenset[str]:
    base = _in(run, bare, argv.merge_base(other.commit, branch.commit))
    if base.exit_code:
        return frozenset()
    done = _in(run, bare, argv.changed_files(os.fsdecode(base.stdout).strip(), other.commit))
    return frozenset(words(done.stdout))


def _committed(run: Running, bare: Bare, tree: str, parents: tuple[str, str], message: str) -> str:
    """A merge commit that is the same whenever the same commits are merged: its time is the newest of theirs."""
    times = [int(os.fsdecode(_in(run, bare, argv.commit_time(parent)).stdout).strip() or 0) for parent in parents]
    moment = f"@{max(times)} +0000"
    identity = {
        f"GIT_{role}_{part}": text
        for role in ("AUTHOR", "COMMITTER")
        for part, text in (("NAME", _NAME), ("EMAIL", f"{_NAME}@localhost"), ("DATE", moment))
    }
    done = run(argv.commit_tree(tree, parents, message), directory=str(bare.path), variables={**bare.variables, **identity})
    if done.exit_code:
        raise failure("the merge cannot be kept", done, code="merge")
    return os.fsdecode(done.stdout).strip()


def _not_merged(run: Running, branch: Branch, done: Completed) -> LocalenvError:
    if b"usage: git merge-tree" in done.stderr:
        version = os.fsdecode(run(argv.version()).stdout).strip()
        return Unavailable(f"merging branches needs git 2.38 or newer; this is {version}", code="git-too-old")
    return failure(f"{branch.name} cannot be merged", done, code="merge")


def _in(run: Running, bare: Bare, words_of_command: tuple[str, ...]) -> Completed:
    return run(words_of_command, directory=str(bare.path), variables=bare.variables)
