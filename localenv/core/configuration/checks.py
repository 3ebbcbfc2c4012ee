"""What a strict type cannot say of ``checks``: a command or a load test, and how much load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from localenv.core.configuration.durations import parse_duration, parse_latency
from localenv.core.configuration.settings import Check, LoadCheck
from localenv.core.documents import Path
from localenv.errors import InvalidInput

__all__ = ["check_problems", "services_of_checks"]

_LONGEST: Final = timedelta(minutes=10)
_MOST_REQUESTS: Final = 1_000_000
"""What one report holds: each request is a line of it."""


def services_of_checks(checks: Mapping[str, Check]) -> list[tuple[Path, str]]:
    """Every service that a check names, and where."""
    named: list[tuple[Path, str]] = []
    for name, check in checks.items():
        if check.service is not None:
            named.append((("checks", name, "service"), check.service))
        if check.load is not None:
            named.append((("checks", name, "load", "service"), check.load.service))
    return named


def check_problems(checks: Mapping[str, Check]) -> Iterator[tuple[Path, str, str | None]]:
    """Path, message and hint of everything that makes no check."""
    for name, check in checks.items():
        path: Path = ("checks", name)
        if check.load is None:
            if check.service is None:
                yield path, "a check has a service, whose image its command runs in, or load", None
            continue
        for key in ("service", "command"):
            if getattr(check, key) is not None:
                yield (
                    (*path, key),
                    f"a load test has no {key} of its own",
                    "move it to another check" if key == "command" else None,
                )
        yield from _load_problems((*path, "load"), check.load)


def _load_problems(path: Path, load: LoadCheck) -> Iterator[tuple[Path, str, str | None]]:
    for key in ("p95", "p99"):
        limit = getattr(load, key)
        if limit is not None and parse_latency(limit) <= 0:
            yield (*path, key), "nothing is answered in no time", "write it like 500ms or 1.5s"
    if load.min_rate is not None and load.min_rate > load.rate:
        yield (*path, "min_rate"), f"{load.min_rate:g} answers per second cannot come of {load.rate} requests per second", None
    try:
        duration = parse_duration(load.duration)
    except InvalidInput as error:
        yield (*path, "duration"), error.message, None
        return
    if duration > _LONGEST:
        yield (*path, "duration"), "a load test takes 10m at most", None
    elif (wanted := load.rate * round(duration.total_seconds())) > _MOST_REQUESTS:
        yield (*path, "rate"), f"{wanted} requests in {load.duration} are more than the million of one load test", None
