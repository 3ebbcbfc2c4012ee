from __future__ import annotations

import textwrap
from dataclasses import replace

from localenv.core.observed import NetworkSeen, Observed, VolumeSeen
from localenv.core.plan import Plan, plan_destroy, plan_down, plan_restart, plan_start, plan_stop, render_plan
from localenv.core.plan.steps import RemoveContainer, StartService, StopService
from localenv.core.wanted import Dependency, Hook
from tests.unit.plan.planning import STAGING, container, service

DB = service("db")
MIGRATE = service("migrate", Dependency(service="db", condition="service_started"), one_shot=True)
WEB = service(
    "web", "db", Dependency(service="migrate", condition="service_completed_successfully"), pre_stop=(Hook(command=("bye",)),)
)
SERVICES = (DB, MIGRATE, WEB)
SEEN = Observed(
    containers=(container(DB), container(MIGRATE, state="exited", exit_code=0), container(WEB)),
    networks=(NetworkSeen(name="shop_staging_default", id="n", project="shop", environment="staging", subnet=None),),
    volumes=(
        VolumeSeen(name="shop_staging_db", project="shop", environment="staging", classification="synthetic", profile=None),
    ),
)


def same(found: Plan, expected: str) -> None:
    squeezed = "\n".join(" ".join(line.split()) for line in render_plan(found).splitlines())
    assert squeezed == textwrap.dedent(expected).strip()


def test_down_stops_dependents_first_and_keeps_volumes() -> None:
    found = plan_down(STAGING, SEEN, SERVICES)
    same(
        found,
        """
        withdraw route shop_staging down
        stop service web down
        stop service db down
        remove container shop_staging-db-1 down
        remove container shop_staging-migrate-1 down
        remove container shop_staging-web-1 down
        remove network shop_staging_default down
        7 steps, nothing done yet
        """,
    )
    web = next(step for step in found.steps if isinstance(step, StopService))
    assert web.pre_stop == WEB.pre_stop
    assert not web.hold


def test_destroy_kills_at_once_and_needs_no_project() -> None:
    found = plan_destroy(STAGING, SEEN, published=False)
    same(
        found,
        """
        remove container shop_staging-db-1 destroy
        remove container shop_staging-migrate-1 destroy
        remove container shop_staging-web-1 destroy
        remove network shop_staging_default destroy
        remove volume shop_staging_db destroy
        5 steps, nothing done yet
        """,
    )
    assert all(step.grace is None for step in found.steps if isinstance(step, RemoveContainer))


def test_stop_holds_what_runs_and_what_would_come_back() -> None:
    found = plan_stop(STAGING, SEEN, SERVICES, published=False)
    assert [step.id for step in found.steps] == ["stop service web", "stop service db"]
    assert all(step.hold for step in found.steps if isinstance(step, StopService))


def test_start_follows_dependencies_and_leaves_a_finished_one_shot_alone() -> None:
    stopped = replace(
        SEEN, containers=tuple(replace(item, state="exited", exit_code=0, restart="no") for item in SEEN.containers)
    )
    same(
        plan_start(STAGING, stopped, SERVICES),
        """
        start service db stopped
        start service web stopped
        2 steps, nothing done yet
        """,
    )


def test_restart_takes_only_what_was_named() -> None:
    same(
        plan_restart(STAGING, SEEN, SERVICES, only=("web",)),
        """
        stop service web restart
        start service web restart
        2 steps, nothing done yet
        """,
    )


def test_restart_of_all_stops_all_before_the_first_start() -> None:
    ids = [step.id for step in plan_restart(STAGING, SEEN, SERVICES).changes]
    assert ids == ["stop service web", "stop service db", "start service db", "start service web"]


def test_restart_takes_along_what_asks_to_restart_with_it() -> None:
    sidecar = service("sidecar", Dependency(service="db", restart=True))
    seen = replace(SEEN, containers=(*SEEN.containers, container(sidecar)))
    ids = [step.id for step in plan_restart(STAGING, seen, (*SERVICES, sidecar), only=("db",)).changes]
    assert ids == ["stop service sidecar", "stop service db", "start service db", "start service sidecar"]


def test_what_may_be_a_job_gets_its_own_policy_back_and_is_left_alone_once_it_has_ended_well() -> None:
    job = service("job", may_end=True, restart="on-failure")
    stopped = Observed(containers=(container(job, state="exited", exit_code=0, restart="no"),))
    start = plan_start(STAGING, stopped, (job,)).changes[0]
    assert isinstance(start, StartService)
    assert start.policy == "on-failure"
    ended = Observed(containers=(container(job, state="exited", exit_code=0, restart="on-failure"),))
    assert plan_start(STAGING, ended, (job,)).changes == ()
