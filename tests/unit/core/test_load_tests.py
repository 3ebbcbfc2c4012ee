"""What a load test measured, and whether it is good enough."""

from __future__ import annotations

import pytest

from localenv.core.configuration.settings import LoadCheck
from localenv.core.load_tests import LoadFigures, figures, judge, load_plan, summary

ENDED = ["finished in 10s", "requests: 500 total, 500 started, 500 done, 500 succeeded, 0 failed, 0 errored, 0 timeout"]


def check(**thresholds: object) -> LoadCheck:
    return LoadCheck(**{"service": "web", "rate": 50, "duration": "10s", **thresholds})  # type: ignore[arg-type] # any of its fields


def rows(*kinds: tuple[int, int, int]) -> list[bytes]:
    """``(how many, status, milliseconds)``, one begun every 20 ms."""
    answers = [(status, took) for count, status, took in kinds for _ in range(count)]
    return [f"{1_000_000 + 20_000 * at}\t{status}\t{took * 1000}\n".encode() for at, (status, took) in enumerate(answers)]


def measured(*kinds: tuple[int, int, int], printed: list[str] | None = None) -> LoadFigures:
    return figures(load_plan(check()), rows(*kinds), ENDED if printed is None else printed)


def test_a_test_that_is_good_enough_says_what_it_measured() -> None:
    found = measured((475, 200, 10), (25, 302, 90))
    assert (found.requests, found.codes, found.failed) == (500, {"200": 475, "302": 25}, 0)
    assert found.rate == pytest.approx(49.8, abs=0.3)
    assert (found.p50, found.p95, found.p99) == (0.01, 0.01, 0.09)
    assert judge(check(p95="10ms", p99="90ms"), found) == ()
    assert summary(found).endswith("p95 10 ms, none failed")


def test_each_threshold_that_does_not_hold_is_told_with_how_much() -> None:
    found = measured((400, 200, 10), (97, 200, 812), (2, 502, 5))
    said = judge(check(p95="500ms", p99="1s", min_rate=50), found)
    assert said[0] == "p95 812 ms, 500 ms allowed"
    assert said[1] == "3 of 500 failed: 2x 502, 1x no answer"
    assert said[2].endswith("answers per second, 50 demanded")
    assert len(said) == 3


@pytest.mark.parametrize(("allowed", "passes"), [(0.0, False), (0.003, False), (0.004, True), (1.0, True)])
def test_a_share_of_errors_may_be_allowed(allowed: float, passes: bool) -> None:
    said = judge(check(errors=allowed), measured((498, 200, 10), (1, 404, 10), (1, 500, 10)))
    assert (said == ()) == passes
    assert passes or said[0].startswith("2 of 500 failed: 1x 404, 1x 500")


def test_what_has_no_answer_took_longer_than_everything_that_has_one() -> None:
    printed = ["requests: 500 total, 500 started, 470 done, 470 succeeded, 30 failed, 30 errored, 29 timeout"]
    found = measured((470, 200, 10), printed=printed)
    assert (found.p50, found.p95, found.timeouts, found.lost) == (0.01, None, 29, 1)
    assert judge(check(p95="10s", errors=1.0), found) == ("p95 had no answer, 10 s allowed",)
    assert "30 of 500 failed: 29x timeout, 1x no answer" in judge(check(), found)


def test_nothing_answered_at_all() -> None:
    found = measured(printed=[])
    assert (found.rate, found.p50, found.errors) == (0.0, None, 1.0)
    assert judge(check(), found) == ("500 of 500 failed: 500x no answer",)


def test_a_line_that_is_not_whole_and_a_stream_that_was_cut_are_no_answers() -> None:
    found = figures(load_plan(check()), [*rows((498, 200, 10)), b"1000000\t-1\t20\n", b"10000"], ENDED)
    assert (found.codes, found.lost) == ({"200": 498}, 2)


def test_answers_that_come_late_lower_the_rate() -> None:
    found = measured((500, 200, 10_000))
    assert found.seconds == pytest.approx(19.98)
    assert found.rate == pytest.approx(25, abs=0.1)


@pytest.mark.parametrize(("rate", "connections"), [(1, 1), (100, 1), (101, 2), (10_000, 100)])
def test_the_rate_decides_on_how_many_connections_it_comes(rate: int, connections: int) -> None:
    plan = load_plan(check(rate=rate, duration="1m"))
    assert (plan.requests, plan.connections, plan.limit_seconds) == (rate * 60, connections, 150)
