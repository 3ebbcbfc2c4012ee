from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from localenv.cli.render import tables

COLUMNS = ["ENVIRONMENT", "STATE", "AGE", "URL"]
ROWS = [
    ["development", "[green]● healthy[/]", "5 h", "https://development.notes.localhost:8443"],
    ["uat", "[dim]○ stopped[/]", "2 d", "-"],
]


def drawn(width: int) -> list[str]:
    screen = Console(width=width, highlight=False, no_color=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "console", lambda: screen)
        table = tables.grid(COLUMNS, ROWS, flexible="URL", optional=("AGE",))
    with screen.capture() as capture:
        screen.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_a_wide_terminal_shows_every_column_on_one_line() -> None:
    assert drawn(100) == [
        "ENVIRONMENT   STATE       AGE   URL",
        "development   ● healthy   5 h   https://development.notes.localhost:8443",
        "uat           ○ stopped   2 d   -",
    ]


def test_optional_columns_go_first() -> None:
    assert drawn(68)[0] == "ENVIRONMENT   STATE       URL"


def test_a_narrow_terminal_has_the_link_whole_on_a_line_of_its_own() -> None:
    assert drawn(50) == [
        "ENVIRONMENT   STATE       AGE",
        "development   ● healthy   5 h",
        "  https://development.notes.localhost:8443",
        "uat           ○ stopped   2 d",
    ]


@given(st.integers(min_value=20, max_value=120))
def test_no_width_loses_a_letter_of_what_is_not_optional(width: int) -> None:
    everything = "".join("".join(drawn(width)).split())
    for word in ("development", "●healthy", "https://development.notes.localhost:8443"):
        assert word in everything
