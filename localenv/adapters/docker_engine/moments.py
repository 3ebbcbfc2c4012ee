"""Points in time as people write them, for ``--since`` and ``--until``: pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from localenv.errors import InvalidInput

__all__ = ["moment"]

_UNITS: Final = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_STAMP: Final = re.compile(r"\d+(?:\.\d+)?")


def moment(text: str, now: datetime) -> str:
    """Return seconds since 1970 for ``10m``, ``1h30m``, ``2d``, an RFC 3339 time, a date, or such seconds.

    A time without a zone is UTC. Raises ``InvalidInput`` for anything else.
    """
    if _STAMP.fullmatch(text):
        return text
    if re.fullmatch(rf"(?:{_PART.pattern})+", text):
        ago = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
        return f"{now.timestamp() - ago:.9f}"
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a time", hints=("write 10m, 2h, 2026-01-31 or 2026-01-31T12:00:00Z",)) from error
    return f"{(read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp():.9f}"
