"""Calls of the engine's HTTP API over the docker SDK's session: one per thread, made when first needed."""

from __future__ import annotations

import socket
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast
from urllib.parse import quote

import msgspec

from localenv.adapters.docker_engine.failures import engine_failure, unreachable
from localenv.errors import LocalenvError, Unavailable

if TYPE_CHECKING:
    from docker.api.client import APIClient
    from requests import Response

    from localenv.adapters.docker_engine.endpoint import EngineEndpoint

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

    response: Response

    @property
    def content_type(self) -> str:
        return str(self.response.headers.get("Content-Type", ""))

    @property
    def reader(self) -> BinaryIO:
        """The connection behind the headers, buffered bytes included; for hijacked connections."""
        reader: BinaryIO = cast("Any", self.response.raw)._fp.fp  # noqa: SLF001 - a hijacked connection has no public door
        return reader

    @property
    def socket(self) -> socket.socket | None:
        raw = getattr(getattr(self.response.raw, "_fp", None), "fp", None)
        found = getattr(getattr(raw, "raw", None), "_sock", None)
        return found if isinstance(found, socket.socket) else None

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes; ends when ``interrupt`` is called from another thread."""
        from requests import RequestException
        from urllib3.exceptions import HTTPError

        with suppress(RequestException, HTTPError, OSError, ValueError, AttributeError):
            yield from self.response.iter_content(chunk_size=None)

    def interrupt(self) -> None:
        """End the reading in whichever thread it goes on: closing alone would not wake it."""
        if (connection := self.socket) is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.interrupt()
        self.response.close()


class Api:
    """The engine's API. Every method raises ``Unavailable`` when the engine does not answer."""

    def __init__(self, endpoint: EngineEndpoint) -> None:
        self.endpoint = endpoint
        self._local = threading.local()
        self._lock = threading.Lock()
        self._clients: weakref.WeakSet[APIClient] = weakref.WeakSet()
        self._version: Mapping[str, Any] | None = None

    def version(self) -> Mapping[str, Any]:
        """What the engine answers to ``/version``; asked once. Raises ``LocalenvError`` for one that is too old."""
        with self._lock:
            if self._version is None:
                self._knock()
                answer = self._send("GET", f"{self._client().base_url}/version", what="ask for the engine's version")
                self._version = _checked_version(msgspec.json.decode(answer.content))
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
        answer = self._send(method, self._url(route), what=what, params=params, json=body, data=data, timeout=timeout)
        return msgspec.json.decode(answer.content) if answer.content else None

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
        return Stream(
            self._send(
                method,
                self._url(route),
                what=what,
                params=params,
                json=body,
                headers=headers,
                stream=True,
                timeout=None,
            )
        )

    def close(self) -> None:
        """Close every thread's connections."""
        for client in list(self._clients):
            client.close()

    def _url(self, route: str) -> str:
        return f"{self._client().base_url}/v{_api_version(self.version())}{route}"

    def _send(self, method: str, url: str, *, what: str, **options: Any) -> Response:
        options.setdefault("timeout", _SECONDS)
        with self._reached():
            response: Response = self._client().request(method, url, **options)
            if response.status_code >= _HTTP_ERROR:
                with response:
                    message = _message_of(response.content)
                raise engine_failure(response.status_code, message, f"cannot {what}")
        return response

    @contextmanager
    def _reached(self) -> Iterator[None]:
        from requests import RequestException, Timeout
        from urllib3.exceptions import HTTPError

        try:
            yield
        except Timeout as error:
            raise Unavailable(
                f"the Docker engine at {self.endpoint.host} does not answer in time",
                code="engine-timeout",
                hints=("docker info",),
            ) from error
        except (RequestException, HTTPError, OSError) as error:
            raise unreachable(self.endpoint.host, _reason(error)) from error

    def _knock(self) -> None:
        """Connect once: the SDK leaves a socket open whose connection is refused."""
        if self.endpoint.local_socket:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(self.endpoint.host.removeprefix("unix://"))
                except OSError as error:
                    raise unreachable(self.endpoint.host, _reason(error)) from error

    def _client(self) -> APIClient:
        client: APIClient | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = self._new_client()
            self._clients.add(client)
        return client

    def _new_client(self) -> APIClient:
        from docker.api.client import APIClient
        from docker.errors import DockerException
        from docker.tls import TLSConfig

        tls, files = None, self.endpoint.tls
        try:
            if files is not None:
                pair = (files.certificate, files.key) if files.certificate and files.key else None
                tls = TLSConfig(client_cert=pair, ca_cert=files.authority, verify=files.verify)
            client = APIClient(
                self.endpoint.host,
                version="1.43",
                tls=tls or False,
                use_ssh_client=self.endpoint.host.startswith("ssh://"),
            )
        except DockerException as error:
            raise unreachable(self.endpoint.host, str(error)) from error
        client.trust_env = not self.endpoint.local_socket
        return client


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
