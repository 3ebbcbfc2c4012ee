"""Which automatic snapshots go, and which one stays because data is about to be made from it."""

from __future__ import annotations

from localenv.core.names import EnvironmentId
from localenv.core.snapshots.choosing import AUTOMATIC_KEPT, superfluous, unneeded
from localenv.core.snapshots.model import Snapshot

STAGING = EnvironmentId(project="shop", name="staging")
COUNT = AUTOMATIC_KEPT + 2
NEWEST_FIRST = [
    Snapshot(
        id=f"s{number}",
        project="shop",
        environment="staging",
        tier="staging",
        kind="automatic",
        created="t",
        volumes=(),
        method="overlay",
    )
    for number in range(COUNT)
]


def test_the_oldest_go_and_the_one_that_is_to_be_restored_stays() -> None:
    assert [each.id for each in superfluous(NEWEST_FIRST, STAGING)] == ["s3", "s4"]
    assert [each.id for each in superfluous(NEWEST_FIRST, STAGING, spare={"s3"})] == ["s4"]


def test_gc_leaves_what_an_environment_is_to_begin_with() -> None:
    assert unneeded(NEWEST_FIRST, {STAGING}) == {"s3", "s4"}
    assert unneeded(NEWEST_FIRST, {STAGING}, spare={"s4"}) == {"s3"}
