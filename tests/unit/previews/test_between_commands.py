"""Previews that another command changes meanwhile, and what is no reason to remove any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localenv.actions.branches import ProjectBranches
from localenv.actions.previews import Previews
from localenv.actions.remove_previews import RemovePreviews
from localenv.core.names import EnvironmentId
from localenv.core.previews import PreviewStep
from localenv.errors import LocalenvError, NotFound
from localenv.ports.git import Branch
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_ledger import MemoryLedger, MemoryLocks

FOUND = EnvironmentId(project="shop", name="feature")
RECORD = EnvironmentRecord(id=FOUND, tier="preview", directory="/tree", origin="/shop", kind="preview", branch="feature")


class World:
    """A repository, a clock and an engine, as far as these tests ask."""

    def __init__(self) -> None:
        self.remote: list[Branch] = []

    def repository(self, _directory: str) -> str:
        return "repository"

    def branches(self, _repository: str, *, remote: bool = False) -> list[Branch]:
        return self.remote if remote else []

    def default_branch(self, _repository: str) -> Branch:
        return Branch(name="main", reference="refs/heads/main", commit="c0")

    def merged(self, *_asked: object) -> frozenset[str]:
        return frozenset()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


def previews(ledger: MemoryLedger) -> Previews:
    world: Any = World()
    return Previews(
        project=lambda _directory: world,
        git=world,
        bring=world,
        remove=world,
        environments=world,
        ledger=ledger,
        locks=MemoryLocks(),
        clock=world,
    )


def test_a_preview_lives_longer_from_now() -> None:
    ledger = MemoryLedger(RECORD)
    assert previews(ledger).extend(RECORD, timedelta(hours=1)) == "2026-01-01T01:00:00Z"
    assert ledger.saved[FOUND].expires == "2026-01-01T01:00:00Z"


def test_a_preview_that_was_removed_meanwhile_is_not_remembered_again() -> None:
    ledger = MemoryLedger()
    with pytest.raises(NotFound, match="removed meanwhile"):
        previews(ledger).extend(RECORD, timedelta(hours=1))
    assert ledger.records() == []


def test_one_that_cannot_be_looked_up_any_more_stops_no_other() -> None:
    gone = NotFound("there is no environment feature", code="no-environment")

    def rules(_environment: EnvironmentId) -> Any:
        raise gone

    world: Any = World()
    removing = RemovePreviews(lifecycle=world, ledger=MemoryLedger(), clock=world, rules=rules, audit=lambda *_told: None)
    step = PreviewStep(action="remove", name="feature", branch="feature", cause="its branch is gone")
    assert removing("shop", step).error is gone


def test_an_origin_that_was_never_fetched_is_no_set_of_branches() -> None:
    world: Any = World()
    with pytest.raises(LocalenvError) as raised:
        ProjectBranches(world, "/shop").every(remote=True)
    assert raised.value.code_of_case == "no-branches"
    assert ProjectBranches(world, "/shop").every(remote=False).wanted == ()
    world.remote = [Branch(name="origin/main", reference="refs/remotes/origin/main", commit="c0")]
    assert ProjectBranches(world, "/shop").every(remote=True).wanted == ()
