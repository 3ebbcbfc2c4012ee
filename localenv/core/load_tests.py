"""Load tests: what to send, what came back, and whether it is good enough. Pure."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from localenv.core.configuration.durations import parse_duration, parse_latency
from localenv.core.configuration.settings import LoadCheck
from localenv.values import dataclass

__all__ = ["LoadFigures", "LoadPlan", "figures", "judge", "load_plan", "summary"]

_RATE_OF_CONNECTION: Final = 100
"""Requests per second on one connection: few connections keep the requests evenly apart."""
_STREAMS: Final = 200
"""Open requests on one connection; the router takes 250 (HTTP/2, SETTINGS_MAX_CONCURRENT_STREAMS)."""
_UNANSWERED_SECONDS: Final = 10
_SPARE_SECONDS: Final = 30
_FIRST_FAILURE: Final = 400
_FIRST_STATUS: Final = 100
"""Below is what the generator writes for a request whose stream was cut."""
_TIMEOUTS: Final = re.compile(r"^requests: .* (\d+) timeout$")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """What is sent, and how."""

    requests: int
    rate: int
    seconds: float
    connections: int
    streams: int
    unanswered_seconds: int
    limit_seconds: int
    """When it is stopped, however far it got."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFigures:
    """What came back. A percentile is over all requests; one without an answer took longer than every other."""

    requests: int
    rate: float
    """Answers per second."""
    seconds: float
    p50: float | None
    """Seconds; ``None`` when more than half of the requests had no answer."""
    p95: float | None
    p99: float | None
    codes: Mapping[str, int]
    """How often each status came."""
    timeouts: int
    lost: int
    """Requests without an answer for another reason: refused, cut off, never begun."""

    @property
    def failed(self) -> int:
        """Requests without an answer, or answered with 400 or above."""
        return sum(count for code, count in self.codes.items() if int(code) >= _FIRST_FAILURE) + self.timeouts + self.lost

    @property
    def errors(self) -> float:
        """Share of them."""
        return self.failed / self.requests


def load_plan(load: LoadCheck) -> LoadPlan:
    """As many connections as the rate needs; the time limit is for a service that answers slower than it is asked."""
    seconds = parse_duration(load.duration).total_seconds()
    return LoadPlan(
        requests=round(load.rate * seconds),
        rate=load.rate,
        seconds=seconds,
        connections=math.ceil(load.rate / _RATE_OF_CONNECTION),
        streams=_STREAMS,
        unanswered_seconds=_UNANSWERED_SECONDS,
        limit_seconds=round(2 * seconds) + _SPARE_SECONDS,
    )


def figures(plan: LoadPlan, log: Iterable[bytes], printed: Iterable[str]) -> LoadFigures:
    """From the generator's log, a line for each answer, and what it printed. A line that is not whole is no answer."""
    codes: Counter[str] = Counter()
    latencies = array("Q")
    first, last = 0, 0
    for line in log:
        began, status, took = _answer(line)
        if status < _FIRST_STATUS:
            continue
        codes[str(status)] += 1
        latencies.append(took)
        first = min(first or began, began)
        last = max(last, began + took)
    ordered = sorted(latencies)
    seconds = max(plan.seconds, (last - first) / 1_000_000)
    unanswered = plan.requests - len(ordered)
    timeouts = min(unanswered, next((int(found[1]) for line in printed if (found := _TIMEOUTS.match(line))), 0))
    return LoadFigures(
        requests=plan.requests,
        rate=len(ordered) / seconds,
        seconds=seconds,
        p50=_percentile(ordered, plan.requests, 50),
        p95=_percentile(ordered, plan.requests, 95),
        p99=_percentile(ordered, plan.requests, 99),
        codes=dict(sorted(codes.items())),
        timeouts=timeouts,
        lost=unanswered - timeouts,
    )


def _answer(line: bytes) -> tuple[int, int, int]:
    """Begin, status and time taken; a status of 0 for what is no line of the log."""
    try:
        began, status, took = (int(field) for field in line.split(b"\t")[:3])
    except ValueError:
        return 0, 0, 0
    return began, status, max(took, 0)


def _percentile(ordered: list[int], requests: int, percent: int) -> float | None:
    """Nearest rank, in seconds."""
    rank = math.ceil(requests * percent / 100)
    return ordered[rank - 1] / 1_000_000 if rank <= len(ordered) else None


def judge(load: LoadCheck, found: LoadFigures) -> tuple[str, ...]:
    """What is not good enough and by how much, one clause for each threshold; nothing when all is well."""
    said: list[str] = []
    for name, limit, value in (("p95", load.p95, found.p95), ("p99", load.p99, found.p99)):
        if limit is not None and (value is None or value > parse_latency(limit)):
            said.append(f"{name} {_time(value)}, {_time(parse_latency(limit))} allowed")
    if found.errors > load.errors:
        said.append(_failures(found) + (f", {load.errors * 100:g} % allowed" if load.errors else ""))
    if load.min_rate is not None and found.rate < load.min_rate:
        said.append(f"{found.rate:.1f} answers per second, {load.min_rate:g} demanded")
    return tuple(said)


def summary(found: LoadFigures) -> str:
    """What came back, in a line."""
    failures = _failures(found) if found.failed else "none failed"
    return f"{found.requests} requests, {found.rate:.1f} answers per second, p95 {_time(found.p95)}, {failures}"


def _failures(found: LoadFigures) -> str:
    kinds = [f"{count}x {code}" for code, count in found.codes.items() if int(code) >= _FIRST_FAILURE]
    kinds += [f"{count}x {word}" for word, count in (("timeout", found.timeouts), ("no answer", found.lost)) if count]
    return f"{found.failed} of {found.requests} failed: {', '.join(kinds)}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "had no answer"
    return f"{seconds * 1000:.4g} ms" if seconds < 1 else f"{seconds:.4g} s"
