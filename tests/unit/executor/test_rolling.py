"""A replacement in memory: who is found by which name, whom the router knows, and what a failure leaves."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from localenv.actions.executor.values import Execution
from localenv.core.configuration.tier import TierProfile
from localenv.core.observed import ContainerSeen
from localenv.core.plan import RouteFacts, plan, serving
from localenv.core.routing import Route, routes_of
from localenv.core.wanted import Exposure, HealthCheck, Placement, Wanted
from localenv.errors.start import StartFailed
from localenv.ports.engine import ExecResult
from tests.fakes.memory_objects import Behaviour, ExecCall
from tests.unit.executor.test_executor import World, rendered
from tests.unit.plan.planning import NETWORK, STAGING, service

URL = Exposure(service="web", port=8000, host="web.staging.shop.localhost", primary=True)
SLOTS = tuple(Placement(number=at, addresses={NETWORK.name: f"10.231.4.{16 + at}"}) for at in (1, 2, 3, 4))
WEB = service("web", replicas=2, rolling=True, placements=SLOTS, health=HealthCheck(test=("CMD", "true")), stop_grace=30.0)
LISTENING = b"0: 00000000:1F40 00000000:0000 0A\n"
CALLED = LISTENING + b"1: 1100E70A:1F40 0100E70A:D431 01\n"


class Site(World):
    """A world with a router whose revision is what it serves."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[bytes] = []
        """What containers answer to whoever asks for their connections; then that nobody has one."""
        self.engine.programs["cat"] = self._cat

    def _cat(self, call: ExecCall) -> ExecResult:
        assert call.command == ("cat", "/proc/net/tcp", "/proc/net/tcp6")
        return ExecResult(exit_code=1, stdout=self.tables.pop(0) if self.tables else LISTENING, stderr=b"no tcp6")

    def roll(self, state: Wanted) -> None:
        served = serving(state, self.observe())
        current = served is not None and self.router.routes == routes_of(state, served, "host")
        published = self.router.published(STAGING)
        facts = RouteFacts(published=published, revision=None if served is None else published if current else "another")
        found = plan(state, self.observe(), facts)
        self.executor.run(found, Execution(wanted=state, routes=partial(_routes, state), timeout=5.0))

    def web(self) -> tuple[ContainerSeen, ...]:
        return self.observe().containers

    def backends(self) -> set[str]:
        return {backend.host for route in self.router.routes or () for backend in route.backends}


def _routes(state: Wanted, containers: tuple[ContainerSeen, ...]) -> tuple[Route, ...]:
    return routes_of(state, containers, "host")


def shop(spec: str) -> Wanted:
    state = rendered(replace(WEB, spec=spec), exposures=(URL,))
    return replace(state, tier=TierProfile(tier="staging", purpose="", rollout="rolling"))


@pytest.fixture
def site() -> Site:
    found = Site()
    found.roll(shop("one"))
    return found


def test_the_new_ones_take_over_names_and_requests(site: Site) -> None:
    old = {seen.id for seen in site.web()}
    assert site.backends() == {"10.231.4.17", "10.231.4.18"}
    site.roll(shop("two"))
    assert {seen.spec for seen in site.web()} == {"two"}
    assert not old & {seen.id for seen in site.web()}
    assert all("web" in seen.aliases[NETWORK.name] for seen in site.web())
    assert site.backends() == {"10.231.4.19", "10.231.4.20"}


def test_an_old_one_is_not_stopped_while_somebody_holds_a_connection(site: Site) -> None:
    site.tables = [CALLED] * 6
    site.roll(shop("two"))
    assert site.tables == []
    assert len(site.web()) == 2


def test_a_new_version_that_is_not_ready_leaves_nothing_and_is_told(site: Site) -> None:
    before = site.web()
    routes = site.router.routes
    site.engine.behave("web", Behaviour(exit_code=3))
    with pytest.raises(StartFailed) as caught:
        site.roll(shop("two"))
    assert caught.value.details[-1] == "web: what served before still does; the new containers were removed again"
    assert caught.value.hints == ()
    assert site.web() == before
    assert site.router.routes == routes


def test_neighbours_find_no_new_one_before_it_is_ready(site: Site) -> None:
    site.engine.behave("web", Behaviour(health="starting"))
    seen: list[tuple[str, ...]] = []
    start = site.engine.start

    def noted(container: str) -> None:
        start(container)
        seen.append(site.engine.containers[container].endpoints[NETWORK.name].aliases)
        site.engine.set_health(container, "healthy")

    site.engine.start = noted  # type: ignore[method-assign]
    site.roll(shop("two"))
    assert seen == [(), ()]
