from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from localenv.actions.logs import LogRequest, Logs
from localenv.core.observed import ContainerSeen
from localenv.errors import NotFound, Unavailable
from tests.unit.plan.planning import container, service

WEB = replace(container(service("web")), id="web")
DB = replace(container(service("db")), id="db")
LINES = {
    "web": [b"2026-01-01T00:00:01.000000000Z one", b"2026-01-01T00:00:03.000000000Z three\r"],
    "db": [b"2026-01-01T00:00:02.000000000Z two \xff"],
}


class Printing:
    """The part of an engine that logs use."""

    def __init__(self, ends: dict[str, Exception] | None = None) -> None:
        self.ends = ends or {}
        self.asked: list[dict[str, Any]] = []

    def logs(self, name: str, **asked: Any) -> Iterator[tuple[str, bytes]]:
        self.asked.append(asked)
        for line in LINES[name]:
            yield "stdout", line
        if name in self.ends:
            raise self.ends[name]


def read(engine: Any, *containers: ContainerSeen, **request: Any) -> list[str]:
    return [f"{line.service} {line.text}" for line in Logs(engine)(containers, LogRequest(**request))]


def test_lines_of_all_services_come_in_the_order_of_time() -> None:
    assert read(Printing(), WEB, DB) == ["web one", "db two \N{REPLACEMENT CHARACTER}", "web three"]


def test_following_ends_when_every_container_has_ended() -> None:
    assert sorted(read(Printing(), WEB, DB, follow=True)) == ["db two \N{REPLACEMENT CHARACTER}", "web one", "web three"]


def test_a_container_that_is_replaced_meanwhile_does_not_end_the_others() -> None:
    told = read(Printing({"db": NotFound("gone")}), WEB, DB, follow=True)
    assert sum(line.startswith("web") for line in told) == 2


def test_an_engine_that_goes_away_is_told_and_not_taken_for_the_end() -> None:
    """The thread died with a traceback, and the command ended with 0."""
    with pytest.raises(Unavailable, match="engine"):
        read(Printing({"db": Unavailable("the engine does not answer")}), DB, follow=True)


def test_what_was_asked_for_reaches_the_engine() -> None:
    engine = Printing()
    read(engine, WEB, tail=5, since="10m", until="5m")
    assert engine.asked == [{"follow": False, "tail": 5, "since": "10m", "until": "5m", "timestamps": True}]
