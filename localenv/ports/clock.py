"""Time: now, and the one way to wait."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

__all__ = ["Clock"]


class Clock(Protocol):
    """Hands out the time and waits."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait; wakes early when the command is interrupted."""
        ...
