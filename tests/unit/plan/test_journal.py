from __future__ import annotations

import pytest

from localenv.core.plan.journal import entry, unfinished
from localenv.core.plan.steps import KeepContainer
from localenv.core.plan.value import assemble
from tests.unit.plan.planning import STAGING


def line(state: str, step: str) -> str:
    return entry(at="2026-01-01T00:00:00Z", state=state, step=step)


def test_a_fill_is_unfinished_until_it_is_done() -> None:
    lines = [
        line("planned", "a"),
        line("planned", "b"),
        line("begun", "a"),
        line("done", "a"),
        line("begun", "b"),
        line("failed", "b"),
    ]
    assert unfinished(lines) == {"b"}


def test_torn_and_foreign_lines_are_passed_over() -> None:
    assert unfinished(["", "{", "[]", '{"state": "planned"}', "3", line("planned", "a")]) == {"a"}


def test_a_cycle_and_a_doubled_step_are_told() -> None:
    one = KeepContainer(target="a", cause="", after=("keep container b",))
    two = KeepContainer(target="b", cause="", after=("keep container a",))
    with pytest.raises(ValueError, match="wait for each other"):
        assemble(STAGING, (one, two))
    with pytest.raises(ValueError, match="one identifier"):
        assemble(STAGING, (one, one))
