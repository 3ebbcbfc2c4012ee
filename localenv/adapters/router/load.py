"""A steady load on one URL through the router, counted: for demonstrations, not for measuring."""

from __future__ import annotations

import ssl
import threading
import time
from http.client import HTTPException
from types import TracebackType
from typing import Self

from localenv.adapters.router.asking import Connection

__all__ = ["SteadyLoad"]

_CLIENTS = 4
_PAUSE = 0.005
"""Seconds between two requests of a client: the machine has other work to do."""
_TIMEOUT = 15.0
_SERVER_ERROR = 500


class SteadyLoad:
    """A few clients, each on a connection that it keeps, from entering to leaving."""

    def __init__(self, host: str, path: str, *, port: int, authority: str) -> None:
        self._host = host
        self._path = path
        self._port = port
        self._context = ssl.create_default_context(cafile=authority)
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._workers = [threading.Thread(target=self._ask, name="localenv-load", daemon=True) for _ in range(_CLIENTS)]
        self.requests = 0
        self.failed = 0
        self.slowest = 0.0
        """Seconds of the slowest answer."""

    def __enter__(self) -> Self:
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ending.set()
        for worker in self._workers:
            worker.join(_TIMEOUT + 1)

    def _ask(self) -> None:
        connection = Connection(self._host, self._port, self._context, _TIMEOUT)
        while not self._ending.wait(_PAUSE):
            began = time.monotonic()
            try:
                connection.request("GET", self._path, headers={"Host": f"{self._host}:{self._port}", "User-Agent": "localenv"})
                response = connection.getresponse()
                response.read()
                failed = response.status >= _SERVER_ERROR
            except (OSError, HTTPException, ValueError):
                connection.close()
                failed = True
            with self._lock:
                self.requests += 1
                self.failed += failed
                self.slowest = max(self.slowest, time.monotonic() - began)
        connection.close()
