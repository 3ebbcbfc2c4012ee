"""Waiting for one service: every replica ready, or its end when it is a one-shot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from localenv.actions.starting.board import Replica
from localenv.actions.starting.probes import EarlyHealth, PortProbe
from localenv.core.wanted import ServiceWanted

__all__ = ["CRASH_LOOP", "How", "Verdict", "Watched", "judge", "judge_one_shot"]

How = Literal["health", "early", "port", "running", "ended"]
"""By what a replica was seen to be ready."""

CRASH_LOOP = 3
"""Ends while starting that make a crash loop."""
_STEADY = 1.0
"""Seconds that a container without a healthcheck has to run after it ended once."""
_PORT_PATIENCE = 3.0
"""Seconds that a port may take to answer: many published ports are served by nobody."""
_UNHEALTHY_PATIENCE = (5.0, 30.0)
"""Seconds that an unhealthy container has to recover, at least and at most; two intervals in between."""


@dataclass(slots=True, kw_only=True)
class Watched:
    """A replica with what is asked of it."""

    replica: Replica
    service: ServiceWanted
    checked: bool
    """Whether it has a healthcheck."""
    policy: str = "always"
    began: float = 0.0
    """Monotonic time since when it is waited for."""
    patient: bool = False
    """Whether it was there before: its being unhealthy is then no failure of this start."""
    strict: bool = False
    """Whether its port has to answer, because that of those before it does."""
    running_since: float | None = None
    """Monotonic time of its last start, for one that was there before and ended since: it may end again."""
    interval: float = 30.0
    early: EarlyHealth | None = None
    port: PortProbe | None = None
    unhealthy_since: float | None = None
    told: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What can be said of a replica now. Neither ready nor failed: look again, at ``again`` at the latest."""

    ready: How | None = None
    failed: str | None = None
    note: str | None = None
    again: float | None = None


def judge(watched: Watched, now: float) -> Verdict:
    """Look at one replica of a service that is to keep running."""
    replica = watched.replica
    if (failed := _failed(watched, now)) is not None:
        return Verdict(failed=failed)
    if not replica.running:
        return Verdict(ready="ended") if _ended_well(watched) else Verdict()
    if watched.checked:
        return _checked(watched)
    since = replica.began if replica.exits or (watched.patient and replica.began) else watched.running_since
    if since is not None and now < since + _STEADY:
        return Verdict(again=since + _STEADY)
    if watched.port is None:
        return Verdict(ready="running")
    return _by_port(watched, watched.port, now)


def _checked(watched: Watched) -> Verdict:
    if watched.replica.health == "healthy":
        return Verdict(ready="health")
    early = watched.early
    again = early.poll() if early is not None else None
    return Verdict(ready="early") if early is not None and early.state == "yes" else Verdict(again=again)


def _by_port(watched: Watched, probe: PortProbe, now: float) -> Verdict:
    if probe.answers():
        return Verdict(ready="port")
    if now >= watched.began + _PORT_PATIENCE and not watched.strict:
        note = f"{watched.service.name}: port {probe.port} does not answer, taken as ready because it runs"
        return Verdict(ready="running", note=note)
    waited = now - watched.began
    return Verdict(again=now + max(0.02, min(0.1, waited * 0.2)))


def _failed(watched: Watched, now: float) -> str | None:
    replica = watched.replica
    if replica.gone:
        return "its container was removed"
    ends = replica.exits + (replica.seen.restarts if watched.patient else 0)
    if replica.exits and ends >= CRASH_LOOP:
        return f"ended {ends} times, last with {replica.exit_code}"
    ended = not replica.running and not replica.stopping and (replica.exits or watched.patient)
    if ended and watched.policy == "no" and not _ended_well(watched):
        return f"ended with {replica.exit_code}"
    return _stays_unhealthy(watched, now)


def _ended_well(watched: Watched) -> bool:
    """Whether it may be a job, and has ended with 0 since it was started."""
    replica = watched.replica
    return watched.service.may_end and replica.exit_code == 0 and bool(replica.exits or watched.patient)


def _stays_unhealthy(watched: Watched, now: float) -> str | None:
    if watched.replica.health != "unhealthy" or not watched.replica.running:
        watched.unhealthy_since = None
        return None
    if watched.unhealthy_since is None:
        watched.unhealthy_since = now
    least, most = _UNHEALTHY_PATIENCE
    patience = min(max(least, 2 * watched.interval), most)
    return "unhealthy" if not watched.patient and now - watched.unhealthy_since >= patience else None


def judge_one_shot(watched: Watched) -> Verdict:
    """Look at a container that is to end with 0."""
    replica = watched.replica
    if replica.gone:
        return Verdict(failed="its container was removed")
    if replica.running or replica.exit_code is None:
        return Verdict()
    if replica.exit_code == 0:
        return Verdict(ready="ended")
    return Verdict(failed=f"ended with {replica.exit_code}")
