"""Asks the router over HTTPS on the loopback address, as a browser would: by name, verifying its certificate."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException, HTTPSConnection

__all__ = ["Connection", "answer_of", "status_of"]

_USUAL_PORT = 443


class Connection(HTTPSConnection):
    """A connection whose name is not looked up: the router is on this machine whatever a resolver says."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def status_of(host: str, path: str, *, port: int, authority: str, timeout: float) -> int | None:
    """Status code of ``GET https://host:port/path``; ``None`` when no trusted answer comes within ``timeout`` seconds.

    ``authority`` is the path of the certificate to trust, and the only one. Redirects are not followed.
    """
    answer = answer_of(host, path, port=port, authority=authority, timeout=timeout, limit=0)
    return answer[0] if answer else None


def answer_of(host: str, path: str, *, port: int, authority: str, timeout: float, limit: int) -> tuple[int, bytes] | None:
    """The same, with the first ``limit`` bytes of the body."""
    try:
        connection = Connection(host, port, ssl.create_default_context(cafile=authority), timeout)
    except (OSError, ValueError):
        return None
    try:
        name = host if port == _USUAL_PORT else f"{host}:{port}"
        connection.request("GET", path, headers={"Host": name, "User-Agent": "localenv", "Accept": "*/*"})
        response = connection.getresponse()
        return response.status, response.read(limit) if limit else b""
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
