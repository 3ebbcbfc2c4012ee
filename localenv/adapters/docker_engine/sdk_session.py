"""The engine wherever the docker SDK reaches it: TCP with or without TLS, SSH, a named pipe."""

from __future__ import annotations

import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from docker.api.client import APIClient
from docker.errors import DockerException
from docker.tls import TLSConfig
from requests import RequestException, Response, Timeout
from urllib3.exceptions import HTTPError

from localenv.adapters.docker_engine.endpoint import EngineEndpoint
from localenv.adapters.docker_engine.sessions import Request

__all__ = ["SdkSession"]

_PIECE = 1 << 16


class SdkSession:
    """``sessions.Session`` over the SDK's client: one per thread, made when first needed."""

    def __init__(self, endpoint: EngineEndpoint) -> None:
        self._endpoint = endpoint
        self._local = threading.local()
        self._clients: weakref.WeakSet[APIClient] = weakref.WeakSet()

    def call(self, request: Request) -> tuple[int, bytes]:
        with _told_as_of_the_connection():
            response = self._send(request, stream=False)
            return response.status_code, response.content

    def open(self, request: Request) -> SdkAnswer:
        with _told_as_of_the_connection():
            return SdkAnswer(self._send(request, stream=True))

    def close(self) -> None:
        for client in list(self._clients):
            client.close()

    def _send(self, request: Request, *, stream: bool) -> Response:
        client = self._client()
        response: Response = client.request(
            request.method,
            client.base_url + request.target,
            data=request.content,
            headers=request.headers,
            timeout=request.timeout,
            stream=stream,
        )
        return response

    def _client(self) -> APIClient:
        client: APIClient | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = self._new_client()
            self._clients.add(client)
        return client

    def _new_client(self) -> APIClient:
        tls, files = None, self._endpoint.tls
        if files is not None:
            pair = (files.certificate, files.key) if files.certificate and files.key else None
            tls = TLSConfig(client_cert=pair, ca_cert=files.authority, verify=files.verify)
        return APIClient(
            self._endpoint.host,
            version="1.43",
            tls=tls or False,
            use_ssh_client=self._endpoint.host.startswith("ssh://"),
        )


class SdkAnswer:
    """``sessions.Answer``."""

    def __init__(self, response: Response) -> None:
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def content_type(self) -> str:
        return str(self._response.headers.get("Content-Type", ""))

    @property
    def reader(self) -> BinaryIO:
        reader: BinaryIO = cast("Any", self._response.raw)._fp.fp  # noqa: SLF001 - a hijacked connection has no public door
        return reader

    @property
    def socket(self) -> socket.socket | None:
        raw = getattr(getattr(self._response.raw, "_fp", None), "fp", None)
        found = getattr(getattr(raw, "raw", None), "_sock", None)
        return found if isinstance(found, socket.socket) else None

    def pieces(self) -> Iterator[bytes]:
        with _told_as_of_the_connection():
            yield from self._response.iter_content(chunk_size=None)

    def close(self) -> None:
        self._response.close()


@contextmanager
def _told_as_of_the_connection() -> Iterator[None]:
    try:
        yield
    except Timeout as error:
        raise TimeoutError(str(error)) from error
    except (DockerException, RequestException, HTTPError) as error:
        raise ConnectionError(str(error)) from error
