from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from localenv.cli.guards import ask, settle
from localenv.core.configuration.tier import Guards, TierProfile
from localenv.core.guards import Answer, GuardedAction, Question
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError
from tests.fakes.memory_ledger import MemoryLedger

PRODUCTION = EnvironmentId(project="shop", name="production")
TYPED = Question(text="destroy", typed="production", wants_reason=True)
LIVE = TierProfile(tier="production", purpose="live", guards=Guards(destroy="typed", exec="typed", reason=True))
FREE = TierProfile(tier="development", purpose="work")


class Terminal:
    def isatty(self) -> bool:
        return True


class Services:
    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        self.clock = self.host = self

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def user(self) -> str:
        return "ada"


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("localenv.wiring.environments.tier_of", lambda *_given: LIVE)
    return Services()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A terminal at which these answers are typed."""

    def typing(*answers: str) -> None:
        given = iter(answers)
        monkeypatch.setattr("localenv.cli.guards.sys.stdin", Terminal())
        monkeypatch.setattr("click.prompt", lambda *_given, **_named: next(given))
        monkeypatch.setattr("click.confirm", lambda *_given, **_named: next(given) == "y")

    return typing


@pytest.mark.parametrize(
    ("question", "action", "hint"),
    [
        (TYPED, "destroy", "localenv destroy production --confirm production --reason WHY"),
        (TYPED, "exec", "localenv exec --confirm production --reason WHY production SERVICE -- COMMAND"),
        (TYPED, "reset", "localenv data reset production --confirm production --reason WHY"),
        (TYPED, "restore", "localenv snapshot restore SNAPSHOT production --confirm production --reason WHY"),
        (Question(text="x", typed=None, wants_reason=False), "destroy", "localenv destroy production --yes"),
    ],
)
def test_where_nobody_can_be_asked_the_options_that_answer_are_told(question: Question, action: GuardedAction, hint: str) -> None:
    with pytest.raises(LocalenvError) as raised:
        ask(question, PRODUCTION, action)
    assert (raised.value.code_of_case, raised.value.hints) == ("needs-confirmation", (hint,))


def test_the_typed_name_must_be_right(terminal: Any) -> None:
    terminal("staging")
    with pytest.raises(LocalenvError) as raised:
        ask(TYPED, PRODUCTION, "destroy")
    assert raised.value.code_of_case == "not-confirmed"
    terminal("production", "moved away")
    assert ask(TYPED, PRODUCTION, "destroy") == "moved away"


def test_a_no_is_a_no(terminal: Any) -> None:
    terminal("n")
    with pytest.raises(LocalenvError, match="nothing was done"):
        ask(Question(text="x", typed=None, wants_reason=False), PRODUCTION, "destroy")


def test_what_was_done_and_why_stands_in_the_audit_log(services: Any) -> None:
    with settle(services, PRODUCTION, "destroy", Answer(confirm="production", reason="moved")):
        pass
    (entry,) = services.ledger.log
    assert (entry.at, entry.actor, entry.command) == ("2026-01-02T03:04:05Z", "ada", "destroy")
    assert (entry.environment, entry.reason, entry.outcome) == ("shop_production", "moved", "done")


def test_work_that_fails_is_recorded_as_failed(services: Any) -> None:
    with pytest.raises(KeyboardInterrupt), settle(services, PRODUCTION, "exec", Answer(confirm="production", reason="look")):
        raise KeyboardInterrupt
    assert [entry.outcome for entry in services.ledger.log] == ["failed"]


def test_without_an_answer_nothing_is_done_and_nothing_recorded(services: Any) -> None:
    with pytest.raises(LocalenvError), settle(services, PRODUCTION, "destroy", Answer(yes=True)):
        raise AssertionError("the work was begun")
    assert services.ledger.log == []


def test_an_unguarded_exec_is_not_recorded(services: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localenv.wiring.environments.tier_of", lambda *_given: FREE)
    with settle(services, PRODUCTION, "exec", Answer()):
        pass
    assert services.ledger.log == []
