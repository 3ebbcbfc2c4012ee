from __future__ import annotations

import textwrap
from dataclasses import replace

from localenv.core.observed import Observed
from localenv.core.plan import DataFacts, ImageMissing, RouteFacts, plan, plan_document, render_plan, without_waiting
from localenv.core.plan.steps import StartService
from localenv.core.wanted import BindSeed, Dependency, Exposure, HealthCheck, InjectedFile, Placement, Wanted
from tests.unit.plan.planning import NETWORK, NOTHING, Simulator, container, service, volume, wanted

HEALTHY = HealthCheck(test=("CMD", "true"))
DB = service("db", health=HEALTHY, volumes=("shop_staging_db-data",))
MIGRATE = service("migrate", Dependency(service="db", condition="service_healthy"), one_shot=True)
WEB = service(
    "web",
    Dependency(service="db", condition="service_healthy"),
    Dependency(service="migrate", condition="service_completed_successfully"),
    health=HEALTHY,
)
WEB_URL = Exposure(service="web", port=8000, host="web.staging.shop.localhost", primary=True)
SHOP = wanted(DB, MIGRATE, WEB, volumes=(volume("db-data"),), exposures=(WEB_URL,))
UNPUBLISHED = RouteFacts()
PUBLISHED = RouteFacts(published="r1", revision="r1")


def up(state: Wanted, observed: Observed = NOTHING, route: RouteFacts = UNPUBLISHED) -> str:
    return render_plan(plan(state, observed, route))


def running(state: Wanted) -> Observed:
    return Simulator(state).run(NOTHING, plan(state, NOTHING, UNPUBLISHED))


def same(text: str, expected: str) -> None:
    squeezed = "\n".join(" ".join(line.split()) for line in text.splitlines())
    assert squeezed == textwrap.dedent(expected).strip()


def test_a_first_up_creates_starts_and_routes_in_order() -> None:
    same(
        up(SHOP),
        """
        create network shop_staging_default 10.231.4.0/27 not there
        create volume shop_staging_db-data not there
        create container shop_staging-db-1 not there
        create container shop_staging-migrate-1 not there
        create container shop_staging-web-1 not there
        start service db its container is new
        run one-shot migrate its container is new
        start service web its container is new
        route host web.staging.shop.localhost -> web:8000 not published
        9 steps, nothing done yet
        """,
    )


def test_columns_are_aligned() -> None:
    lines = up(SHOP).splitlines()
    assert len({line.index("shop_staging") for line in lines if "shop_staging" in line}) == 1


def test_a_second_up_keeps_everything() -> None:
    again = plan(SHOP, running(SHOP), PUBLISHED)
    same(
        render_plan(again),
        """
        keep container shop_staging-db-1 unchanged
        keep container shop_staging-migrate-1 unchanged
        keep container shop_staging-web-1 unchanged
        nothing to do
        """,
    )
    assert again.changes == ()
    assert not again.waits


def test_a_changed_image_replaces_just_that_service() -> None:
    changed = replace(WEB, image="web:2", spec="web-2")
    same(
        up(replace(SHOP, services=(DB, MIGRATE, changed)), running(SHOP), PUBLISHED),
        """
        keep container shop_staging-db-1 unchanged
        keep container shop_staging-migrate-1 unchanged
        replace container shop_staging-web-1 image web:1 -> web:2
        start service web its container is new
        2 steps, nothing done yet
        """,
    )


def test_a_changed_one_shot_runs_again() -> None:
    changed = replace(MIGRATE, spec="migrate-2")
    same(
        up(replace(SHOP, services=(DB, changed, WEB)), running(SHOP), PUBLISHED),
        """
        keep container shop_staging-db-1 unchanged
        keep container shop_staging-web-1 unchanged
        replace container shop_staging-migrate-1 specification changed
        run one-shot migrate its container is new
        2 steps, nothing done yet
        """,
    )


def test_a_one_shot_that_failed_is_run_again() -> None:
    seen = running(SHOP)
    failed = replace(
        seen, containers=tuple(replace(item, exit_code=1) if item.service == "migrate" else item for item in seen.containers)
    )
    assert "run   one-shot   migrate" in up(SHOP, failed, PUBLISHED)
    assert "ended with 1 last time" in up(SHOP, failed, PUBLISHED)


def test_a_one_shot_runs_again_when_the_data_it_works_on_is_new() -> None:
    emptied = replace(running(SHOP), volumes=())
    assert "the data it works on is new" in up(SHOP, emptied, PUBLISHED)


def test_what_may_be_a_job_and_ended_well_is_left_alone_unless_it_was_stopped() -> None:
    job = service("job", may_end=True, restart="on-failure")
    shop = wanted(job)
    ended = replace(container(job), state="exited", exit_code=0, restart="on-failure")
    seen = replace(running(shop), containers=(ended,))
    stopped = replace(seen, containers=(replace(ended, restart="no"),))
    failed = replace(seen, containers=(replace(ended, exit_code=2),))
    assert "start service" not in " ".join(up(shop, seen).split())
    assert "start service job stopped" in " ".join(up(shop, stopped).split())
    assert "start service job" in " ".join(up(shop, failed).split())


def test_what_was_stopped_is_started_in_order() -> None:
    seen = running(SHOP)
    stopped = replace(
        seen,
        containers=tuple(
            item if item.one_shot else replace(item, state="exited", exit_code=0, restart="no") for item in seen.containers
        ),
    )
    same(
        up(SHOP, stopped, PUBLISHED),
        """
        keep container shop_staging-migrate-1 unchanged
        start service db stopped
        start service web stopped
        2 steps, nothing done yet
        """,
    )


def test_an_unhealthy_container_is_left_and_waited_for() -> None:
    seen = running(SHOP)
    ill = replace(
        seen, containers=tuple(replace(item, health="unhealthy") if item.service == "db" else item for item in seen.containers)
    )
    found = plan(SHOP, ill, PUBLISHED)
    assert found.changes == ()
    assert found.waits
    assert "wait  service    db" in render_plan(found)


def test_too_many_replicas_are_removed_the_highest_numbers_first() -> None:
    lone = service("web")
    seen = Observed(containers=tuple(container(lone, number=number) for number in (1, 2, 3)))
    text = up(wanted(lone, networks=(), subnets={}), seen)
    same(
        text,
        """
        keep container shop_staging-web-1 unchanged
        remove container shop_staging-web-2 1 wanted of 3
        remove container shop_staging-web-3 1 wanted of 3
        2 steps, nothing done yet
        """,
    )


def test_a_service_that_is_gone_from_the_file_is_removed() -> None:
    gone = container(service("old"))
    assert "not in the Compose file any more" in up(SHOP, replace(running(SHOP), containers=(*running(SHOP).containers, gone)))


def test_a_network_with_other_addresses_takes_its_containers_with_it() -> None:
    moved = replace(SHOP, subnets={NETWORK.name: "10.231.8.0/27"})
    text = up(moved, running(SHOP), PUBLISHED)
    assert "remove   network    shop_staging_default" in text
    assert "addresses 10.231.4.0/27 -> 10.231.8.0/27" in text
    assert text.count("its network is made anew") == 3


def test_volumes_that_are_not_wanted_any_more_stay() -> None:
    without = replace(SHOP, volumes=())
    assert "volume" not in up(without, running(SHOP), PUBLISHED)


def test_a_dependent_that_asks_for_it_restarts_with_its_dependency() -> None:
    api = service("api", Dependency(service="db", restart=True))
    state = replace(SHOP, services=(DB, api), exposures=())
    changed = replace(state, services=(replace(DB, spec="db-2"), api))
    same(
        up(changed, running(state)),
        """
        stop service api restarts with db
        replace container shop_staging-db-1 specification changed
        start service db its container is new
        start service api restarts with db
        4 steps, nothing done yet
        """,
    )


def test_what_shares_a_network_namespace_is_replaced_with_it() -> None:
    sidecar = service("sidecar")
    definitions = {"sidecar": {"network_mode": "service:db"}}
    state = wanted(DB, sidecar, definitions=definitions)
    changed = replace(state, services=(replace(DB, spec="db-2"), sidecar))
    text = up(changed, running(state))
    assert "shares namespaces or volumes with db, which is replaced" in text
    assert text.index("start    service    db") < text.index("start    service    sidecar")


def test_what_shares_a_network_namespace_is_restarted_when_that_was_started_later() -> None:
    sidecar = service("sidecar")
    state = wanted(DB, sidecar, definitions={"sidecar": {"network_mode": "service:db"}})
    seen = running(state)
    mended = replace(
        seen,
        containers=tuple(
            replace(item, started="2026-02-01T00:00:00.5Z") if item.service == "db" else item for item in seen.containers
        ),
    )
    assert "joins db again, which was started after it" in up(state, mended)


def test_a_new_volume_is_seeded_and_one_that_was_not_filled_is_seeded_again() -> None:
    seeded = volume("code", seed=BindSeed(source="/code/shop/src", digest="abcdef0123456789"))
    web = service("web", volumes=(seeded.name,))
    state = wanted(web, volumes=(seeded,))
    assert "seed volume shop_staging_code <- /code/shop/src content abcdef012345" in " ".join(up(state).split())
    seen = running(state)
    assert "seed" not in up(state, seen)
    again = plan(state, seen, UNPUBLISHED, unfinished=frozenset({"seed volume shop_staging_code"}))
    assert "not finished by the last run" in render_plan(again)


def test_scaled_replicas_are_placed_and_files_are_injected_before_the_start() -> None:
    web = service(
        "web",
        replicas=2,
        placements=(
            Placement(number=1, addresses={NETWORK.name: "10.231.4.17"}),
            Placement(number=2, addresses={NETWORK.name: "10.231.4.18"}),
        ),
        injected=(InjectedFile(target="/etc/key", content=b"hidden"),),
    )
    text = up(wanted(web))
    assert "hidden" not in text + repr(plan(wanted(web), NOTHING, UNPUBLISHED))
    same(
        "\n".join(text.splitlines()[3:]),
        """
        place service web 10.231.4.17 10.231.4.18 addresses of its own
        inject service web /etc/key configs and secrets
        start service web its container is new
        6 steps, nothing done yet
        """,
    )


def test_an_address_in_the_model_needs_no_placing() -> None:
    web = service("web", placements=(Placement(number=1, addresses={NETWORK.name: "10.231.4.17"}),))
    definitions = {"web": {"networks": {"default": {"ipv4_address": "10.231.4.17"}}}}
    assert "place" not in up(wanted(web, definitions=definitions))


def test_data_is_loaded_after_migrations_and_before_what_reads_it() -> None:
    data = DataFacts(profile="small", services=("db",))
    found = plan(SHOP, NOTHING, UNPUBLISHED, data=data)
    ids = [step.id for step in found.steps]
    assert ids.index("await service migrate") < ids.index("load data db") < ids.index("start service web")
    assert "load data db <- small profile small" in " ".join(render_plan(found).split())
    assert "load" not in render_plan(plan(SHOP, running(SHOP), PUBLISHED, data=data))


def test_data_that_was_not_loaded_to_the_end_is_loaded_again() -> None:
    data = DataFacts(profile="small", services=("db",))
    again = plan(SHOP, running(SHOP), PUBLISHED, data=data, unfinished=frozenset({"load data db"}))
    assert [step.id for step in again.changes] == ["load data db"]


def test_missing_images_are_told() -> None:
    images = (
        ImageMissing(reference="postgres:16"),
        ImageMissing(reference="shop/web:c07", service="web", cause="source changed"),
    )
    text = render_plan(plan(SHOP, NOTHING, UNPUBLISHED, images=images))
    assert "fetch   image      postgres:16" in text
    assert "build   image      shop/web:c07" in text


def test_a_route_that_differs_is_published_though_nothing_is_started() -> None:
    found = plan(SHOP, running(SHOP), RouteFacts(published="r1", revision="r2"))
    assert [step.id for step in found.changes] == ["publish route shop_staging"]


def test_a_route_is_withdrawn_when_nothing_is_exposed_any_more() -> None:
    found = plan(replace(SHOP, exposures=()), running(SHOP), PUBLISHED)
    assert [step.id for step in found.changes] == ["withdraw route shop_staging"]


def test_without_waiting_only_conditions_are_waited_for() -> None:
    eager = without_waiting(plan(SHOP, NOTHING, UNPUBLISHED))
    ids = [step.id for step in eager.steps]
    assert "await service db" in ids
    assert "await service migrate" in ids
    assert "await service web" not in ids
    assert not any(step.action in {"confirm", "probe"} for step in eager.steps)
    assert ids.index("start service web") < ids.index("publish route shop_staging")


def test_a_dependency_that_only_has_to_be_started_is_not_waited_for() -> None:
    state = wanted(service("setup", one_shot=True), service("kibana", "setup"))
    start = next(step for step in plan(state, NOTHING, UNPUBLISHED).steps if isinstance(step, StartService) and step.level == 1)
    assert "run one-shot setup" in start.after
    assert "await service setup" not in start.after


def test_the_document_has_the_rows_of_the_text() -> None:
    document = plan_document(plan(SHOP, NOTHING, UNPUBLISHED))
    assert document["schema"] == "localenv.plan/1"
    assert document["steps"][0] == {
        "kind": "network",
        "action": "create",
        "target": "shop_staging_default",
        "detail": "10.231.4.0/27",
        "cause": "not there",
    }
    assert document["refusals"] == []
