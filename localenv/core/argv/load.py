"""Argument lists of the load generator (h2load(1), timeout(1))."""

from __future__ import annotations

__all__ = ["h2load"]


def h2load(  # noqa: PLR0913 - the whole of one call
    url: str,
    *,
    address: str,
    requests: int,
    rate: float,
    connections: int,
    streams: int,
    unanswered_seconds: int,
    limit_seconds: int,
    log: str,
) -> tuple[str, ...]:
    """Ask ``address`` for ``url`` at ``rate`` per second over all connections; it ends by itself at the limit.

    A connection on which nothing came for ``unanswered_seconds`` is given up with all that is open on it. ``log`` gets a line for
    each answer: microseconds since the epoch at its request, status, microseconds that it took.
    """
    return (
        *("timeout", "--kill-after=5", str(limit_seconds)),
        *("h2load", f"--requests={requests}", f"--clients={connections}", f"--max-concurrent-streams={streams}"),
        *(f"--rps={rate / connections:.6f}", f"--connection-inactivity-timeout={unanswered_seconds}"),
        *(f"--connect-to={address}", f"--log-file={log}", "--", url),
    )
