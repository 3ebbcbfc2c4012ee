from __future__ import annotations

from typing import Any

import pytest

from localenv.actions.fresh_data import DiscardHalfLoaded
from localenv.actions.volumes import Volumes
from localenv.adapters.clock import SystemClock
from localenv.core import labels
from localenv.core.plan.journal import entry
from localenv.core.wanted import ServiceWanted
from localenv.ports.engine import VolumeSpec
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_volumes import MemoryVolumeStore
from tests.unit.plan.planning import STAGING, service

DB = service("db", volumes=("shop_staging_db",))
ADMIN = service("admin", volumes=("shop_staging_db",))
WEB = service("web", volumes=("shop_staging_media",))


class Untold:
    def emit(self, event: object) -> None:
        raise AssertionError(f"told {event}")


class Kept:
    def __init__(self, *lines: str) -> None:
        self.lines = [entry(at="", state=state, step=step) for state, step in (line.split(" ", 1) for line in lines)]
        self.known: tuple[ServiceWanted, ...] = (DB, ADMIN, WEB)

    def journal_lines(self, _environment: object) -> list[str]:
        return self.lines

    def journal(self, _environment: object, line: str) -> None:
        self.lines.append(line)

    def services(self, _environment: object) -> tuple[ServiceWanted, ...]:
        return self.known


def engine() -> MemoryEngine:
    made = MemoryEngine()
    own = {labels.OWNER: made.owner, labels.PROJECT: "shop", labels.ENVIRONMENT: "staging", labels.CLASSIFICATION: "synthetic"}
    for name in ("shop_staging_db", "shop_staging_media"):
        made.create_volume(VolumeSpec(name=name, labels=own))
    for one in (DB, ADMIN, WEB):
        made.add_image(one.image)
        made.create_container(
            one.name, one.image, labels={**own, labels.COMPOSE_SERVICE: one.name}, mounts={"/data": one.volumes[0]}
        )
    return made


def discard(made: MemoryEngine, kept: Any) -> tuple[str, ...]:
    return DiscardHalfLoaded(made, kept, Volumes(made, MemoryVolumeStore(made), Untold()), SystemClock())(STAGING)


def test_what_was_loaded_half_way_goes_with_everything_that_mounts_it() -> None:
    made = engine()
    assert discard(made, Kept("planned load data db", "begun load data db")) == ("shop_staging_db",)
    assert sorted(made.volumes) == ["shop_staging_media"]
    assert [container.name for container in made.containers.values()] == ["web"]


def test_a_volume_that_was_to_be_filled_goes_too() -> None:
    made = engine()
    assert discard(made, Kept("planned load data shop_staging_media")) == ("shop_staging_media",)
    assert sorted(made.volumes) == ["shop_staging_db"]


@pytest.mark.parametrize(
    "kept",
    [
        Kept(),
        Kept("planned load data db", "begun load data db", "done load data db"),
        Kept("begun create volume shop_staging_db", "failed create volume shop_staging_db"),
    ],
)
def test_data_that_is_complete_is_never_touched(kept: Kept) -> None:
    made = engine()
    before = list(made.calls)
    assert discard(made, kept) == ()
    assert made.calls == before


def test_where_the_services_are_not_known_nothing_is_removed() -> None:
    made = engine()
    kept = Kept("planned load data db")
    kept.known = ()
    discard(made, kept)
    assert len(made.volumes) == 2


def test_nothing_is_thrown_away_twice() -> None:
    made, kept = engine(), Kept("planned load data db", "begun load data db")
    assert discard(made, kept) == ("shop_staging_db",)
    again = engine()
    assert discard(again, kept) == ()
    assert "shop_staging_db" in again.volumes
