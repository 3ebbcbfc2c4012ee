"""Running things against the clock: medians of several runs, side by side where the figure says so."""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Figure", "median_of", "run", "together", "took"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table; ``goal`` is the highest ratio to the rival, or the highest value."""

    name: str
    ours: float
    goal: float
    rival: float | None = None
    rival_name: str = ""
    note: str = ""
    unit: str = "s"

    @property
    def measured(self) -> float:
        """What is held against the goal."""
        return self.ours / self.rival if self.rival else self.ours

    @property
    def reached(self) -> bool:
        return self.measured <= self.goal


def took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_of(work: Callable[[], float], runs: int) -> float:
    """Median of ``runs`` measurements."""
    return statistics.median(work() for _ in range(runs))


def run(argv: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a rival; a failing one is no measurement."""
    done = subprocess.run(list(argv), cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)} exited {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def together(works: Sequence[Callable[[], object]]) -> float:
    """Seconds until all of them, begun at once, have ended."""
    failures: list[Exception] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - raised again by the thread that measures
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - began
