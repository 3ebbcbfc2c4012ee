"""Durations as people write them: ``72h``, ``30m``, ``1d12h``."""

from __future__ import annotations

import re
from datetime import timedelta

from localenv.errors import InvalidInput

__all__ = ["parse_duration", "parse_latency"]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WHOLE = re.compile(r"(?:[0-9]{1,9}[smhdw])+")
_PART = re.compile(r"([0-9]+)([smhdw])")
_LONGEST = timedelta(days=3650)


def parse_duration(text: str, *, where: str | None = None) -> timedelta:
    """The time that ``text`` stands for; parts add up. Raises ``InvalidInput`` when it is none, zero or above ten years."""
    if not _WHOLE.fullmatch(text):
        raise InvalidInput(f"{text!a} is not a duration", where=where, hints=("write it like 90s, 30m, 72h, 7d or 1d12h",))
    seconds = sum(int(amount) * _SECONDS[unit] for amount, unit in _PART.findall(text))
    if not 0 < seconds <= _LONGEST.total_seconds():
        raise InvalidInput(f"{text!a} is not between one second and ten years", where=where)
    return timedelta(seconds=seconds)


def parse_latency(text: str) -> float:
    """Seconds that ``500ms`` or ``1.5s`` stands for: a text that the configuration has let through."""
    return float(text.removesuffix("ms")) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))
