from __future__ import annotations

from typing import Any

import pytest

from localenv.actions.configuration import Loaded
from localenv.actions.sources import Sources, Wish
from localenv.core.configuration.effective import Effective
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.releases.model import Release
from localenv.errors import LocalenvError
from tests.fakes.memory_ledger import MemoryLedger

TIERS = {
    "development": TierProfile(tier="development", purpose="", source="worktree"),
    "uat": TierProfile(tier="uat", purpose="", source="release", after="development"),
    "production": TierProfile(tier="production", purpose="", source="release", after="uat"),
}
LOADED = Loaded(directory="/shop", effective=Effective(settings=Settings(project="shop", tiers=TIERS), origins={}))


class Store:
    """One release."""

    def release(self, project: str, name: str) -> Release:
        return Release(name=name, project=project, created="t", by="ann", images=())

    def has_any(self, _project: str) -> bool:
        return True

    def tree(self, _project: str, _name: str) -> str:
        return "/releases/r1"


def code(tier: str, wanted: Wish) -> str:
    """Which code an environment of a tier would run, or why it would not."""
    store: Any = Store()
    sources = Sources(releases=store, ledger=MemoryLedger(), load=lambda _place: LOADED)
    try:
        found = sources(LOADED, EnvironmentId(project="shop", name="copy"), TIERS[tier], wanted)
    except LocalenvError as error:
        return error.code_of_case
    return found.release.name if found.release else "working tree"


@pytest.mark.parametrize(
    ("tier", "passed", "runs"),
    [
        ("production", "production", "r1"),
        ("uat", "production", "r1"),
        ("development", "production", "r1"),
        ("production", "uat", "needs-promotion"),
        ("production", "development", "needs-promotion"),
        ("development", "development", "r1"),
    ],
)
def test_a_clone_takes_a_release_no_further_than_it_has_come(tier: str, passed: str, runs: str) -> None:
    assert code(tier, Wish(release="r1", deploying=True, passed=passed)) == runs


@pytest.mark.parametrize(
    ("tier", "passed", "runs"),
    [
        ("uat", "uat", "working tree"),
        ("production", "uat", "needs-release"),
        ("production", "development", "needs-release"),
        ("development", "uat", "working tree"),
    ],
)
def test_a_clone_takes_the_working_tree_into_no_tier_that_it_was_not_let_into(tier: str, passed: str, runs: str) -> None:
    assert code(tier, Wish(worktree=True, passed=passed)) == runs


def test_a_promotion_and_a_marked_exception_are_let_in() -> None:
    assert code("production", Wish(release="r1", deploying=True)) == "r1"
    assert code("production", Wish(worktree=True)) == "working tree"
    assert code("production", Wish(release="r1")) == "needs-promotion"
