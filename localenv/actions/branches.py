"""Which branches of a project are to have a preview, and why others are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from localenv.core.previews import WantedBranch
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.git import Branch, DefaultBranch, Git, Repository
from localenv.values import dataclass

__all__ = ["Chosen", "ProjectBranches"]

_LOCAL = "refs/heads/"
_ORIGIN = "origin/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Branches that are wanted, and those that were named and cannot be had."""

    wanted: tuple[WantedBranch, ...]
    failed: Mapping[str, LocalenvError]


class ProjectBranches:
    """The branches of the repository around one directory, as they are now."""

    def __init__(self, git: Git, directory: str) -> None:
        self._git = git
        self._directory = directory
        self._looked_at: dict[str, bool] = {}

    @cached_property
    def repository(self) -> Repository:
        """Raises ``NotFound`` (code ``no-repository``)."""
        return self._git.repository(self._directory)

    @cached_property
    def default(self) -> DefaultBranch:
        """The one that others are merged into."""
        return self._git.default_branch(self.repository)

    @cached_property
    def _known(self) -> Mapping[str, Branch]:
        """By every name that ``Git.find`` knows them by, local ones first."""
        others = self._git.branches(self.repository, remote=True)
        plain = [found for branch in others if (found := _plain(branch)) is not None]
        return {branch.name: branch for branch in (*plain, *others, *self._git.branches(self.repository))}

    def every(self, *, remote: bool) -> Chosen:
        """All but the main one and those that are merged.

        Raises ``InvalidInput`` (code ``no-branches``) where ``origin`` has none: it was never fetched, or there is none.
        """
        found = [_plain(branch) for branch in self._git.branches(self.repository, remote=remote)]
        if remote and not any(found):
            raise InvalidInput(
                "no branch of origin is known here, and nothing is removed for that",
                hints=("git fetch", "localenv preview sync   (the local branches)"),
                code="no-branches",
            )
        return self._chosen([branch for branch in found if branch is not None and branch.name != self.default.name], {})

    def named(self, names: Iterable[str]) -> Chosen:
        """Those of these names that are there and not merged."""
        found: list[Branch] = []
        failed: dict[str, LocalenvError] = {}
        for name in dict.fromkeys(name.removeprefix(_LOCAL) for name in names):
            branch = self._known.get(name)
            if branch is None:
                failed[name] = InvalidInput(f"there is no branch {name!a}", hints=("git fetch",), code="no-branch")
            else:
                found.append(branch)
        return self._chosen(found, failed)

    def gone(self, names: Iterable[str]) -> dict[str, str]:
        """Why branches of these names need no preview; those that do are left out."""
        found = {name: self._known.get(name) for name in dict.fromkeys(names)}
        merged = self._merged([branch for branch in found.values() if branch is not None])
        causes = {name: "its branch is gone" for name, branch in found.items() if branch is None}
        return causes | {name: f"{self.default.name} has all of its branch" for name in found if name in merged}

    def _merged(self, branches: list[Branch]) -> frozenset[str]:
        """Names of those of them that the main branch has all changes of; each is asked about once."""
        new = [branch for branch in branches if branch.reference not in self._looked_at]
        names = self._git.merged(self.repository, new, self.default)
        self._looked_at |= {branch.reference: branch.name in names for branch in new}
        return frozenset(branch.name for branch in branches if self._looked_at[branch.reference])

    def _chosen(self, branches: list[Branch], failed: dict[str, LocalenvError]) -> Chosen:
        readable = [branch for branch in branches if _is_text(branch.name)]
        for branch in branches:
            if not _is_text(branch.name):
                text = f"the name of branch {branch.name.encode('utf-8', 'surrogateescape')!r} is not UTF-8"
                failed[ascii(branch.name)] = InvalidInput(text, hints=("git branch -m",), code="branch-name")
        merged = self._merged(readable)
        wanted = [branch for branch in readable if branch.name not in merged]
        found = (WantedBranch(branch=each.name, commit=each.commit, reference=each.reference) for each in wanted)
        return Chosen(wanted=tuple(found), failed=failed)


def _plain(branch: Branch) -> Branch | None:
    """A branch of ``origin`` by its name there; ``None`` for those of other repositories."""
    if branch.reference.startswith(_LOCAL):
        return branch
    if not branch.name.startswith(_ORIGIN):
        return None
    return Branch(name=branch.name.removeprefix(_ORIGIN), reference=branch.reference, commit=branch.commit)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
