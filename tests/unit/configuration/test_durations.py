from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.configuration.durations import parse_duration
from localenv.core.configuration.tier import Lifetime
from localenv.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "hours"),
    [("72h", 72), ("7d", 168), ("30m", 0.5), ("1d12h", 36), ("2w", 336), ("90s", 0.025)],
)
def test_durations_add_up(text: str, hours: float) -> None:
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text", ["", "72", "h", "-1h", "1.5h", "1y", "0s", "72h\n", " 72h", "9999w", "1" * 40 + "s", "\N{FULLWIDTH DIGIT ONE}h"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_duration(text, where="localenv.yaml:3:1")
    assert caught.value.where == "localenv.yaml:3:1"


@given(st.from_regex(r"([1-9][0-9]{0,2}[smhd]){1,3}", fullmatch=True))
def test_what_the_format_accepts_can_be_parsed(text: str) -> None:
    assert msgspec.convert({"ttl": text}, Lifetime).ttl == text
    assert parse_duration(text) > timedelta(0)
