"""Calls of the engine's HTTP API: its version settled, its refusals named."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from urllib.parse import quote

import msgspec

from localenv.adapters.docker_engine.failures import engine_failure, unreachable
from localenv.adapters.docker_engine.sessions import Request
from localenv.errors import LocalenvError, Unavailable

if TYPE_CHECKING:
    from localenv.adapters.docker_engine.endpoint import EngineEndpoint
    from localenv.adapters.docker_engine.sessions import Answer, Session

__all__ = ["Api", "Stream", "path"]

OLDEST_ENGINE: Final = 24
NEWEST_API: Final = (1, 48)
"""Newest API whose answers this package knows; a newer engine is asked for this one."""

_SECONDS: Final = 120.0
_HTTP_ERROR: Final = 400


def path(*parts: str) -> str:
    """Make a path of parts, each quoted whole."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that goes on: its pieces, its reader, and the socket under it."""

    answer: Answer
    host: str

    @property
    def content_type(self) -> str:
        return self.answer.content_type

    @property
    def reader(self) -> BinaryIO:
        """The connection behind the headers, buffered bytes included; for hijacked connections."""
        return self.answer.reader

    @property
    def socket(self) -> socket.socket | None:
        return self.answer.socket

    def body(self) -> Iterator[bytes]:
        """Yield the whole body. Raises ``Unavailable`` when the connection ends before it."""
        with _reached(self.host):
            yield from self.answer.pieces()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes; ends when the connection does, or ``interrupt`` is called from another thread."""
        with suppress(OSError, ValueError, AttributeError):
            yield from self.answer.pieces()

    def interrupt(self) -> None:
        """End the reading in whichever thread it goes on: closing alone would not wake it."""
        if (connection := self.socket) is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.interrupt()
        self.answer.close()


class Api:
    """The engine's API. Every method raises ``Unavailable`` when the engine does not answer."""

    def __init__(self, endpoint: EngineEndpoint) -> None:
        self.endpoint = endpoint
        self._lock = threading.Lock()
        self._version: Mapping[str, Any] | None = None

    def version(self) -> Mapping[str, Any]:
        """What the engine answers to ``/version``; asked once. Raises ``LocalenvError`` for one that is too old."""
        with self._lock:
            if self._version is None:
                content = self._call(Request(method="GET", route="/version", timeout=_SECONDS), "ask for the engine's version")
                self._version = _checked_version(msgspec.json.decode(content))
            return self._version

    def call(
        self,
        method: str,
        route: str,
        *,
        what: str,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        data: bytes | Iterable[bytes] | None = None,
        timeout: float | None = _SECONDS,
    ) -> Any:
        """Return the decoded answer, ``None`` for an empty one; ``what`` names the call in errors."""
        request = Request(method=method, route=self._versioned(route), params=params or {}, body=body, data=data, timeout=timeout)
        content = self._call(request, what)
        return msgspec.json.decode(content) if content else None

    def stream(
        self,
        method: str,
        route: str,
        *,
        what: str,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Stream:
        """Return an answer that goes on; the caller closes it."""
        request = Request(method=method, route=self._versioned(route), params=params or {}, body=body, more_headers=headers or {})
        with _reached(self.endpoint.host):
            answer = self._session.open(request)
            if answer.status >= _HTTP_ERROR:
                try:
                    content = b"".join(answer.pieces())
                finally:
                    answer.close()
                raise engine_failure(answer.status, _message_of(content), f"cannot {what}")
        return Stream(answer, self.endpoint.host)

    def close(self) -> None:
        """Close the connections."""
        if "_session" in self.__dict__:
            self._session.close()

    def _versioned(self, route: str) -> str:
        return f"/v{_api_version(self.version())}{route}"

    def _call(self, request: Request, what: str) -> bytes:
        with _reached(self.endpoint.host):
            status, content = self._session.call(request)
        if status >= _HTTP_ERROR:
            raise engine_failure(status, _message_of(content), f"cannot {what}")
        return content

    @cached_property
    def _session(self) -> Session:
        if self.endpoint.local_socket:
            from localenv.adapters.docker_engine.unix_session import UnixSession

            return UnixSession(self.endpoint.host.removeprefix("unix://"))
        from localenv.adapters.docker_engine.sdk_session import SdkSession

        return SdkSession(self.endpoint)


@contextmanager
def _reached(host: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise Unavailable(
            f"the Docker engine at {host} does not answer in time", code="engine-timeout", hints=("docker info",)
        ) from error
    except OSError as error:
        raise unreachable(host, _reason(error)) from error


def _checked_version(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if _pair(answer.get("ApiVersion", "0.0")) < (1, 43):
        raise LocalenvError(
            f"the Docker engine is version {answer.get('Version', '?')}; localenv needs {OLDEST_ENGINE} or later",
            code="engine-too-old",
            hints=("https://docs.docker.com/engine/install/",),
        )
    return answer


def _api_version(answer: Mapping[str, Any]) -> str:
    offered, oldest = _pair(answer["ApiVersion"]), _pair(answer.get("MinAPIVersion", "1.12"))
    major, minor = max(min(offered, NEWEST_API), oldest)
    return f"{major}.{minor}"


def _pair(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)


def _message_of(content: bytes) -> str:
    with suppress(msgspec.DecodeError, AttributeError):
        message = msgspec.json.decode(content).get("message")
        if isinstance(message, str):
            return message
    return content.decode(errors="replace").strip() or "no reason given"


def _reason(error: BaseException) -> str:
    """Return the innermost cause's words: the SDK wraps a refused connection four times."""
    innermost: BaseException = error
    while (cause := innermost.__cause__ or innermost.__context__) is not None:
        innermost = cause
    return innermost.strerror if isinstance(innermost, OSError) and innermost.strerror else str(innermost)
