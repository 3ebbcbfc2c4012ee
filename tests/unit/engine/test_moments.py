"""Points in time as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from localenv.adapters.docker_engine.moments import moment
from localenv.errors import InvalidInput

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10m", datetime(2026, 1, 31, 11, 50, tzinfo=UTC)),
        ("1h30m", datetime(2026, 1, 31, 10, 30, tzinfo=UTC)),
        ("2d", datetime(2026, 1, 29, 12, 0, tzinfo=UTC)),
        ("1500ms", datetime(2026, 1, 31, 11, 59, 58, 500_000, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T10:00:00Z", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("2026-01-01T10:00:00+02:00", datetime(2026, 1, 1, 8, tzinfo=UTC)),
        ("1769860800", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read(text: str, expected: datetime) -> None:
    assert float(moment(text, NOW)) == pytest.approx(expected.timestamp())


@pytest.mark.parametrize("text", ["yesterday", "10x", "-5m", "", "5m ago"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        moment(text, NOW)
