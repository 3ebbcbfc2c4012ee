"""Properties: a plan carried out leaves nothing to do, wherever it was cut off before, and the same values give the same plan."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given as given_values
from hypothesis import settings
from hypothesis import strategies as st

from localenv.core.observed import Observed
from localenv.core.plan import RouteFacts, plan, plan_destroy, plan_down, plan_start, plan_stop, render_plan
from localenv.core.plan.steps import RemoveVolume, Step
from localenv.core.plan.value import Plan
from localenv.core.wanted import Dependency, HealthCheck, ServiceWanted, Wanted
from tests.unit.plan.planning import NETWORK, NOTHING, STAGING, Simulator, container, service, volume, wanted

NAMES = ("api", "cache", "db", "migrate", "web")
SETTLED = RouteFacts()
few = settings(max_examples=40)


@st.composite
def services(draw: st.DrawFn) -> tuple[ServiceWanted, ...]:
    chosen = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    made: list[ServiceWanted] = []
    for name in chosen:
        earlier = {entry.name: entry.one_shot for entry in made}
        needs = draw(st.lists(st.sampled_from(sorted(earlier)), unique=True)) if earlier else []
        dependencies = tuple(draw(dependency(need, one_shot=earlier[need])) for need in needs)
        one_shot = draw(st.booleans())
        made.append(
            service(
                name,
                *dependencies,
                one_shot=one_shot,
                replicas=1 if one_shot else draw(st.integers(1, 3)),
                health=HealthCheck(test=("CMD", "true")) if not one_shot and draw(st.booleans()) else None,
                spec=f"{name}-{one_shot}-{draw(st.integers(1, 2))}",
                volumes=(f"shop_staging_{name}",) if draw(st.booleans()) else (),
            )
        )
    return tuple(made)


@st.composite
def dependency(draw: st.DrawFn, name: str, *, one_shot: bool) -> Dependency:
    restart = draw(st.booleans())
    if one_shot:
        return Dependency(service=name, condition="service_completed_successfully", restart=restart)
    return Dependency(service=name, condition="service_healthy" if draw(st.booleans()) else "service_started", restart=restart)


@st.composite
def states(draw: st.DrawFn) -> Wanted:
    chosen = draw(services())
    volumes = tuple(volume(entry.name) for entry in chosen if entry.volumes)
    subnet = draw(st.sampled_from(["10.231.4.0/27", "10.231.8.0/27"]))
    definitions = {}
    if len(chosen) > 1 and not chosen[1].one_shot and draw(st.booleans()):
        definitions[chosen[1].name] = {"network_mode": f"service:{chosen[0].name}"}
    return wanted(*chosen, definitions=definitions, volumes=volumes, subnets={NETWORK.name: subnet})


@st.composite
def seen(draw: st.DrawFn) -> Observed:
    containers = []
    for name in draw(st.lists(st.sampled_from((*NAMES, "old")), unique=True)):
        one_shot = draw(st.booleans())
        entry = service(name, spec=f"{name}-{one_shot}-{draw(st.integers(1, 2))}", one_shot=one_shot)
        for number in draw(st.lists(st.integers(1, 4), unique=True, max_size=3)):
            state = draw(st.sampled_from(["created", "running", "paused", "exited", "dead", "restarting"]))
            restart = draw(st.sampled_from(["no", "always"]))
            code = draw(st.sampled_from([0, 1])) if state == "exited" else None
            addresses = {NETWORK.name: "10.231.4.5"} if state in {"running", "paused"} and draw(st.booleans()) else {}
            containers.append(container(entry, number=number, state=state, restart=restart, exit_code=code, addresses=addresses))
    return Observed(containers=tuple(containers))


def carried_out(state: Wanted, observed: Observed) -> Observed:
    return Simulator(state).run(observed, plan(state, observed, SETTLED))


@few
@given_values(states(), seen())
def test_what_was_carried_out_is_not_planned_again(state: Wanted, observed: Observed) -> None:
    result = plan(state, carried_out(state, observed), SETTLED)
    assert result.changes == (), render_plan(result)


@few
@given_values(states(), states())
def test_a_changed_file_converges_too(before: Wanted, after: Wanted) -> None:
    observed = carried_out(after, carried_out(before, NOTHING))
    assert plan(after, observed, SETTLED).changes == ()


@few
@given_values(states(), seen(), st.integers(0, 30))
def test_a_run_that_was_cut_off_is_finished_by_the_next(state: Wanted, observed: Observed, until: int) -> None:
    simulator = Simulator(state)
    halfway = simulator.run(observed, plan(state, observed, SETTLED), until=until)
    done = simulator.run(halfway, plan(state, halfway, SETTLED))
    assert plan(state, done, SETTLED).changes == ()


@few
@given_values(states(), seen())
def test_every_wanted_replica_is_there_afterwards_and_nothing_else(state: Wanted, observed: Observed) -> None:
    result = carried_out(state, observed)
    counted = {entry.name: sum(item.service == entry.name for item in result.containers) for entry in state.services}
    assert counted == {entry.name: entry.replicas for entry in state.services}
    assert len(result.containers) == sum(counted.values())


@few
@given_values(states(), seen())
def test_planning_is_deterministic_and_never_removes_a_volume(state: Wanted, observed: Observed) -> None:
    first = plan(state, observed, SETTLED)
    shuffled = replace(observed, containers=observed.containers[::-1])
    assert render_plan(first) == render_plan(plan(replace(state, services=state.services[::-1]), shuffled, SETTLED))
    assert not any(isinstance(step, RemoveVolume) for step in first.steps)


def in_order(steps: tuple[Step, ...]) -> bool:
    done: set[str] = set()
    for step in steps:
        if not done.issuperset(step.after):
            return False
        done.add(step.id)
    return True


@few
@given_values(states(), seen())
def test_no_step_comes_before_what_it_waits_for(state: Wanted, observed: Observed) -> None:
    assert in_order(plan(state, observed, SETTLED).steps)


@few
@given_values(states())
def test_stop_then_start_and_down_and_destroy_converge(state: Wanted) -> None:
    observed = carried_out(state, NOTHING)
    simulator = Simulator(state)
    for again in (plan_stop, plan_down):
        assert in_order(again(STAGING, observed, state.services).steps)
    held = replace(observed, containers=tuple(replace(item, restart="no") for item in observed.containers))
    stopped = simulator.run(held, plan_stop(STAGING, held, state.services))
    assert stop_changes(plan_stop(STAGING, stopped, state.services, published=False)) == ()
    started = simulator.run(stopped, plan_start(STAGING, stopped, state.services))
    assert plan_start(STAGING, started, state.services).changes == ()
    gone = simulator.run(observed, plan_destroy(STAGING, observed))
    assert gone.containers == ()
    assert gone.networks == ()


def stop_changes(found: Plan) -> tuple[Step, ...]:
    return found.changes
