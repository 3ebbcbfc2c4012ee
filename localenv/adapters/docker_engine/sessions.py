"""What a way to the engine has to do: carry one request, and give an answer whole or as it comes."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote, urlencode

import msgspec

from localenv.values import dataclass

__all__ = ["Answer", "Request", "Session"]

_OF_A_PATH = "/:@%!$&'()*+,;=~"
"""Characters that stay as they are in a path; ``%`` because names in it are quoted already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. ``body`` is sent as JSON, ``data`` as it is; ``timeout`` is seconds without a byte, ``None`` for none."""

    method: str
    route: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    data: bytes | Iterable[bytes] | None = None
    more_headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None

    @property
    def target(self) -> str:
        """Path and query; a parameter that is ``None`` is left out."""
        query = urlencode({name: value for name, value in self.params.items() if value is not None})
        return quote(self.route, safe=_OF_A_PATH) + (f"?{query}" if query else "")

    @property
    def content(self) -> bytes | Iterable[bytes] | None:
        return self.data if self.body is None else msgspec.json.encode(self.body)

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.more_headers) if self.body is None else {"Content-Type": "application/json", **self.more_headers}


class Answer(Protocol):
    """An answer that goes on. Its methods raise ``OSError`` and nothing else when the connection fails."""

    @property
    def status(self) -> int:
        """Status code."""

    @property
    def content_type(self) -> str:
        """The header, empty when there is none."""

    @property
    def reader(self) -> BinaryIO:
        """The connection behind the headers, buffered bytes included; for hijacked connections."""

    @property
    def socket(self) -> socket.socket | None:
        """The connection itself."""

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes."""

    def close(self) -> None:
        """End the connection."""


class Session(Protocol):
    """Requests to one engine, from any thread. Methods raise ``TimeoutError``, other ``OSError`` when it is not reached."""

    def call(self, request: Request) -> tuple[int, bytes]:
        """Status code and whole body."""

    def open(self, request: Request) -> Answer:
        """An answer that goes on; the caller closes it."""

    def close(self) -> None:
        """End the connections that wait for another request."""
