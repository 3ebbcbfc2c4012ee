"""What became of one ``ci``: the value that its reports are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal

from localenv.core.names import EnvironmentId
from localenv.core.summary import ServiceSummary
from localenv.errors import LocalenvError
from localenv.errors.start import ServiceFailure
from localenv.values import dataclass

__all__ = ["CiOutcome", "CiRun"]

CiOutcome = Literal["passed", "failed", "environment-failed", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CiRun:
    """One environment for the time of one command. Secret values are masked already."""

    id: EnvironmentId
    tier: str
    command: tuple[str, ...]
    began: str
    """RFC 3339, UTC."""
    exit_code: int
    """localenv's own: the command's, where it ran."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """By part: ``up`` and ``command``, those that took place."""
    ended_by: str | None = None
    """The signal that told localenv to end: ``SIGTERM``."""
    error: LocalenvError | None = None
    """Why the command did not run."""
    services: Sequence[ServiceSummary] = ()
    """As they were in the end, before anything was removed."""
    wanted: Sequence[str] = ()
    """Names of all services that the environment was to have; empty when it failed before that was known."""
    ready: Mapping[str, float] = field(default_factory=dict)
    """Seconds until a service was ready, by its name."""
    exposures: Sequence[Mapping[str, object]] = ()
    """As ``urls`` tells them."""
    kept: bool = False

    @property
    def outcome(self) -> CiOutcome:
        """What it came to, in one word."""
        if self.ended_by is not None:
            return "interrupted"
        if self.error is not None:
            return "environment-failed" if "command" not in self.seconds else "failed"
        return "failed" if self.exit_code else "passed"

    @property
    def failures(self) -> tuple[ServiceFailure, ...]:
        """Services that did not become ready."""
        return tuple(getattr(self.error, "failures", ()))

    def state(self, service: str) -> str:
        """State of a service in the end; ``absent`` where it has no container."""
        return next((seen.state for seen in self.services if seen.name == service), "absent")
