"""What a project's repository says. Implements ``ports.git.Git``."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from localenv.adapters.git.checkouts import Checkouts
from localenv.adapters.git.merging import merge_branches, merges_to_nothing
from localenv.adapters.git.running import Running, failure, words
from localenv.adapters.git.scratch import Scratch
from localenv.core.argv import git as argv
from localenv.errors import LocalenvError, NotFound
from localenv.ports.git import Branch, Checkout, DefaultBranch, Head, Repository
from localenv.ports.process import Processes

__all__ = ["GitRepositories"]

_LOCAL: Final = "refs/heads/"
_REMOTE: Final = "refs/remotes/"
_ORIGIN: Final = "refs/remotes/origin/"
_TAG: Final = "refs/tags/"
_OBJECT: Final = re.compile(r"[0-9a-f]{4,64}")
_NO_NAME: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|^$")
"""What git refuses in a reference (git-check-ref-format), and takes for an expression elsewhere."""


class GitRepositories:
    """``memory`` is a folder for what can be made again: a bare repository beside each one that is read."""

    def __init__(self, processes: Processes, memory: Path) -> None:
        self._run = Running(processes)
        self._scratch = Scratch(self._run, memory)
        self._checkouts = Checkouts(self._run)

    def repository(self, directory: str) -> Repository:
        """See ``Git.repository``."""
        place = os.path.realpath(directory)
        top = self._run(argv.top_level(), directory=place)
        common = self._run(argv.common_directory(), directory=place)
        if top.exit_code or common.exit_code:
            raise _no_repository(place, top.stderr.decode("utf-8", "replace"))
        found = os.path.realpath(_line(top.stdout))
        inside = os.path.relpath(place, found)
        return Repository(
            top=found, common=os.path.realpath(Path(place) / _line(common.stdout)), inside="" if inside == "." else inside
        )

    def head(self, repository: Repository) -> Head:
        """See ``Git.head``."""
        commit = self._peeled(repository, "HEAD")
        if commit is None:
            raise _no_commit(repository)
        branch = self._run(argv.head_branch(), directory=repository.top)
        name = _line(branch.stdout)
        return Head(commit=commit, branch=name.removeprefix(_LOCAL) if branch.exit_code == 0 else None)

    def changes(self, repository: Repository) -> tuple[str, ...]:
        """See ``Git.changes``."""
        done = self._run(argv.changed_paths([repository.inside or "."]), directory=repository.top)
        if done.exit_code:
            raise failure(f"git cannot say what was changed in {repository.top}", done, code="git")
        return tuple(sorted(line[3:] for line in words(done.stdout)))

    def branches(self, repository: Repository, *, remote: bool = False) -> tuple[Branch, ...]:
        """See ``Git.branches``."""
        done = self._run(argv.branches(remote=remote), directory=repository.top)
        if done.exit_code:
            raise failure(f"git cannot list the branches of {repository.top}", done, code="git")
        found = []
        for line in os.fsdecode(done.stdout).split("\n"):
            commit, _, rest = line.partition(" ")
            reference, _, symbolic = rest.partition(" ")
            if reference and not symbolic:
                name = reference.removeprefix(_REMOTE if remote else _LOCAL)
                found.append(Branch(name=name, reference=reference, commit=commit))
        return tuple(sorted(found, key=lambda branch: branch.name))

    def find(self, repository: Repository, name: str) -> Branch | None:
        """See ``Git.find``."""
        for place in (_LOCAL, _REMOTE, _ORIGIN):
            commit = self._reference(repository, place + name)
            if commit is not None:
                return Branch(name=name, reference=place + name, commit=commit)
        return None

    def commit(self, repository: Repository, name: str) -> str:
        """See ``Git.commit``."""
        branch = self.find(repository, name)
        commit = branch.commit if branch else self._reference(repository, _TAG + name)
        if commit is None and _OBJECT.fullmatch(name):
            commit = self._peeled(repository, name)
        if commit is None:
            from difflib import get_close_matches

            names = [branch.name for branch in self.branches(repository)]
            near = get_close_matches(name, names, n=1)
            raise NotFound(
                f"{repository.top} has no branch, tag or commit {name!a}",
                hints=(f"did you mean {near[0]}?",) if near else ("git fetch", "git branch --all"),
                code="no-branch",
            )
        return commit

    def default_branch(self, repository: Repository) -> DefaultBranch:
        """See ``Git.default_branch``."""
        remote = self._run(argv.remote_head(), directory=repository.top)
        configured = self._run(argv.configured_default(), directory=repository.top)
        names = [_line(remote.stdout).removeprefix(_ORIGIN)] if remote.exit_code == 0 else []
        names += [_line(configured.stdout)] if configured.exit_code == 0 else []
        for name in (*names, "main", "master"):
            places = (self._reference(repository, place + name) for place in (_LOCAL, _ORIGIN))
            commits = tuple(dict.fromkeys(commit for commit in places if commit))
            if commits:
                return DefaultBranch(name=name, commits=commits)
        head = self.head(repository)
        return DefaultBranch(name=head.branch or head.commit, commits=(head.commit,))

    def merged(self, repository: Repository, branches: Sequence[Branch], into: DefaultBranch) -> frozenset[str]:
        """See ``Git.merged``."""
        found: set[str] = set()
        for main in into.commits if branches else ():
            done = self._run(argv.leading_to(main), directory=repository.top)
            if done.exit_code:
                raise failure(f"git cannot compare branches with {into.name}", done, code="git")
            within = frozenset(os.fsdecode(done.stdout).split("\n"))
            rest = [branch for branch in branches if branch.name not in found]
            found |= {branch.name for branch in rest if self._is_merged(repository, branch, into, main, within)}
        return frozenset(found)

    def checkout(self, repository: Repository, commit: str, folder: str) -> Checkout:
        """See ``Git.checkout``."""
        return self._checkouts(self._scratch.of(repository), commit, Path(folder))

    def merge(self, repository: Repository, base: Branch, branches: Sequence[Branch]) -> str:
        """See ``Git.merge``."""
        return merge_branches(self._run, self._scratch.of(repository), base, branches)

    def _is_merged(self, repository: Repository, branch: Branch, into: DefaultBranch, main: str, within: frozenset[str]) -> bool:
        """``within``: references whose whole history is in that of ``main``."""
        if branch.reference in within:
            line = self._run(argv.main_line(main, branch.commit), directory=repository.top)
            on_line = branch.commit in os.fsdecode(line.stdout).split()
            return not on_line or not self._just_begun(repository, branch, into)
        return merges_to_nothing(self._run, self._scratch.of(repository), main, branch.commit)

    def _just_begun(self, repository: Repository, branch: Branch, into: DefaultBranch) -> bool:
        """Whether nothing ever happened to a branch but that it was made of the main one here."""
        done = self._run(argv.reflog_subjects(branch.reference), directory=repository.top)
        said = os.fsdecode(done.stdout).split("\n")[:-1]
        origins = {f"branch: Created from {name}" for name in ("HEAD", into.name, _LOCAL + into.name)}
        return len(said) == 1 and said[0] in origins

    def _reference(self, repository: Repository, name: str) -> str | None:
        if _NO_NAME.search(name):
            return None
        done = self._run(argv.reference(name), directory=repository.top)
        return self._peeled(repository, _line(done.stdout)) if done.exit_code == 0 else None

    def _peeled(self, repository: Repository, name: str) -> str | None:
        done = self._run(argv.peel(name), directory=repository.top)
        return _line(done.stdout) if done.exit_code == 0 else None


def _line(output: bytes) -> str:
    return os.fsdecode(output).removesuffix("\n")


def _no_repository(place: str, said: str) -> LocalenvError:
    if "dubious ownership" in said:
        return LocalenvError(
            f"git does not read the repository around {place}: it belongs to another user",
            hints=(f"git config --global --add safe.directory {place}",),
            code="foreign-repository",
        )
    if "must be run in a work tree" in said:
        return NotFound(f"{place} is a repository without a working tree", hints=("git clone it first",), code="no-repository")
    return NotFound(
        f"{place} is in no git repository, and this needs branches and commits",
        hints=("git init && git add --all && git commit",),
        code="no-repository",
    )


def _no_commit(repository: Repository) -> NotFound:
    return NotFound(f"{repository.top} has no commit yet", hints=("git add --all && git commit",), code="no-commit")
