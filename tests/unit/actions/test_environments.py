from __future__ import annotations

from typing import Any

import pytest

from localenv.actions.environments import Environments, exposures_of
from localenv.actions.volumes import Volumes
from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.errors import NotFound
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_ledger import MemoryLedger
from tests.fakes.memory_volumes import MemoryVolumeStore

STAGING = EnvironmentId(project="shop", name="staging")
EXPOSURES = '[{"service": "web", "primary": true, "url": "https://staging.shop.localhost"}]'


class Untold:
    def emit(self, event: object) -> None:
        raise AssertionError(f"told {event}")


class World:
    def __init__(self, *records: EnvironmentRecord) -> None:
        self.engine = MemoryEngine()
        self.engine.add_image("web:1")
        self.environments = Environments(
            self.engine, MemoryLedger(*records), Volumes(self.engine, MemoryVolumeStore(self.engine), Untold())
        )

    def runs(self, environment: str, *, start: bool = True, owner: str | None = None) -> None:
        own = {
            labels.OWNER: owner or self.engine.owner,
            labels.PROJECT: "shop",
            labels.ENVIRONMENT: environment,
            labels.TIER: "staging",
            labels.COMPOSE_SERVICE: "web",
        }
        container = self.engine.create_container(f"{environment}-web", "web:1", labels=own, restart="always")
        if start:
            self.engine.start(container)


def record(**given: Any) -> EnvironmentRecord:
    return EnvironmentRecord(**{"id": STAGING, "tier": "staging", "directory": "/code/shop", "exposures": EXPOSURES, **given})


def test_what_runs_is_joined_with_what_the_ledger_knows() -> None:
    world = World(record(expires="2027-01-01T00:00:00Z"))
    world.runs("staging")
    (summary,) = world.environments.all()
    assert (summary.state, summary.url, summary.expires) == ("healthy", "https://staging.shop.localhost", "2027-01-01T00:00:00Z")


def test_losing_the_ledger_loses_no_environment() -> None:
    world = World()
    world.runs("staging")
    (summary,) = world.environments.all("shop")
    assert (summary.id, summary.tier, summary.url) == (STAGING, "staging", None)


def test_another_installations_environments_are_not_shown() -> None:
    world = World()
    world.runs("staging", start=False, owner="somebody")
    assert world.environments.all() == ()


def test_memory_is_that_of_running_containers() -> None:
    world = World()
    world.runs("staging")
    world.runs("uat", start=False)
    listed = world.environments.listed()
    assert len(listed.environments) == 2
    assert dict(listed.memory) == {STAGING: 1 << 20}
    assert world.environments.listed(memory=False).memory == {}


def test_a_missing_environment_names_the_nearest() -> None:
    world = World()
    world.runs("staging")
    with pytest.raises(NotFound) as raised:
        world.environments.one(EnvironmentId(project="shop", name="stagin"))
    assert raised.value.hints == ("did you mean staging?",)
    with pytest.raises(NotFound) as raised:
        world.environments.one(EnvironmentId(project="other", name="uat"))
    assert "localenv up uat" in raised.value.hints


def test_exposures_are_those_of_the_last_up() -> None:
    assert exposures_of(None) == []
    assert exposures_of(record())[0]["service"] == "web"
