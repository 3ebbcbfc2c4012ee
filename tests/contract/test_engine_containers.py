"""What ``ports.engine`` promises about containers: their life, their addresses, their events."""

from __future__ import annotations

import socket
import threading

import pytest

from localenv.core.labels import COMPOSE_SERVICE
from localenv.core.observed import ContainerSeen
from localenv.errors import LocalenvError, NotFound
from localenv.errors.engine import PortTaken
from localenv.ports.engine import ContainerEvent
from tests.contract.engine_bench import Bench, Wanted, eventually
from tests.fakes.memory_objects import Behaviour

OBEDIENT = ("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done")


def seen(bench: Bench, container: str, *, details: bool = True) -> ContainerSeen:
    found = bench.engine.observe("contract", bench.environment, details=details).containers
    return next(one for one in found if one.id == container)


@pytest.mark.parametrize("details", [True, False])
def test_a_created_container_is_observed_with_its_service(bench: Bench, details: bool) -> None:
    container = bench.container(Wanted(service="api"))
    found = seen(bench, container, details=details)
    assert (found.state, found.service, found.number, found.tier) == ("created", "api", 1, "development")
    assert (found.health, found.exit_code, found.addresses) == ("none", None, {})
    assert found.image_id.startswith("sha256:")


def test_a_started_container_runs_and_has_an_address(bench: Bench) -> None:
    network = bench.network()
    found = seen(bench, bench.running(Wanted(network=network)))
    assert found.state == "running"
    assert found.addresses[network].startswith("10.231.")
    assert found.started is not None
    assert found.finished is None


def test_starting_twice_is_fine(bench: Bench) -> None:
    container = bench.running()
    bench.engine.start(container)
    assert seen(bench, container).state == "running"


def test_pausing_and_going_on_twice_is_fine(bench: Bench) -> None:
    container = bench.running()
    for _ in range(2):
        bench.engine.pause(container)
        assert seen(bench, container).state == "paused"
    for _ in range(2):
        bench.engine.unpause(container)
        assert seen(bench, container).state == "running"


def test_starting_what_is_gone_is_an_error(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.engine.start(bench.name("nothing"))


@pytest.mark.parametrize("details", [True, False])
def test_a_container_that_ended_tells_its_exit_code(bench: Bench, details: bool) -> None:
    container = bench.running(Wanted(command=("sh", "-c", "exit 3"), behaviour=Behaviour(exit_code=3)))
    eventually(lambda: seen(bench, container).state == "exited", "the container ends")
    found = seen(bench, container, details=details)
    assert (found.exit_code, found.addresses) == (3, {})


def test_a_stopped_container_can_be_started_again(bench: Bench) -> None:
    container = bench.running(Wanted(command=OBEDIENT))
    bench.engine.stop(container, 5)
    stopped = seen(bench, container)
    assert stopped.state == "exited"
    assert stopped.finished is not None
    bench.engine.start(container)
    assert seen(bench, container).state == "running"


def test_stopping_without_grace_kills_what_ignores_the_signal(bench: Bench) -> None:
    container = bench.running()
    bench.engine.stop(container, 0)
    assert seen(bench, container).exit_code == 137


def test_a_running_container_is_removed_at_once(bench: Bench) -> None:
    container = bench.running()
    bench.engine.remove(container)
    assert not bench.exists(container)
    bench.engine.remove(container)


def test_two_removals_at_once_both_succeed(bench: Bench) -> None:
    container = bench.running()
    failures: list[LocalenvError] = []

    def remove() -> None:
        try:
            bench.engine.remove(container)
        except LocalenvError as error:
            failures.append(error)

    workers = [threading.Thread(target=remove) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert not bench.exists(container)


def test_the_restart_policy_can_be_changed(bench: Bench) -> None:
    container = bench.running()
    assert seen(bench, container).restart == "no"
    bench.engine.set_restart(container, "always")
    assert seen(bench, container).restart == "always"
    bench.engine.set_restart(container, "no")
    assert seen(bench, container).restart == "no"


def test_a_created_container_moves_to_a_static_address_and_keeps_it(bench: Bench) -> None:
    network = bench.network()
    container = bench.container(Wanted(network=network, aliases=("store", "db.internal")))
    address = bench.address(network, 20)
    bench.engine.move_endpoint(network, container, address=address)
    bench.engine.start(container)
    endpoint = bench.engine.endpoint(container, network)
    assert endpoint["address"] == address
    assert {"store", "db.internal"} <= set(endpoint["aliases"])  # type: ignore[call-overload]
    assert seen(bench, container).addresses == {network: address}
    bench.engine.stop(container, 0)
    bench.engine.start(container)
    assert seen(bench, container).addresses == {network: address}


def test_moving_to_the_same_address_changes_nothing(bench: Bench) -> None:
    network = bench.network()
    address = bench.address(network, 20)
    container = bench.container(Wanted(network=network, address=address))
    with bench.engine.events({}) as events:
        bench.engine.move_endpoint(network, container, address=address)
        bench.engine.remove(container)
        actions = actions_until(events, "destroy")
    assert actions[-1] == "destroy"
    assert "other" not in actions


def test_a_running_container_gets_and_loses_names_and_stays_where_it_is(bench: Bench) -> None:
    network = bench.network()
    address = bench.address(network, 20)
    container = bench.running(Wanted(network=network, address=address, aliases=("store",)))
    for aliases in (["store", "web"], ["web"], []):
        bench.engine.rename_endpoint(network, container, aliases=aliases)
        assert {"store", "web"} & set(seen(bench, container).aliases[network]) == set(aliases)
        assert seen(bench, container).addresses == {network: address}
    assert seen(bench, container).fixed == {network: address}


def test_an_address_of_the_engines_choice_stays_when_names_change(bench: Bench) -> None:
    network = bench.network()
    container = bench.running(Wanted(network=network, aliases=("store",)))
    before = seen(bench, container).addresses
    bench.engine.rename_endpoint(network, container, aliases=["web"])
    assert seen(bench, container).addresses == before


def test_a_container_that_never_ran_loses_its_names_and_starts_without(bench: Bench) -> None:
    network = bench.network()
    container = bench.container(Wanted(network=network, aliases=("store",)))
    bench.engine.rename_endpoint(network, container, aliases=[])
    bench.engine.start(container)
    assert "store" not in seen(bench, container).aliases[network]
    assert set(seen(bench, container).addresses) == {network}


def test_names_that_it_has_already_change_nothing(bench: Bench) -> None:
    network = bench.network()
    container = bench.container(Wanted(network=network, aliases=("store",)))
    held = seen(bench, container).aliases[network]
    with bench.engine.events({}) as events:
        bench.engine.rename_endpoint(network, container, aliases=held)
        bench.engine.remove(container)
        actions = actions_until(events, "destroy")
    assert "other" not in actions


def test_connecting_by_hand_gives_address_and_aliases(bench: Bench) -> None:
    first, second = bench.network(), bench.network("back")
    container = bench.container(Wanted(network=first))
    address = bench.address(second, 9)
    bench.engine.connect(second, container, address=address, aliases=["alias"])
    bench.engine.start(container)
    assert seen(bench, container).addresses[second] == address
    bench.engine.disconnect(second, container)
    assert set(seen(bench, container).addresses) == {first}
    bench.engine.disconnect(second, container)


def test_an_endpoint_on_a_network_that_it_is_not_on_is_not_found(bench: Bench) -> None:
    network = bench.network()
    with pytest.raises(NotFound):
        bench.engine.endpoint(bench.container(Wanted()), network)


def test_an_address_that_is_used_is_a_conflict(bench: Bench) -> None:
    network = bench.network()
    address = bench.address(network, 20)
    bench.running(Wanted(service="first", network=network, address=address))
    second = bench.container(Wanted(service="second", network=network, address=address))
    with pytest.raises(LocalenvError) as caught:
        bench.engine.start(second)
    assert caught.value.code_of_case == "address-conflict"


def test_published_ports_are_told_while_it_runs(bench: Bench) -> None:
    port = free_port()
    container = bench.running(Wanted(network=bench.network(), ports=[(80, "tcp", "127.0.0.1", port)]))
    assert seen(bench, container).ports == ((80, "tcp", "127.0.0.1", port),)
    assert port in bench.engine.published_ports()
    bench.engine.stop(container, 0)
    assert seen(bench, container).ports == ()
    assert port not in bench.engine.published_ports()


def test_a_port_that_another_container_has_is_told_by_number(bench: Bench) -> None:
    port = free_port()
    network = bench.network()
    bench.running(Wanted(service="first", network=network, ports=[(80, "tcp", "127.0.0.1", port)]))
    second = bench.container(Wanted(service="second", network=network, ports=[(80, "tcp", "127.0.0.1", port)]))
    with pytest.raises(PortTaken) as caught:
        bench.engine.start(second)
    assert (caught.value.code, caught.value.port) == ("port-taken", port)
    bench.engine.remove(bench.name("first"))
    bench.engine.start(second)
    assert seen(bench, second).state == "running"


def test_events_tell_a_whole_life_with_its_exit_code(bench: Bench) -> None:
    with bench.engine.events(bench.labels) as events:
        container = bench.running(Wanted(command=("sh", "-c", "exit 4"), behaviour=Behaviour(exit_code=4)))
        life = [next(events) for _ in range(3)]
        bench.engine.remove(container)
        life.append(next(events))
    assert {event.container for event in life} == {container}
    assert [event.action for event in life] == ["create", "start", "die", "destroy"]
    assert [event.exit_code for event in life] == [None, None, 4, None]
    assert life[0].labels.items() >= {**bench.labels, COMPOSE_SERVICE: "web"}.items()


@pytest.mark.parametrize(("check", "health"), [("true", "healthy"), ("echo sick; false", "unhealthy")])
def test_health_is_an_event_and_is_observed(bench: Bench, check: str, health: str) -> None:
    behaviour = Behaviour(health="healthy" if health == "healthy" else "unhealthy")
    with bench.engine.events(bench.labels) as events:
        container = bench.running(Wanted(healthcheck=check, behaviour=behaviour))
        event = next(event for event in events if event.action == "health")
    assert (event.container, event.health) == (container, health)
    assert seen(bench, container).health == health
    assert seen(bench, container, details=False).health == health


def test_the_last_healthchecks_output_can_be_read(bench: Bench) -> None:
    container = bench.running(Wanted(healthcheck="echo sick; false", behaviour=Behaviour(health="starting")))
    if hasattr(bench.engine, "set_health"):
        bench.engine.set_health(container, "unhealthy", "sick\n")
    eventually(lambda: bench.engine.health_output(container) == "sick\n", "the check's output is there")


def test_without_a_healthcheck_there_is_no_output_of_one(bench: Bench) -> None:
    assert bench.engine.health_output(bench.running()) is None


def test_events_of_others_are_not_told(bench: Bench) -> None:
    with bench.engine.events(bench.labels) as events:
        bench.container(Wanted(service="foreign", foreign=True))
        bench.container(Wanted(service="elsewhere", labels={"localenv.environment": "elsewhere"}))
        own = bench.container(Wanted(service="own"))
        assert next(events).container == own
    bench.engine.remove(bench.name("elsewhere"))


def test_leaving_ends_an_iteration_that_waits_in_another_thread(bench: Bench) -> None:
    ended = threading.Event()

    def wait_for_more(events: object) -> None:
        for _ in events:  # type: ignore[attr-defined]
            pass
        ended.set()

    with bench.engine.events(bench.labels) as events:
        worker = threading.Thread(target=wait_for_more, args=(events,))
        worker.start()
    assert ended.wait(5)
    worker.join()


def test_usage_is_told_while_it_runs_only(bench: Bench) -> None:
    container = bench.running()
    usage = bench.engine.usage(container)
    assert usage is not None
    assert 0 < usage.memory < usage.memory_limit
    bench.engine.stop(container, 0)
    assert bench.engine.usage(container) is None
    assert bench.engine.usage(bench.name("nothing")) is None


def test_a_closer_look_leaves_out_what_went_away(bench: Bench) -> None:
    stays, goes = bench.running(Wanted(service="stays")), bench.running(Wanted(service="goes"))
    listed = bench.engine.observe("contract", bench.environment, details=False).containers
    bench.engine.set_restart(stays, "always")
    bench.engine.remove(goes)
    (found,) = bench.engine.look_closer(listed)
    assert (found.id, found.restart) == (stays, "always")
    assert found.started is not None


def test_the_healthcheck_in_force_is_told(bench: Bench) -> None:
    plain = bench.container(Wanted(service="plain"))
    checked = bench.container(Wanted(service="checked", healthcheck="test -e /ready"))
    assert bench.engine.healthcheck(plain) is None
    found = bench.engine.healthcheck(checked)
    assert found is not None
    assert found.test == ("CMD-SHELL", "test -e /ready")
    assert (found.interval, found.retries, found.start_period) == (0.2, 1, 0.0)


def test_a_containers_variables_can_be_read(bench: Bench) -> None:
    container = bench.container(Wanted(environment={"PASSWORD": "a=b", "EMPTY": ""}))
    assert bench.engine.environment_of(container).items() >= {"PASSWORD": "a=b", "EMPTY": ""}.items()


def actions_until(events: object, last: str) -> list[str]:
    actions: list[str] = []
    for event in events:  # type: ignore[attr-defined]
        assert isinstance(event, ContainerEvent)
        actions.append(event.action)
        if event.action == last:
            break
    return actions


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
