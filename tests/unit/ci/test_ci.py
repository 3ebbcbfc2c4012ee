"""``ci``, whose parts note in ``did`` what they were asked for."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from localenv.actions.abandoned import AbandonedEnvironments
from localenv.actions.ci import Ci, CiRequest, CiResult
from localenv.actions.ci_recorder import CiRecorder
from localenv.actions.ci_reports import CiPlaces
from localenv.actions.up_request import UpRequest
from localenv.adapters.clock import SystemClock
from localenv.core.ci.run import CiRun
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.errors import InvalidInput, LocalenvError, NotFound
from localenv.errors.command import CommandMissing
from localenv.errors.start import StartFailed
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_ledger import MemoryLedger, MemoryLocks
from tests.unit.ci.given import service

TIERS = {name: TierProfile(tier=name, purpose="") for name in ("development", "staging")}
SETTINGS = SimpleNamespace(project="shop", domain="localhost", tiers=TIERS, environments={}, data=None)
REFUSED = StartFailed("ci-1: db failed to start", failures=())


class World:
    """Everything that ``ci`` uses, in one."""

    def __init__(self, *, code: int = 0) -> None:
        self.did: list[str] = []
        self.ledger = MemoryLedger()
        self.locks = MemoryLocks()
        self.code = code
        self.first: int | None = None
        """Number of the signal that came."""
        self.comes_up: BaseException | None = None
        self.goes: LocalenvError | None = None
        self.stuck = ""
        """Name of an environment that cannot be removed."""
        self.checked: LocalenvError | None = None
        self.asked: UpRequest | None = None
        self.reported: CiRun | None = None
        self.there = False
        names = iter(f"ci-{number}" for number in range(1, 100))
        me: Any = self
        self.ci = Ci(
            project=lambda _directory: SimpleNamespace(settings=SETTINGS, directory="/code"),  # type: ignore[arg-type, return-value]
            up=me.up,
            lifecycle=me.destroy,
            environments=me,
            abandoned=AbandonedEnvironments(ledger=self.ledger, locks=self.locks, lifecycle=me.destroy),
            commands=me,
            signals=me,
            reports=Reports(me),  # type: ignore[arg-type]
            recorder=CiRecorder(SystemClock()),
            showing=contextlib.nullcontext,
            authority=lambda domain: f"/state/{domain}/ca.crt",
            fresh_name=lambda: next(names),
            ledger=self.ledger,
            locks=self.locks,
            clock=SystemClock(),
        )

    def __call__(self, *, keep: bool = False, **given: Any) -> CiResult:
        return self.ci(CiRequest(directory="/code", command=("pytest", "-q"), keep=keep, **given))

    def up(self, request: UpRequest) -> list[Any]:
        (name,) = request.names
        self.asked = request
        self.did.append(f"up {name}")
        assert self.locks.has_command(EnvironmentId(project="shop", name=name))
        if self.comes_up:
            raise self.comes_up
        self.there = True
        return [SimpleNamespace(exposures=())]

    def destroy(self, _verb: str, environments: list[EnvironmentId]) -> None:
        for environment in environments:
            self.did.append(f"destroy {environment.name}")
            if self.goes:
                raise self.goes
            if environment.name == self.stuck:
                raise LocalenvError("a volume is in use")
            self.ledger.forget(environment)

    def one(self, environment: EnvironmentId) -> Any:
        if not self.there:
            raise NotFound(f"no {environment}")
        return SimpleNamespace(services=(service("web"),))

    def check(self, _program: str, _directory: str) -> None:
        if self.checked:
            raise self.checked

    def attend(self, argv: tuple[str, ...], *, environment: dict[str, str], directory: str) -> int:
        assert environment["LOCALENV_CA"] == "/state/localhost/ca.crt"
        self.did.append(f"{' '.join(argv)} in {directory} for {environment['LOCALENV_ENVIRONMENT']}")
        return self.code

    @contextlib.contextmanager
    def interrupting(self) -> Iterator[None]:
        yield


class Reports:
    def __init__(self, world: World) -> None:
        self._world = world

    def prepare(self, _places: CiPlaces) -> None:
        return None

    def __call__(self, run: CiRun, _places: CiPlaces) -> tuple[LocalenvError, ...]:
        self._world.did.append("report")
        self._world.reported = run
        return ()


def left_by_a_killed_one(world: World, name: str = "ci-old") -> None:
    old = EnvironmentId(project="shop", name=name)
    world.ledger.save(EnvironmentRecord(id=old, tier="development", directory="/code", kind="ci"))


def test_it_comes_up_is_reported_on_and_goes_around_the_command() -> None:
    world = World()
    assert world().run.exit_code == 0
    assert world.did == ["up ci-1", "pytest -q in /code for ci-1", "report", "destroy ci-1"]
    assert world.ledger.records() == []
    assert world.asked == UpRequest(
        directory="/code", names=("ci-1",), other_tier="development", worktree=True, captured=True, timeout=300.0
    )


def test_the_commands_code_is_localenvs() -> None:
    assert World(code=7)().run.exit_code == 7


def test_an_environment_that_does_not_come_up_is_reported_on_and_removed() -> None:
    world = World()
    world.comes_up = REFUSED
    run = world().run
    assert (run.exit_code, run.outcome, run.error) == (1, "environment-failed", REFUSED)
    assert world.did == ["up ci-1", "report", "destroy ci-1"]


def test_a_missing_command_has_the_code_of_shells_and_no_environment() -> None:
    world = World()
    world.checked = CommandMissing("there is no command pytest")
    assert world().run.exit_code == 127
    assert "up ci-1" not in world.did


@pytest.mark.parametrize("error", [KeyboardInterrupt(), LocalenvError("its program was ended")], ids=["interrupt", "program"])
def test_a_signal_on_the_way_up_has_the_code_of_shells(error: BaseException) -> None:
    world = World()
    world.comes_up, world.first = error, signal.SIGTERM
    run = world().run
    assert (run.exit_code, run.outcome, run.ended_by) == (143, "interrupted", "SIGTERM")
    assert world.did[-1] == "destroy ci-1"


@pytest.mark.parametrize(("code", "told"), [(5, 5), (130, 130), (0, 130)])
def test_a_command_that_was_told_to_end_has_its_own_code_but_never_success(code: int, told: int) -> None:
    world = World(code=code)
    world.first = signal.SIGINT
    assert world().run.exit_code == told


def test_a_bug_leaves_no_environment() -> None:
    world = World()
    world.comes_up = ZeroDivisionError("x")
    with pytest.raises(ZeroDivisionError):
        world()
    assert world.did == ["up ci-1", "destroy ci-1"]


def test_what_cannot_be_removed_is_told() -> None:
    world = World(code=3)
    world.goes = LocalenvError("the engine is gone")
    result = world()
    assert (result.run.exit_code, result.left) == (3, world.goes)


def test_one_that_is_kept_is_no_longer_known_as_a_commands() -> None:
    world = World()
    world(keep=True)
    (record,) = world.ledger.records()
    assert (record.id.name, record.kind) == ("ci-1", "")
    assert "destroy ci-1" not in world.did


def test_nothing_is_kept_of_one_that_never_was() -> None:
    world = World()
    world.comes_up = REFUSED
    world(keep=True)
    assert world.ledger.records() == []


def test_what_a_killed_one_left_goes_first() -> None:
    world = World()
    left_by_a_killed_one(world)
    world()
    assert world.did[:2] == ["destroy ci-old", "up ci-1"]


def test_what_a_killed_one_left_and_cannot_be_removed_stops_no_other() -> None:
    world = World()
    left_by_a_killed_one(world)
    left_by_a_killed_one(world, "ci-older")
    world.stuck = "ci-old"
    assert world().run.exit_code == 0
    assert world.did[:3] == ["destroy ci-old", "destroy ci-older", "up ci-1"]
    assert [record.id.name for record in world.ledger.records()] == ["ci-old"]


def test_what_another_one_still_has_stays() -> None:
    world = World()
    left_by_a_killed_one(world)
    with world.locks.command(EnvironmentId(project="shop", name="ci-old"), "ci"):
        world()
    assert "destroy ci-old" not in world.did


def test_an_environment_of_a_persons_own_is_never_taken() -> None:
    world = World()
    world.ledger.save(EnvironmentRecord(id=EnvironmentId(project="shop", name="qa"), tier="staging", directory="/code"))
    with pytest.raises(InvalidInput, match="there is an environment qa already"):
        world(name="qa", tier="staging")
    assert world.did == []


def test_a_tier_that_there_is_not_costs_nothing() -> None:
    world = World()
    with pytest.raises(InvalidInput, match="no tier"):
        world(tier="nowhere")
    assert (world.did, world.ledger.records()) == ([], [])
