"""Telling why a service did not become ready: its last lines and what its healthcheck said, secret values masked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from localenv.actions.starting.board import Replica
from localenv.errors import LocalenvError
from localenv.errors.start import ServiceFailure, StartFailed
from localenv.ports.engine import Engine

__all__ = ["Redactor", "failure_of", "start_failed", "tail"]

Redactor = Callable[[str], str]
"""Masks the values of secrets in a text."""

_LINES = 15
_WIDTH = 400


def failure_of(engine: Engine, redact: Redactor, replica: Replica, reason: str, early: bytes = b"") -> ServiceFailure:
    """Collect what one container said. What can no longer be read is left out.

    ``early``: what a healthcheck said that was run here, for when the engine has not run it yet.
    """
    return ServiceFailure(
        service=replica.seen.service,
        reason=reason,
        log=_log(engine, redact, replica.id),
        health=_health(engine, redact, replica.id) or "\n".join(tail(early, redact)) or None,
        container=replica.seen.name,
    )


def _log(engine: Engine, redact: Redactor, container: str) -> tuple[str, ...]:
    try:
        lines = [line for _, line in engine.logs(container, tail=_LINES)]
    except LocalenvError:
        return ()
    return tail(b"\n".join(lines), redact)


def _health(engine: Engine, redact: Redactor, container: str) -> str | None:
    try:
        output = engine.health_output(container)
    except LocalenvError:
        return None
    return "\n".join(tail(output.encode(), redact)) or None if output else None


def tail(output: bytes, redact: Redactor) -> tuple[str, ...]:
    """Last lines of an output that may hold anything: masked, without control characters, cut where they are too long."""
    text = redact(output.decode(errors="replace"))
    lines = ("".join(char if char.isprintable() else " " for char in line).rstrip() for line in text.splitlines())
    return tuple(line[:_WIDTH] for line in lines if line)[-_LINES:]


def start_failed(environment: str, failures: Iterable[ServiceFailure], *, timeout: float | None = None) -> StartFailed:
    """The error for these services; ``timeout`` in seconds when time ran out."""
    told = tuple(failures)
    names = ", ".join(dict.fromkeys(failure.service for failure in told))
    if timeout is None:
        return StartFailed(f"{environment}: {names} failed to start", failures=told)
    return StartFailed(f"{environment}: {names} not ready after {timeout:g} s", failures=told, code="start-timeout")
