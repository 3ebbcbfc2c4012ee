"""The machine's clock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

__all__ = ["SystemClock"]


class SystemClock:
    """Implements ``ports.clock.Clock``. ``interrupt`` ends every pause, also those that begin later."""

    def __init__(self) -> None:
        self._interrupted = threading.Event()

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock that everything else asks

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait, at most until ``interrupt``."""
        self._interrupted.wait(seconds)

    def interrupt(self) -> None:
        """Wake whoever pauses: the command is about to end."""
        self._interrupted.set()
