"""Replacing what serves: new containers beside the old ones, the router led over, and the old ones gone last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given as given_values
from hypothesis import settings
from hypothesis import strategies as st

from localenv.core.configuration.tier import TierProfile
from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan import Plan, RouteFacts, plan, plan_take_back, render_plan, serving, without_waiting
from localenv.core.plan import steps as kinds
from localenv.core.plan.rolling_steps import ShareRoute
from localenv.core.wanted import Dependency, Exposure, HealthCheck, Placement, ServiceWanted, Wanted
from tests.unit.plan.planning import NETWORK, NOTHING, Simulator, service, wanted
from tests.unit.plan.test_up_text import same

HEALTHY = HealthCheck(test=("CMD", "true"))
ROLLING = TierProfile(tier="production", purpose="", rollout="rolling")
RECREATING = TierProfile(tier="development", purpose="", rollout="recreate")
URL = Exposure(service="web", port=8000, host="web.staging.shop.localhost", primary=True)
DB = service("db", health=HEALTHY, single="it writes to volume db-data")


def slots(first: int, replicas: int) -> tuple[Placement, ...]:
    return tuple(Placement(number=at, addresses={NETWORK.name: f"10.231.4.{first + at}"}) for at in range(1, 2 * replicas + 1))


def rolling(name: str, *needs: Dependency | str, replicas: int = 2, first: int = 16, spec: int = 1) -> ServiceWanted:
    return service(
        name,
        *needs,
        replicas=replicas,
        health=HEALTHY,
        rolling=True,
        placements=slots(first, replicas),
        spec=f"{name}-{spec}",
        image=f"{name}:{spec}",
    )


def shop(*services: ServiceWanted) -> Wanted:
    return wanted(*services, tier=ROLLING, exposures=(URL,))


def changed(observed: Observed, **values: object) -> Observed:
    return replace(observed, containers=tuple(replace(seen, **values) for seen in observed.containers))  # type: ignore[arg-type]


class Site(Simulator):
    """The engine and the router, on which no request is ever to meet a container that is not ready."""

    def __init__(self) -> None:
        super().__init__(shop())
        self.observed = NOTHING
        self.routed: frozenset[str] | None = None
        self.strict = False

    def facts(self) -> RouteFacts:
        served = serving(self.wanted, self.observed)
        return RouteFacts(
            published=None if self.routed is None else repr(sorted(self.routed)),
            revision=None if served is None else repr(sorted(seen.id for seen in served if seen.service == "web")),
        )

    def plan(self, state: Wanted) -> Plan:
        self.wanted = state
        return plan(state, self.observed, self.facts())

    def up(self, state: Wanted, until: int | None = None) -> Plan:
        found = self.plan(state)
        for step in found.steps[:until]:
            self.observed = self._do(self.observed, step)
            self._route(step)
            self.check(step.id)
        return found

    def _route(self, step: kinds.Step) -> None:
        web = {seen.id for seen in self.observed.containers if seen.service == "web"}
        if isinstance(step, ShareRoute):
            self.routed = frozenset(web - set(step.leaving) | (web & (self.routed or frozenset())))
        elif isinstance(step, kinds.PublishRoute):
            self.routed = frozenset(web - set(step.leaving))

    def check(self, after: str) -> None:
        if self.strict:
            ready = {seen.id for seen in self.observed.containers if seen.state == "running" and seen.health == "healthy"}
            assert self.routed, after
            assert self.routed <= ready, after

    def web(self) -> list[ContainerSeen]:
        return [seen for seen in self.observed.containers if seen.service == "web"]


def running(state: Wanted) -> Site:
    site = Site()
    site.up(state)
    return site


BEFORE = shop(DB, rolling("web", Dependency(service="db", condition="service_healthy")))


def test_new_containers_come_beside_the_old_ones_which_go_last() -> None:
    after = shop(replace(DB, spec="db-2"), rolling("web", "db", spec=2))
    same(
        render_plan(running(BEFORE).plan(after)),
        """
        replace container shop_staging-db-1 specification changed; recreated: it writes to volume db-data
        create container shop_staging-web-3 image web:1 -> web:2, beside shop_staging-web-1
        create container shop_staging-web-4 image web:1 -> web:2, beside shop_staging-web-2
        place service web 10.231.4.17 10.231.4.18 10.231.4.19 10.231.4.20 beside the old ones, not found by its name yet
        start service db its container is new
        start service web its container is new
        name service web they are ready
        route host web.staging.shop.localhost -> web:8000 to old and new containers
        route host web.staging.shop.localhost -> web:8000 its containers are started
        remove container shop_staging-web-1 others have taken its place
        remove container shop_staging-web-2 others have taken its place
        11 steps, nothing done yet
        """,
    )


def test_nobody_starts_or_waits_for_those_that_leave() -> None:
    site = running(BEFORE)
    old = tuple(seen.id for seen in site.web())
    steps = [step for step in site.plan(AFTER).steps if isinstance(step, kinds.StartService | kinds.AwaitReady)]
    assert {step.id: step.leaving for step in steps} == {"start service web": old, "await service web": old}


def test_compose_is_asked_for_old_and_new_ones_together() -> None:
    created = next(step for step in running(BEFORE).plan(AFTER).steps if isinstance(step, kinds.CreateContainers))
    assert created.scale == {"db": 1, "web": 4}


AFTER = shop(DB, rolling("web", "db", spec=2))


def test_a_tier_that_recreates_stops_the_old_ones_first() -> None:
    text = render_plan(running(BEFORE).plan(replace(AFTER, tier=RECREATING, services=recreated())))
    assert "replace  container  shop_staging-web-1" in text
    assert "beside" not in text
    assert "recreated" not in text


def recreated() -> tuple[ServiceWanted, ...]:
    return (DB, replace(AFTER.services[1], rolling=False))


def test_what_cannot_stand_beside_itself_is_recreated_and_told_why() -> None:
    site = running(BEFORE)
    assert "recreated: no hostname leads to it" in render_plan(site.plan(replace(AFTER, services=recreated())))
    lives = {"web": {"volumes_from": ["db"]}}
    within = replace(AFTER, model={"services": {"db": {}, **lives}})
    assert "recreated: it lives in the namespaces or volumes of db" in render_plan(site.plan(within))
    full = replace(AFTER, services=(DB, replace(AFTER.services[1], placements=slots(16, 1))))
    assert "recreated: no address is left beside the old ones" in render_plan(site.plan(full))
    moved = replace(AFTER, subnets={NETWORK.name: "10.231.8.0/27"})
    assert "recreated: network shop_staging_default is made anew" in render_plan(site.plan(moved))


def test_what_does_not_run_needs_nobody_beside_it() -> None:
    site = running(BEFORE)
    site.observed = changed(site.observed, state="exited", addresses={}, health="none")
    text = render_plan(site.plan(AFTER))
    assert "replace  container  shop_staging-web-1" in text
    assert "beside" not in text


def test_too_many_are_taken_from_the_router_before_they_stop() -> None:
    site = running(shop(rolling("web", replicas=3)))
    steps = site.plan(shop(rolling("web", replicas=2))).steps
    assert [step.id for step in steps if step.changes] == ["publish route shop_staging", "remove container shop_staging-web-3"]
    last = steps[-1]
    assert isinstance(last, kinds.RemoveContainer)
    assert last.drain == 10.0
    assert "confirm route shop_staging" in last.after


def test_what_is_served_already_is_not_shared_with_old_ones_that_are_on_their_way_out() -> None:
    site = running(BEFORE)
    found = site.plan(AFTER)
    site.up(AFTER, until=[step.id for step in found.steps].index("confirm route shop_staging") + 1)
    assert [step.id for step in site.plan(AFTER).changes] == [
        "name service web",
        "remove container shop_staging-web-1",
        "remove container shop_staging-web-2",
    ]


def test_a_replica_that_nobody_finds_by_name_gets_its_names() -> None:
    site = running(BEFORE)
    nameless = replace(site.web()[0], aliases={NETWORK.name: ()})
    others = tuple(seen for seen in site.observed.containers if seen.id != nameless.id)
    site.observed = replace(site.observed, containers=(nameless, *others))
    assert [step.id for step in site.plan(BEFORE).changes] == ["name service web"]


def test_whoever_restarts_with_it_is_stopped_only_once_the_new_ones_are_ready() -> None:
    worker = service("worker", Dependency(service="web", restart=True))
    site = running(shop(rolling("web"), worker))
    ids = [step.id for step in site.plan(shop(rolling("web", spec=2), worker)).steps]
    assert ids.index("await service web") < ids.index("stop service worker") < ids.index("remove container shop_staging-web-1")


def test_a_network_that_is_not_wanted_any_more_goes_with_the_last_old_container() -> None:
    extra = replace(NETWORK, key="back", name="shop_staging_back")
    both = replace(BEFORE, networks=(NETWORK, extra), subnets={**BEFORE.subnets, extra.name: "10.231.5.0/27"})
    ids = [step.id for step in running(both).plan(AFTER).steps]
    assert ids.index("create container all") < ids.index("remove container shop_staging-web-2")
    assert ids.index("remove container shop_staging-web-2") < ids.index("remove network shop_staging_back")


def test_without_waiting_the_old_ones_still_serve_until_the_new_ones_are_ready() -> None:
    full = running(BEFORE).plan(AFTER)
    eager = without_waiting(full)
    assert [step.id for step in eager.steps] == [step.id for step in full.steps if step.action != "probe"]


def test_after_a_failure_what_the_router_does_not_know_is_taken_back() -> None:
    site = running(BEFORE)
    old = {seen.id for seen in site.web()}
    found = site.plan(AFTER)
    site.up(AFTER, until=[step.id for step in found.steps].index("start service web") + 1)
    back = plan_take_back(AFTER, site.observed, frozenset({"10.231.4.17", "10.231.4.18"}))
    assert [step.target for step in back.steps] == ["shop_staging-web-3", "shop_staging-web-4"]
    site.observed = site.run(site.observed, back)
    assert {seen.id for seen in site.web()} == old
    assert site.plan(BEFORE).changes == ()


def test_nothing_is_taken_back_that_serves_or_that_nothing_serves_instead_of() -> None:
    site = running(BEFORE)
    found = site.plan(AFTER)
    site.up(AFTER, until=[step.id for step in found.steps].index("confirm share shop_staging") + 1)
    listed = frozenset(f"10.231.4.{at}" for at in (17, 18, 19, 20))
    assert plan_take_back(AFTER, site.observed, listed).steps == ()
    alone = replace(site.observed, containers=tuple(seen for seen in site.observed.containers if seen.spec != "web-1"))
    assert plan_take_back(AFTER, alone, frozenset()).steps == ()


few = settings(max_examples=60)
cuts = st.lists(st.integers(0, 18), max_size=3)


@st.composite
def versions(draw: st.DrawFn) -> tuple[Wanted, Wanted]:
    """A state and another one with more replicas or other images; a database and a service between are now and then in it."""
    with_api, with_db = draw(st.booleans()), draw(st.booleans())
    replicas = draw(st.integers(1, 2))

    def state(spec: int, api: int, db: int, count: int) -> Wanted:
        needs = [Dependency(service=name, condition="service_healthy") for name in ("api",) * with_api + ("db",) * with_db]
        services = [rolling("web", *needs, spec=spec, replicas=count)]
        services += [rolling("api", first=24, replicas=1, spec=api)] if with_api else []
        services += [replace(DB, spec=f"db-{db}")] if with_db else []
        return shop(*services)

    later = state(draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(replicas, 3)))
    return state(1, 1, 1, replicas), later


def settled(site: Site, state: Wanted) -> None:
    """Nothing is left to do, nothing of another version is there, and neighbours find all that is."""
    assert site.plan(state).changes == (), render_plan(site.plan(state))
    counts = {entry.name: entry.replicas for entry in state.services}
    assert {name: sum(seen.service == name for seen in site.observed.containers) for name in counts} == counts
    assert site.routed == frozenset(seen.id for seen in site.web())
    assert all(seen.aliases[NETWORK.name] == ("web",) for seen in site.web())
    places = [seen.address_on(NETWORK.name) for seen in site.web()]
    assert len(set(places)) == len(places)


def interrupted(site: Site, states: Sequence[Wanted], moments: Sequence[int]) -> None:
    for at, moment in enumerate(moments):
        site.up(states[at % len(states)], until=moment)


@few
@given_values(versions(), cuts)
def test_cut_off_anywhere_no_request_fails_and_the_same_command_finishes(pair: tuple[Wanted, Wanted], moments: list[int]) -> None:
    before, after = pair
    site = running(before)
    site.strict = True
    interrupted(site, [after], moments)
    site.up(after)
    settled(site, after)


@few
@given_values(versions(), cuts)
def test_cut_off_anywhere_the_old_files_lead_back(pair: tuple[Wanted, Wanted], moments: list[int]) -> None:
    before, after = pair
    site = running(before)
    site.strict = True
    interrupted(site, [after, before], moments)
    site.up(before)
    settled(site, before)
