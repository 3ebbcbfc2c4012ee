"""A probe that saw too much must not pass, nor one that saw nothing at all."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from localenv.core.isolation import Attempt, IsolationReport, ProbeSeen, Side, bridge_of, judge, report_document

OWN = Side(
    name="one",
    addresses={"web": "10.0.0.4", "db": "10.0.0.5"},
    ports={"web": 8000, "db": 5432},
    containers=("p_one-web-1", "p_one-db-1"),
    volumes=("p_one_data",),
    hosts=("one.p.localhost",),
)
OTHER = Side(
    name="other",
    addresses={"web": "10.0.1.4", "db": "10.0.1.5"},
    ports={"web": 8000, "db": 5432},
    containers=("p_other-web-1", "p_other-db-1"),
    volumes=("p_other_data",),
    hosts=("other.p.localhost",),
)
GOOD: dict[str, Any] = {
    "fetched": [["web", 8000, "I am one"], ["10.0.0.5", 5432, "I am one"], ["10.0.1.4", 8000, "no answer"]],
    "resolved": [["web", ["10.0.0.4"]], ["p_other-web-1", []]],
    "scanned": [["10.0.0.5", [5432]], ["10.0.1.5", []]],
    "gates": [["10.0.0.1", 443, "refused"], ["172.17.0.1", 443, "no answer"]],
    "routed": [["10.0.0.1", 443, "other.p.localhost", "refused"]],
    "secrets": [True, False],
    "volumes": [False],
    "mark": "I am one",
}


def judged(**changed: Any) -> tuple[Attempt, ...]:
    return judge(msgspec.convert({**GOOD, **changed}, ProbeSeen), OWN, OTHER, service="web")


def wrong(**changed: Any) -> list[str]:
    return [attempt.group for attempt in judged(**changed) if not attempt.holds]


def test_an_isolated_environment_holds() -> None:
    assert wrong() == []
    assert {attempt.group for attempt in judged()} == {"control", "addresses", "names", "volumes", "secrets", "router"}


@pytest.mark.parametrize(
    ("changed", "group"),
    [
        ({"fetched": [["10.0.1.4", 8000, "I am other"]]}, "addresses"),
        ({"fetched": [["10.0.1.4", 8000, "connected, then refused"]]}, "addresses"),
        ({"scanned": [["10.0.0.5", [5432]], ["10.0.1.5", [22]]]}, "addresses"),
        ({"resolved": [["p_other-web-1", ["10.0.1.4"]]]}, "names"),
        ({"volumes": [True]}, "volumes"),
        ({"mark": "I am other"}, "volumes"),
        ({"secrets": [True, True]}, "secrets"),
        ({"gates": [["10.0.0.1", 443, "connected"]], "routed": []}, "router"),
        ({"routed": [["10.0.0.1", 443, "other.p.localhost", "I am other"]]}, "router"),
    ],
)
def test_whatever_gets_through_is_found(changed: dict[str, Any], group: str) -> None:
    assert wrong(**changed) == [group]


@pytest.mark.parametrize(
    "changed",
    [
        {"fetched": [["web", 8000, "no answer"]]},
        {"scanned": [["10.0.0.5", []]]},
        {"secrets": [False, False]},
    ],
)
def test_a_probe_that_reaches_nothing_proves_nothing(changed: dict[str, Any]) -> None:
    assert wrong(**changed) == ["control"]


def test_a_router_that_answers_404_does_not_serve_the_other() -> None:
    assert wrong(routed=[["10.0.0.1", 443, "other.p.localhost", "status 404"]]) == []
    assert wrong(routed=[["10.0.0.1", 443, "one.p.localhost", "I am one"]]) == []


def test_the_document_tells_every_attempt() -> None:
    report = IsolationReport(attempts=judged(mark="I am other"), mode="host")
    document = report_document(report)
    assert (document["schema"], document["holds"]) == ("localenv.isolation/1", False)
    assert len(document["attempts"]) == len(report.attempts)


def test_a_bridge_stands_at_the_first_address() -> None:
    assert bridge_of("10.231.0.32/27") == "10.231.0.33"
