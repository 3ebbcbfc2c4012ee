from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.hosts_file import hosts_in, merge, render
from localenv.errors import InvalidInput

BEFORE = "127.0.0.1\tlocalhost\n# mine\n10.0.0.1 printer\n"
LINES = ("127.0.0.1\tweb.staging.shop.localhost", "::1\tweb.staging.shop.localhost")


def test_every_name_has_both_addresses() -> None:
    assert render(["web.staging.shop.localhost"], ipv6=True) == LINES
    assert render(["web.staging.shop.localhost"], ipv6=False) == LINES[:1]


def test_names_are_taken_from_hosts_and_urls() -> None:
    web = {"host": "web.a.b.localhost", "url": "https://a.b.localhost:8443", "service_url": "https://web.a.b.localhost:8443"}
    cache = {"service": "cache", "protocol": "tcp", "address": "127.0.0.1", "port": 41007}
    assert hosts_in([web, cache]) == ("a.b.localhost", "web.a.b.localhost")


def test_lines_are_added_between_markers_at_the_end() -> None:
    assert merge(BEFORE, LINES, keeper="/home/me") == (
        f"{BEFORE}# >>> localenv /home/me\n{LINES[0]}\n{LINES[1]}\n# <<< localenv /home/me\n"
    )


def test_a_file_without_a_last_line_end_gets_one() -> None:
    assert merge("127.0.0.1 localhost", LINES[:1], keeper="x").startswith("127.0.0.1 localhost\n# >>> localenv x\n")


def test_what_stands_after_the_markers_stays() -> None:
    text = merge(BEFORE, LINES, keeper="x") + "10.0.0.2 scanner\n"
    assert merge(text, LINES[:1], keeper="x").endswith(f"# >>> localenv x\n{LINES[0]}\n# <<< localenv x\n10.0.0.2 scanner\n")


def test_no_lines_remove_the_markers() -> None:
    assert merge(merge(BEFORE, LINES, keeper="x"), (), keeper="x") == BEFORE


def test_another_installations_lines_are_left_alone() -> None:
    both = merge(merge(BEFORE, LINES, keeper="x"), LINES[:1], keeper="y")
    assert merge(both, (), keeper="y") == merge(BEFORE, LINES, keeper="x")


@pytest.mark.parametrize(
    "text",
    [
        "# >>> localenv x\n127.0.0.1 a\n",
        "127.0.0.1 a\n# <<< localenv x\n",
        "# <<< localenv x\n# >>> localenv x\n",
        "# >>> localenv x\n# <<< localenv x\n# >>> localenv x\n# <<< localenv x\n",
    ],
)
def test_damaged_markers_are_told_and_nothing_is_guessed(text: str) -> None:
    with pytest.raises(InvalidInput):
        merge(text, LINES, keeper="x")


@given(st.text(alphabet="a1 .#\n\r\t"), st.lists(st.sampled_from(LINES), max_size=3))
def test_merging_twice_is_merging_once_and_removing_gives_back_the_text(text: str, lines: list[str]) -> None:
    once = merge(text, lines, keeper="x")
    assert merge(once, lines, keeper="x") == once
    assert merge(once, (), keeper="x") in {text, f"{text}\n"}
