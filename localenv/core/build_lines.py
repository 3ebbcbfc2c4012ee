"""What a builder prints, told in steps: BuildKit's plain progress, and the older builder's."""

from __future__ import annotations

import re

__all__ = ["build_step"]

_BUILDKIT = re.compile(r"#\d+ \[(?:(?P<label>[^\]]*?) +)?(?P<step>\d+/\d+)\] (?P<what>\S.*)")
_OLDER = re.compile(r"Step (?P<step>\d+/\d+) : (?P<what>\S.*)")
_WIDTH = 72


def build_step(line: str) -> str | None:
    """``2/7 RUN apt-get update``, or ``None`` for a line that tells no new step."""
    found = _BUILDKIT.match(line) or _OLDER.match(line)
    if found is None:
        return None
    what = " ".join(found["what"].split())
    return f"{found['step']} {what if len(what) <= _WIDTH else what[: _WIDTH - 1] + '…'}"
