"""Keep-alive clients that ask the router without a pause, in processes of their own, and tell what they were answered."""

from __future__ import annotations

import multiprocessing
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from typing import Any

from tests.e2e.scenario import Installation, eventually

__all__ = ["Load", "load"]

PROCESSES = 2
CLIENTS_EACH = 10
"""Each process asks for all of them and then reads all answers: one after the other would wait for the scheduler each time.
Many more, and on a busy machine dialling takes longer than the router allows, with or without a new version."""
OK = 200
RECENT = 200
"""Answers of each client that say what is served in the end."""


@dataclass(slots=True)
class Load:
    """What all clients have seen."""

    counts: list[Any]
    """One number for each process: requests made so far."""
    enough: Event
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    last: Counter[str] = field(default_factory=Counter)
    """What each client was answered in the end."""

    @property
    def count(self) -> int:
        """Requests made so far."""
        return sum(int(count.value) for count in self.counts)

    def reach(self, count: int) -> None:
        """Wait until so many requests were made."""
        eventually(lambda: self.count >= count, within=600, what=f"{count} requests")


@contextmanager
def load(own: Installation, host: str) -> Iterator[Load]:
    """Clients at work from here to the end of the block; then ``answers``, ``failures`` and ``last`` are there."""
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    found = Load(counts=[context.Value("q", 0) for _ in range(PROCESSES)], enough=context.Event())
    place = (host, own.https_port, str(own.authority()))
    works = [(place, found.enough, results, count) for count in found.counts]
    processes = [context.Process(target=_work, args=work, daemon=True) for work in works]
    for process in processes:
        process.start()
    try:
        yield found
    finally:
        found.enough.set()
        for _ in processes:
            answers, failures, last = results.get(timeout=60)
            found.answers += answers
            found.failures += failures
            found.last += last
        for process in processes:
            process.join(20)


def _work(place: tuple[str, int, str], enough: Event, results: Any, count: Any) -> None:
    answers: Counter[str] = Counter()
    failures: list[str] = []
    clients = [_Client(*place) for _ in range(CLIENTS_EACH)]
    recent: list[str] = []
    while not enough.is_set():
        met = [*_each(clients, _Client.ask), *_each(clients, _Client.read)]
        answered = [client.answer for client in clients if client.answer is not None]
        good = [body for status, body in answered if status == OK]
        failures += [f"{datetime.now(UTC):%T.%f} {what}" for what in met]
        failures += [f"{datetime.now(UTC):%T.%f} status {status}" for status, _ in answered if status != OK]
        answers.update(good)
        recent = [*recent, *good][-RECENT:]
        count.value += len(clients)
    for client in clients:
        client.close()
    results.put((answers, failures, Counter(recent)))


def _each(clients: list[_Client], action: Callable[[_Client], None]) -> Iterator[str]:
    """Let every client do it; what failed."""
    for client in clients:
        try:
            action(client)
        except OSError as error:
            client.close()
            yield repr(error)


class _Client:
    """One TLS connection that is kept, made again after a failure."""

    def __init__(self, host: str, port: int, authority: str) -> None:
        self.answer: tuple[int, str] | None = None
        """Status and body; ``None`` after a failure."""
        self._host = host
        self._port = port
        self._context = ssl.create_default_context(cafile=authority)
        self._socket: ssl.SSLSocket | None = None
        self._request = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()

    def ask(self) -> None:
        self.answer = None
        if self._socket is None:
            plain = socket.create_connection(("127.0.0.1", self._port), 10)
            self._socket = self._context.wrap_socket(plain, server_hostname=self._host)
        self._socket.sendall(self._request)

    def read(self) -> None:
        if self._socket is None:
            return
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(body) < length:
            body += self._more()
        self.answer = int(head.split()[1]), body.decode()

    def _more(self) -> bytes:
        piece = self._socket.recv(65536) if self._socket else b""
        if not piece:
            raise ConnectionError("the router hung up")
        return piece

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None
