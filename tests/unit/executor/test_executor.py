from __future__ import annotations

import _thread
import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from localenv.actions.executor.executor import Executor
from localenv.actions.executor.ports import Ports
from localenv.actions.executor.values import Execution
from localenv.actions.starting import Starting
from localenv.actions.volumes import Volumes
from localenv.adapters.clock import SystemClock
from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan import RouteFacts, plan, plan_destroy, plan_down, plan_start, plan_stop
from localenv.core.plan.journal import unfinished
from localenv.core.plan.steps import CreateVolume, KeepContainer, Step
from localenv.core.plan.value import Plan, assemble
from localenv.core.wanted import (
    BindSeed,
    Dependency,
    Exposure,
    HealthCheck,
    InjectedFile,
    Model,
    Placement,
    ServiceWanted,
    Wanted,
)
from localenv.errors import LocalenvError
from localenv.errors.start import StartFailed
from localenv.ports.progress import StepState
from localenv.ports.router import Backend, Route
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_objects import Behaviour
from tests.fakes.memory_volumes import MemoryVolumeStore
from tests.unit.plan.planning import NETWORK, STAGING, service, volume, wanted
from tests.unit.starting.stage import Recorder


class MemoryStore:
    """The part of the store that carrying out a plan uses."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.model: Model | None = None

    def write_rendered(self, environment: EnvironmentId, model: Model) -> str:
        self.model = model
        return f"{environment.compose_project}.yaml"

    def journal(self, environment: EnvironmentId, line: str) -> None:
        assert environment == STAGING
        self.lines.append(line)

    def states(self, step: str) -> list[str]:
        return [entry["state"] for entry in map(json.loads, self.lines) if entry["step"] == step]


class MemoryCompose:
    """Creates what the model says."""

    def __init__(self, engine: MemoryEngine, store: MemoryStore) -> None:
        self.engine = engine
        self.store = store
        self.calls: list[Mapping[str, int]] = []

    def create(self, *, file: str, project_name: str, directory: str, scale: Mapping[str, int], no_recreate: bool = True) -> None:
        assert (file, directory, no_recreate) == ("shop_staging.yaml", "/code/shop", True)
        assert self.store.model is not None
        self.calls.append(scale)
        for name, definition in self.store.model["services"].items():
            taken = [seen.number for seen in self.engine.observe(details=False).containers if seen.service == name]
            for number in range(max(taken, default=0) + 1, max(taken, default=0) + 1 + scale[name] - len(taken)):
                self._create(project_name, name, number, definition)

    def _create(self, project: str, name: str, number: int, definition: Mapping[str, Any]) -> None:
        from tests.fakes.memory_objects import Endpoint

        self.engine.add_image(definition["image"])
        self.engine.create_container(
            f"{project}-{name}-{number}",
            definition["image"],
            labels={
                labels.OWNER: self.engine.owner,
                labels.PROJECT: STAGING.project,
                labels.ENVIRONMENT: STAGING.name,
                labels.SPEC: definition["spec"],
                labels.COMPOSE_PROJECT: project,
                labels.COMPOSE_SERVICE: name,
                labels.COMPOSE_NUMBER: str(number),
                labels.ONE_SHOT: str(definition["one_shot"]).lower(),
            },
            networks={NETWORK.name: Endpoint(aliases=(name,))},
            healthcheck=definition["health"],
            restart="no" if definition["one_shot"] else "always",
            mounts={f"/data/{at}": name for at, name in enumerate(definition["volumes"])},
        )


class MemoryRouter:
    """Serves what is published."""

    def __init__(self) -> None:
        self.routes: tuple[Route, ...] | None = None
        self.answers: list[int | None] = []
        self.prepared: list[tuple[str, ...]] = []

    def prepare(self, environment: EnvironmentId, domain: str, exposures: tuple[Exposure, ...]) -> None:
        assert (environment, domain, self.routes) == (STAGING, "localhost", None)
        self.prepared.append(tuple(exposure.service for exposure in exposures))
        raise OSError("it can be made when the names are handed over")

    def publish(self, environment: EnvironmentId, domain: str, routes: tuple[Route, ...], *, inside: tuple[str, ...] = ()) -> str:
        assert (environment, domain, inside) == (STAGING, "localhost", ())
        self.routes = routes
        return "r1"

    def published(self, environment: EnvironmentId) -> str | None:
        return "r1" if environment == STAGING and self.routes is not None else None

    def backends(self, environment: EnvironmentId) -> frozenset[Backend]:
        assert environment == STAGING
        return frozenset(backend for route in self.routes or () for backend in route.backends)

    def confirm(self, environment: EnvironmentId, domain: str, revision: str, timeout: float) -> bool:
        return (environment, domain, revision) == (STAGING, "localhost", "r1") and timeout > 0

    def withdraw(self, environment: EnvironmentId) -> None:
        assert environment == STAGING
        self.routes = None

    def probe(self, host: str, path: str, timeout: float) -> int | None:
        assert (host, path) == ("web.staging.shop.localhost", "/")
        assert timeout > 0
        return self.answers.pop(0) if len(self.answers) > 1 else (self.answers or [200])[0]


class World:
    """Everything that a plan is carried out with, in memory."""

    def __init__(self) -> None:
        self.engine = MemoryEngine(owner="me")
        self.store = MemoryStore()
        self.compose = MemoryCompose(self.engine, self.store)
        self.router = MemoryRouter()
        self.progress = Recorder()
        clock = SystemClock()
        ports: Any = Ports(
            engine=self.engine,
            compose=self.compose,  # type: ignore[arg-type]
            router=self.router,  # type: ignore[arg-type]
            store=self.store,  # type: ignore[arg-type]
            progress=self.progress,
            clock=clock,
            pack=self.pack,
            volumes=Volumes(self.engine, MemoryVolumeStore(self.engine), self.progress),
        )
        self.executor = Executor(ports, Starting(engine=self.engine, progress=self.progress, clock=clock))

    def pack(self, source: str, _exclude: tuple[str, ...]) -> Iterator[bytes]:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            member = tarfile.TarInfo("from")
            member.size = len(source)
            archive.addfile(member, io.BytesIO(source.encode()))
        yield buffer.getvalue()

    def observe(self) -> Observed:
        return self.engine.observe(STAGING.project, STAGING.name)

    def up(self, state: Wanted, **options: Any) -> Plan:
        route = RouteFacts(published=self.router.published(STAGING), revision="r1")
        found = plan(state, self.observe(), route, unfinished=unfinished(self.store.lines))
        execution = Execution(**{"wanted": state, "routes": routes_of(state), "timeout": 5.0, **options})
        self.executor.run(found, execution)
        return found

    def again(self, state: Wanted) -> tuple[Step, ...]:
        route = RouteFacts(published=self.router.published(STAGING), revision="r1")
        return plan(state, self.observe(), route, unfinished=unfinished(self.store.lines)).changes


def routes_of(state: Wanted) -> Callable[[tuple[ContainerSeen, ...]], tuple[Route, ...]]:
    def routes(containers: tuple[ContainerSeen, ...]) -> tuple[Route, ...]:
        return tuple(
            Route(
                exposure=exposure, backends=tuple(Backend(host=seen.addresses[NETWORK.name], port=exposure.port) for seen in mine)
            )
            for exposure in state.exposures
            if (mine := [seen for seen in containers if seen.service == exposure.service and seen.state == "running"])
        )

    return routes


def rendered(*services: ServiceWanted, **given: Any) -> Wanted:
    definitions = {
        entry.name: {
            "image": entry.image,
            "spec": entry.spec,
            "one_shot": entry.one_shot,
            "health": entry.health is not None,
            "volumes": entry.volumes,
        }
        for entry in services
    }
    return wanted(*services, definitions=definitions, **given)


HEALTHY = HealthCheck(test=("CMD", "true"))
DB = service("db", health=HEALTHY, volumes=("shop_staging_db",))
MIGRATE = service("migrate", Dependency(service="db", condition="service_healthy"), one_shot=True)
WEB = service("web", Dependency(service="migrate", condition="service_completed_successfully"))
URL = Exposure(service="web", port=8000, host="web.staging.shop.localhost", primary=True)
SHOP = rendered(DB, MIGRATE, WEB, volumes=(volume("db"),), exposures=(URL,))


@pytest.fixture
def world() -> World:
    found = World()
    found.engine.behave("migrate", Behaviour(exit_code=0))
    return found


def starts(world: World) -> list[str]:
    return [call[1] for call in world.engine.calls if call[0] == "start"]


def test_up_starts_in_order_and_leaves_nothing_to_do(world: World) -> None:
    world.up(SHOP)
    assert starts(world) == ["shop_staging-db-1", "shop_staging-migrate-1", "shop_staging-web-1"]
    assert world.router.prepared == [("web",)], "the certificate is made while containers start"
    assert world.again(SHOP) == ()
    assert world.router.routes == routes_of(SHOP)(world.observe().containers)
    assert world.compose.calls == [{"db": 1, "migrate": 1, "web": 1}]
    assert labels.CREATED in world.engine.networks[NETWORK.name].labels


def test_every_step_is_journalled_and_told(world: World) -> None:
    found = world.up(SHOP)
    for step in found.changes:
        assert world.store.states(step.id) == ["begun", "done"]
    told = [event.state for event in world.progress.events if isinstance(event, StepState)]
    assert told.count("begun") == told.count("done") == len(found.steps)


def test_a_changed_service_is_replaced_and_no_other(world: World) -> None:
    world.up(SHOP)
    before = {seen.service: seen.id for seen in world.observe().containers}
    changed = rendered(DB, MIGRATE, replace(WEB, spec="web-2"), volumes=SHOP.volumes, exposures=SHOP.exposures)
    world.up(changed)
    after = {seen.service: seen.id for seen in world.observe().containers}
    assert {name for name in after if after[name] != before[name]} == {"web"}
    assert world.again(changed) == ()


def test_the_first_failure_keeps_what_depends_on_it_from_starting(world: World) -> None:
    world.engine.behave("migrate", Behaviour(exit_code=2))
    with pytest.raises(StartFailed, match="migrate failed to start"):
        world.up(SHOP)
    assert "shop_staging-web-1" not in starts(world)
    assert world.store.states("run one-shot migrate") == ["begun", "done"]


def test_what_failed_is_done_again_by_the_next_run(world: World) -> None:
    world.engine.behave("migrate", Behaviour(exit_code=2))
    with pytest.raises(StartFailed):
        world.up(SHOP)
    world.engine.behave("migrate", Behaviour(exit_code=0))
    world.up(SHOP)
    assert world.again(SHOP) == ()


def test_an_engine_that_refuses_is_told_as_it_said_it(world: World) -> None:
    world.engine.behave("db", Behaviour(refuses=LocalenvError("host port 5432 is taken")))
    with pytest.raises(LocalenvError, match="host port 5432 is taken"):
        world.up(SHOP)
    assert world.store.states("start service db") == ["begun", "failed"]


def test_a_seed_that_was_interrupted_is_put_in_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    web = service("web", volumes=("shop_staging_code",))
    state = rendered(web, volumes=(volume("code", seed=BindSeed(source="/code/shop/src", digest="0" * 64)),))
    world.engine.add_image("web:1")
    with monkeypatch.context() as broken:
        broken.setattr(world.engine, "copy_into_volume", lambda *_, **__: (_ for _ in ()).throw(LocalenvError("cut off")))
        with pytest.raises(LocalenvError, match="cut off"):
            world.up(state)
    assert next(step.id for step in world.again(state)) == "seed volume shop_staging_code"
    world.up(state)
    assert world.engine.volumes["shop_staging_code"].files == {"from": b"/code/shop/src"}
    assert world.again(state) == ()


def test_an_external_volume_is_cloned(world: World) -> None:
    from localenv.ports.engine import VolumeSpec

    world.engine.add_image("web:1")
    world.engine.create_volume(VolumeSpec(name="theirs"))
    world.engine.volumes["theirs"].files["a"] = b"1"
    state = rendered(service("web", volumes=("shop_staging_c",)), volumes=(volume("c", clone_of="theirs"),))
    world.up(state)
    assert world.engine.volumes["shop_staging_c"].files == {"a": b"1"}


def test_replicas_get_slots_that_no_other_holds_and_files_before_they_start(world: World) -> None:
    slots = tuple(Placement(number=at, addresses={NETWORK.name: f"10.231.4.{16 + at}"}) for at in (1, 2, 3))
    files = (InjectedFile(target="/etc/app/key", content=b"s", mode=0o440, uid=7, gid=8),)
    web = service("web", replicas=2, placements=slots, injected=files)
    world.up(rendered(web))
    seen = world.observe().containers
    assert sorted(item.addresses[NETWORK.name] for item in seen) == ["10.231.4.17", "10.231.4.18"]
    assert all(item.files == {"/etc/app/key": b"s"} for item in world.engine.containers.values())
    world.engine.remove(seen[0].id)
    world.up(rendered(web))
    assert sorted(item.addresses[NETWORK.name] for item in world.observe().containers) == ["10.231.4.17", "10.231.4.18"]


def test_a_container_that_a_killed_run_left_on_no_network_is_put_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slots = tuple(Placement(number=at, addresses={NETWORK.name: f"10.231.4.{16 + at}"}) for at in (1, 2))
    state = rendered(service("web", replicas=2, placements=slots))

    def killed(network: str, container: str, *, address: str) -> None:
        del address
        world.engine.disconnect(network, container)
        raise LocalenvError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(world.engine, "move_endpoint", killed)
        with pytest.raises(LocalenvError, match="killed"):
            world.up(state)
    world.up(state)
    assert sorted(item.addresses[NETWORK.name] for item in world.observe().containers) == ["10.231.4.17", "10.231.4.18"]
    assert all("web" in item.endpoints[NETWORK.name].aliases for item in world.engine.containers.values() if item.endpoints)


def test_injected_files_have_their_owner_and_mode() -> None:
    from localenv.actions.executor.creating import packed

    archive = packed((InjectedFile(target="/etc/key", content=b"s", mode=0o440, uid=7, gid=8),), 0.0)
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        member = opened.getmembers()[0]
    assert (member.name, member.mode, member.uid, member.gid, member.size) == ("etc/key", 0o440, 7, 8, 1)


def test_the_url_is_asked_until_it_stops_failing(world: World) -> None:
    world.router.answers = [None, 502, 503, 200]
    world.up(SHOP)
    assert "https://web.staging.shop.localhost answers 200" in world.progress.notes()


def test_a_url_that_keeps_failing_is_told_and_is_no_failure(world: World) -> None:
    world.router.answers = [502]
    world.up(SHOP, timeout=0.3)
    assert "https://web.staging.shop.localhost answers 502" in world.progress.notes()


def test_stop_start_down_and_destroy(world: World) -> None:
    world.up(SHOP)
    world.executor.run(plan_stop(STAGING, world.observe(), SHOP.services))
    assert {seen.state for seen in world.observe().containers} == {"exited"}
    assert world.router.routes is None
    world.executor.run(plan_start(STAGING, world.observe(), SHOP.services))
    assert {seen.service for seen in world.observe().containers if seen.state == "running"} == {"db", "web"}
    world.executor.run(plan_down(STAGING, world.observe(), SHOP.services))
    assert (world.observe().containers, world.observe().networks) == ((), ())
    assert [seen.name for seen in world.observe().volumes] == ["shop_staging_db"]
    world.up(SHOP)
    world.executor.run(plan_destroy(STAGING, world.observe()))
    assert world.observe() == Observed()


def run_interrupted(world: World, steps: tuple[Step, ...], during: threading.Event) -> BaseException | None:
    caught: list[BaseException] = []

    def run() -> None:
        try:
            world.executor.run(assemble(STAGING, steps))
        except BaseException as error:  # noqa: BLE001 - what it raises is what is tested
            caught.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert during.wait(2.0)
    world.executor.interrupt()
    thread.join(5.0)
    assert not thread.is_alive()
    return caught[0] if caught else None


def test_an_interruption_lets_what_is_under_way_end_and_says_what_remains(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    began, release = threading.Event(), threading.Event()
    create = world.engine.create_volume

    def slow(spec: Any) -> None:
        began.set()
        release.wait(0.3)
        create(spec)

    monkeypatch.setattr(world.engine, "create_volume", slow)
    first = CreateVolume(target="shop_staging_a", cause="", labels={labels.PROJECT: "shop", labels.ENVIRONMENT: "staging"})
    second = CreateVolume(target="shop_staging_b", cause="", after=(first.id,))
    error = run_interrupted(world, (first, second), began)
    assert isinstance(error, KeyboardInterrupt)
    assert list(world.engine.volumes) == ["shop_staging_a"]
    assert world.progress.notes() == ["interrupted before: create volume shop_staging_b; the same command goes on from here"]


def test_control_c_lets_what_is_under_way_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    create = world.engine.create_volume

    def pressed(spec: Any) -> None:
        _thread.interrupt_main()
        create(spec)

    monkeypatch.setattr(world.engine, "create_volume", pressed)
    first = CreateVolume(target="shop_staging_a", cause="", labels={labels.PROJECT: "shop", labels.ENVIRONMENT: "staging"})
    with pytest.raises(KeyboardInterrupt):
        world.executor.run(assemble(STAGING, (first, CreateVolume(target="shop_staging_b", cause="", after=(first.id,)))))
    assert list(world.engine.volumes) == ["shop_staging_a"]
    assert world.store.states(first.id) == ["begun", "done"]


def test_a_wait_is_ended_by_a_failure_elsewhere(world: World) -> None:
    slow = service("slow", health=HealthCheck(test=("CMD", "never")))
    world.engine.behave("slow", Behaviour(health="starting"))
    world.engine.behave("broken", Behaviour(exit_code=1))
    state = rendered(slow, service("broken", one_shot=True))
    with pytest.raises(StartFailed, match="broken failed to start"):
        world.up(state, timeout=60.0)
    told = [event.state for event in world.progress.events if isinstance(event, StepState) and event.target == "slow"]
    assert told == ["begun", "done", "begun", "failed"]


def test_independent_steps_go_on_side_by_side(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(4, timeout=2.0)
    monkeypatch.setattr(world.engine, "create_volume", lambda _: meeting.wait())
    steps = tuple(CreateVolume(target=name, cause="") for name in "abcd")
    world.executor.run(assemble(STAGING, steps))
    assert meeting.broken is False


def test_a_plan_that_only_keeps_changes_nothing(world: World) -> None:
    world.executor.run(assemble(STAGING, (KeepContainer(target="a", cause=""),)))
    assert world.engine.calls == []
    assert world.store.lines == []
