"""Pieces of an input that are made while those before them are being sent."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Final

__all__ = ["Ahead"]

_PIECES: Final = 4
"""Made and not yet read, at most: what memory holds."""


class Ahead:
    """Bytes to be read, made by a thread of their own; a failure there is raised by the next read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._queue: queue.Queue[bytes] = queue.Queue(_PIECES)
        self._rest = memoryview(b"")
        self._failure: BaseException | None = None
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._make, args=(pieces,), name="rows-ahead", daemon=True)
        self._thread.start()

    def read(self, size: int) -> memoryview:
        """A part of one piece, at most ``size`` bytes; none at the end."""
        if not self._rest:
            self._rest = memoryview(self._queue.get())
            if not self._rest:
                self._queue.put(b"")
                if self._failure is not None:
                    raise self._failure
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def close(self) -> None:
        """Make no more: whoever read has gone."""
        self._unwanted.set()
        while self._thread.is_alive():
            try:
                self._queue.get(timeout=0.05)
            except queue.Empty:
                self._thread.join(timeout=0.05)

    def _make(self, pieces: Iterator[bytes]) -> None:
        try:
            for piece in pieces:
                if self._unwanted.is_set():
                    return
                if piece:
                    self._queue.put(piece)
        except BaseException as error:  # noqa: BLE001 - raised by the thread that reads
            self._failure = error
        finally:
            self._queue.put(b"")
