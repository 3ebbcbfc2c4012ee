from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from localenv.actions.configuration import Loaded
from localenv.actions.merged_up import MergedUp
from localenv.actions.up_request import UpRequest
from localenv.core.configuration.effective import Effective
from localenv.core.configuration.settings import Settings
from localenv.core.names import EnvironmentId
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_ledger import MemoryLedger, MemoryLocks

HERE = EnvironmentId(project="shop", name="development")
RECORD = EnvironmentRecord(id=HERE, tier="development", directory="/shop")
LOADED = Loaded(directory="/shop", effective=Effective(settings=Settings(project="shop"), origins={}))


class LocksOfAnother(MemoryLocks):
    """Whoever held deployments until now has brought a merge up."""

    def __init__(self, ledger: MemoryLedger) -> None:
        super().__init__()
        self._ledger = ledger

    @contextmanager
    def deployments(self, environment: EnvironmentId) -> Iterator[None]:
        self._ledger.save(replace(RECORD, origin="/shop", directory="/worktrees/shop/development/abc"))
        with super().deployments(environment):
            yield


class World:
    """``up``, and the folders of commits."""

    def __init__(self, ledger: MemoryLedger, locks: MemoryLocks, *, worktree: bool) -> None:
        self.there = worktree
        self.discarded: list[EnvironmentId] = []
        me: Any = self
        self.up = MergedUp(
            project=lambda _directory: LOADED,
            enter=lambda *_told: None,
            git=lambda: me,
            worktrees=lambda: me,
            up=me,
            discard=me,
            ledger=ledger,
            locks=locks,
        )

    def __call__(self, _request: UpRequest) -> list[Any]:
        return []

    def has_worktree(self, _environment: EnvironmentId) -> bool:
        return self.there

    def worktree(self, environment: EnvironmentId) -> None:
        self.discarded.append(environment)


def test_an_up_from_the_working_tree_removes_the_files_of_a_merge() -> None:
    locks = MemoryLocks()
    world = World(MemoryLedger(RECORD), locks, worktree=True)
    world.up(UpRequest(directory="/shop", names=("development",)))
    assert (world.discarded, locks.taken) == ([HERE], ["development deployments"])


def test_where_no_merge_ever_ran_nothing_is_held() -> None:
    locks = MemoryLocks()
    world = World(MemoryLedger(RECORD), locks, worktree=False)
    world.up(UpRequest(directory="/shop", names=("development",)))
    assert (world.discarded, locks.taken) == ([], [])


def test_the_files_of_a_merge_that_came_meanwhile_stay() -> None:
    ledger = MemoryLedger(RECORD)
    world = World(ledger, LocksOfAnother(ledger), worktree=True)
    world.up(UpRequest(directory="/shop", names=("development",)))
    assert world.discarded == []
