"""The signals that tell a program to end, taken in one place. Implements ``ports.command.EndingSignals``."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

__all__ = ["ProcessSignals"]

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE: Final = 5.0
"""Seconds after which a first signal without effect is one that was lost."""


class ProcessSignals:
    """Between entering and leaving nothing ends this process but ``SIGKILL``. Only for the main thread.

    A signal that the caller ignores, as ``nohup`` does, is left ignored.
    """

    def __init__(self) -> None:
        self._first: int | None = None
        self._take: Callable[[int], None] | None = None
        self._before: dict[signal.Signals, Any] = {}

    @property
    def first(self) -> int | None:
        """Number of the first one that came."""
        return self._first

    def __enter__(self) -> Self:
        for number in _ENDING:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._came)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def interrupting(self) -> _Taking:
        """See ``EndingSignals.interrupting``. One alone raises: a second would cut short what ends because of the first.

        After ``_PATIENCE`` another one raises again: Python drops what is raised while it clears up an object.
        """
        return _Taking(self, _interrupt_once())

    def handed_to(self, take: Callable[[int], None]) -> _Taking:
        """Give the number of each one that comes to ``take``. Raises ``KeyboardInterrupt`` where one has come already."""
        return _Taking(self, take)

    def _came(self, number: int, _frame: FrameType | None) -> None:
        self._first = self._first or number
        if self._take is not None:
            self._take(number)


class _Taking:
    """Who takes the signals for a while. A class, so that the very first thing that leaving does is to let nobody take them."""

    def __init__(self, signals: ProcessSignals, take: Callable[[int], None]) -> None:
        self._signals = signals
        self._taker = take

    def __enter__(self) -> None:
        self._signals._take = self._taker  # noqa: SLF001 - the other half of one thing
        if self._signals.first is not None:  # asked last, or one that comes in between would be lost
            self._signals._take = None  # noqa: SLF001 - the other half of one thing
            raise KeyboardInterrupt

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._signals._take = None  # noqa: SLF001 - the other half of one thing


def _interrupt_once() -> Callable[[int], None]:
    raised: float | None = None

    def take(_number: int) -> None:
        nonlocal raised
        now = time.monotonic()
        if raised is None or now - raised > _PATIENCE:
            raised = now
            raise KeyboardInterrupt

    return take
