from __future__ import annotations

import signal
import threading

import pytest

from localenv.actions.side_by_side import side_by_side
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError, NotFound

MAIN = threading.main_thread().ident or 0
NAMES = [EnvironmentId(project="shop", name=name) for name in ("a", "b", "c")]


def never() -> None:
    raise AssertionError("nothing was interrupted")


def test_results_come_in_the_order_of_the_names() -> None:
    meeting = threading.Barrier(3, timeout=5)

    def work(environment: EnvironmentId) -> str:
        meeting.wait()
        return environment.name

    assert side_by_side(NAMES, work, never) == ["a", "b", "c"]


def test_the_failure_of_the_only_one_is_raised_as_it_is() -> None:
    failure = NotFound("not there", where="compose.yaml:3:1")

    def work(_environment: EnvironmentId) -> None:
        raise failure

    with pytest.raises(NotFound) as raised:
        side_by_side(NAMES[:1], work, never)
    assert raised.value is failure


def test_failures_are_told_together_and_the_others_are_done() -> None:
    done: list[str] = []

    def work(environment: EnvironmentId) -> None:
        if environment.name != "b":
            raise LocalenvError(f"{environment.name} broke", where="compose.yaml:3:1", details=("more",), hints=("mend it",))
        done.append(environment.name)

    with pytest.raises(LocalenvError) as raised:
        side_by_side(NAMES, work, never)
    assert done == ["b"]
    assert raised.value.message == "2 of 3 environments failed, the others are done"
    assert raised.value.details == ("a: compose.yaml:3:1: a broke", "  more", "c: compose.yaml:3:1: c broke", "  more")
    assert raised.value.hints == ("mend it",)


def test_a_bug_is_raised_as_a_bug() -> None:
    def work(environment: EnvironmentId) -> None:
        raise (ZeroDivisionError if environment.name == "c" else LocalenvError)("x")

    with pytest.raises(ZeroDivisionError):
        side_by_side(NAMES, work, never)


def test_control_c_interrupts_what_is_under_way_and_begins_nothing_more() -> None:
    many = [EnvironmentId(project="shop", name=f"e{number}") for number in range(20)]
    stop = threading.Event()
    begun: list[str] = []

    def work(environment: EnvironmentId) -> None:
        begun.append(environment.name)
        if len(begun) == 8:
            signal.pthread_kill(MAIN, signal.SIGINT)
        assert stop.wait(10)

    with pytest.raises(KeyboardInterrupt):
        side_by_side(many, work, stop.set)
    assert len(begun) == 8
