"""The engine behind a socket of this machine, by the standard library alone: loading the SDK takes longer than most commands."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import BinaryIO, cast

from localenv.adapters.docker_engine.sessions import Request

__all__ = ["UnixSession"]

_PIECE = 1 << 16


class UnixSession:
    """``sessions.Session``. A connection whose answer was read to its end serves the next request, of any thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._idle: list[_Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        """Once it is, a request that is still under way in another thread ends its connection itself."""

    def call(self, request: Request) -> tuple[int, bytes]:
        connection = self._take()
        with _closed_on_failure(connection):
            response = connection.ask(request)
            content = response.read()
        self._keep(connection)
        return response.status, content

    def open(self, request: Request) -> UnixAnswer:
        connection = _Connection(self._path)
        with _closed_on_failure(connection):
            return UnixAnswer(connection, connection.ask(request))

    def close(self) -> None:
        with self._lock:
            idle, self._idle, self._closed = self._idle, [], True
        for connection in idle:
            connection.close()

    def _keep(self, connection: _Connection) -> None:
        """Let a connection wait for the next request, unless the answer ended it or nothing is to wait any more."""
        with self._lock:
            if connection.sock is not None and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _take(self) -> _Connection:
        """Return a connection that the engine has not closed meanwhile."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return _Connection(self._path)
            if connection.waits:
                return connection
            connection.close()


class UnixAnswer:
    """``sessions.Answer`` on a connection of its own."""

    def __init__(self, connection: _Connection, response: HTTPResponse) -> None:
        self._connection = connection
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def content_type(self) -> str:
        return self._response.headers.get("Content-Type", "")

    @property
    def reader(self) -> BinaryIO:
        return cast("BinaryIO", self._response.fp)

    @property
    def socket(self) -> socket.socket | None:
        return self._connection.unix

    def pieces(self) -> Iterator[bytes]:
        with _told_as_of_the_connection():
            while piece := self._response.read1(_PIECE):
                yield piece

    def close(self) -> None:
        self._response.close()
        self._connection.close()


class _Connection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path
        self.unix: socket.socket | None = None
        """The socket; ``sock`` is unset when the answer says that the connection ends with it."""

    def connect(self) -> None:
        self.unix = self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def ask(self, request: Request) -> HTTPResponse:
        """Send a request and read the head of its answer, also of one that came before all was sent."""
        self.timeout = request.timeout
        if self.sock is not None:
            self.sock.settimeout(request.timeout)
        with suppress(BrokenPipeError):
            self.request(request.method, request.target, request.content, request.headers)
        return self.getresponse()

    @property
    def waits(self) -> bool:
        """Whether nothing came since the last answer: an end, for one."""
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return not poll.poll(0)


@contextmanager
def _closed_on_failure(connection: _Connection) -> Iterator[None]:
    try:
        with _told_as_of_the_connection():
            yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def _told_as_of_the_connection() -> Iterator[None]:
    try:
        yield
    except HTTPException as error:
        raise ConnectionError(str(error) or type(error).__name__) from error
