"""Threads for work that goes on side by side. They are daemons: none keeps an interrupted command alive."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

__all__ = ["Workers", "side_by_side", "taken"]

HEARTBEAT = 1.0
"""Seconds after which a ^C is seen that came in the moment before the waiting began, which the system does not wake."""

Given = TypeVar("Given")
Call = Callable[[], None]


def taken(items: queue.SimpleQueue[Given], seconds: float | None = None) -> Given:
    """The next item, waited for without losing a ^C. Raises ``queue.Empty`` after ``seconds``; ``None`` waits for ever."""
    while seconds is None or seconds > HEARTBEAT:
        with suppress(queue.Empty):
            return items.get(timeout=HEARTBEAT)
        if seconds is not None:
            seconds -= HEARTBEAT
    return items.get(timeout=seconds)


class Workers:
    """Up to ``limit`` threads, made when there is work and used again: each has its own connection to the engine."""

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0

    def submit(self, call: Call) -> None:
        """Run ``call``, which must not raise, as soon as a thread is free."""
        with self._lock:
            if self._idle > 0:
                self._idle -= 1
            elif self._threads < self._limit:
                self._threads += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        self._calls.put(call)

    def close(self) -> None:
        """End the threads once what was submitted is done; does not wait for them."""
        with self._lock:
            for _ in range(self._threads):
                self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
            with self._lock:
                self._idle = min(self._idle + 1, self._threads) if self._calls.empty() else self._idle


def side_by_side(act: Callable[[Given], None], items: Sequence[Given], *, name: str) -> None:
    """Do something to each item at once; raise the first error when all have ended."""
    if len(items) <= 1:
        for item in items:
            act(item)
        return
    outcomes: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

    def attempt(item: Given) -> None:
        try:
            act(item)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            outcomes.put(error)
        else:
            outcomes.put(None)

    workers = Workers(len(items), name)
    for item in items:
        workers.submit(lambda item=item: attempt(item))  # type: ignore[misc]
    errors = [error for error in [taken(outcomes) for _ in items] if error is not None]
    workers.close()
    if errors:
        raise errors[0]
