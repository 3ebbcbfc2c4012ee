from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.patterns import parse_pattern
from localenv.errors import InvalidInput

PATTERNS = [
    "[A-Z]{3}-[0-9]{4}",
    "a|bc|d?",
    "(ab|c){1,3}x",
    r"\d{2}\w\s\.",
    "[^a-z]",
    "^v[0-9]+$",
    "[-a]x*",
    "(?:a|b)c",
    "",
    r"cost\$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
def test_every_text_matches_its_pattern(pattern: str, data: st.DataObject) -> None:
    parsed = parse_pattern(pattern)
    text = parsed.text(data.draw(st.integers(0, parsed.size - 1)))
    assert re.fullmatch(pattern, text)
    assert len(text) <= parsed.longest


def test_texts_are_all_different() -> None:
    parsed = parse_pattern("[ab]{1,3}c?|d")
    assert len({parsed.text(number) for number in range(parsed.size)}) == parsed.size == 29


@pytest.mark.parametrize("pattern", ["(a", "a)", "[", "[]", "a{2", "a{x}", "*a", r"\b", "(?=a)", "a{3,2}", "[a-z]{999}{999}"])
def test_what_is_not_read_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput):
        parse_pattern(pattern)
