from __future__ import annotations

import _thread
import queue
import threading

import pytest

from localenv.actions.workers import taken


def test_an_interruption_that_does_not_wake_the_waiting_thread_is_seen() -> None:
    """As a signal does that comes in the moment before the wait; ``interrupt_main`` never ends a wait itself."""
    items: queue.SimpleQueue[int] = queue.SimpleQueue()
    late = threading.Timer(30, items.put, [1])
    late.start()
    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        taken(items)
    late.cancel()


def test_waiting_ends_in_its_time() -> None:
    items: queue.SimpleQueue[int] = queue.SimpleQueue()
    with pytest.raises(queue.Empty):
        taken(items, 0.1)
    items.put(2)
    assert taken(items, 0) == 2
