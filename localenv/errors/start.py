"""What can go wrong while services start."""

from __future__ import annotations

from collections.abc import Sequence

from localenv.errors import LocalenvError
from localenv.values import dataclass

__all__ = ["Cancelled", "ServiceFailure", "StartFailed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFailure:
    """A service that did not become ready: why, and what it said. Secret values are masked already."""

    service: str
    reason: str
    """One clause: ``ended with 1``."""
    log: tuple[str, ...] = ()
    """Its last lines."""
    health: str | None = None
    """Output of the newest run of its healthcheck."""
    container: str | None = None

    def lines(self) -> tuple[str, ...]:
        """As an error prints it."""
        health = tuple(f"  health: {line}" for line in (self.health or "").splitlines()[-5:])
        return (f"{self.service}: {self.reason}", *(f"  | {line}" for line in self.log), *health)


class StartFailed(LocalenvError):
    """Services ended, stayed unhealthy (code ``start-failed``) or were not ready in time (code ``start-timeout``)."""

    code = "start-failed"

    def __init__(self, message: str, *, failures: Sequence[ServiceFailure], code: str | None = None) -> None:
        super().__init__(
            message,
            details=tuple(line for failure in failures for line in failure.lines()),
            hints=tuple(f"docker logs -- {failure.container}" for failure in failures if failure.container)[:3],
            code=code,
        )
        self.failures = tuple(failures)


class Cancelled(LocalenvError):
    """Waiting was ended because something else failed or the command was interrupted. Never told to a person."""

    code = "cancelled"
