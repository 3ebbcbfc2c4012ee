"""The way to an engine of this machine, against servers that behave as an engine seldom does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from localenv.adapters.docker_engine.sessions import Request
from localenv.adapters.docker_engine.unix_session import UnixSession

Talk = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DEADLINE = 10.0


@contextmanager
def engine(directory: Path, *talks: Talk) -> Iterator[UnixSession]:
    """An engine that leads these conversations, one connection each, and hangs up."""
    address = str(directory / "engine.sock")
    with socket.socket(socket.AF_UNIX) as listener, closing(UnixSession(address)) as session:
        listener.bind(address)
        listener.listen()
        listener.settimeout(DEADLINE)

        def serve() -> None:
            for talk in talks:
                connection, _ = listener.accept()
                with connection:
                    talk(connection)

        server = threading.Thread(target=serve)
        server.start()
        yield session
        server.join(DEADLINE)
        assert not server.is_alive()


def asked(connection: socket.socket) -> bytes:
    """One request, to the end of its head."""
    content = b""
    while b"\r\n\r\n" not in content:
        content += connection.recv(1 << 16)
    return content


def say(*answers: bytes) -> Talk:
    """Answer as many requests."""

    def talk(connection: socket.socket) -> None:
        for answer in answers:
            asked(connection)
            connection.sendall(answer)

    return talk


def get(route: str = "/x", **more: object) -> Request:
    return Request(method="GET", route=route, timeout=DEADLINE, **more)  # type: ignore[arg-type] # as the test has it


def test_a_connection_is_used_again(tmp_path: Path) -> None:
    with engine(tmp_path, say(OK, OK)) as session:
        assert [session.call(get()), session.call(get())] == [(200, b"ok"), (200, b"ok")]


def test_a_connection_that_the_engine_closed_is_replaced(tmp_path: Path) -> None:
    closed = threading.Event()

    def once(connection: socket.socket) -> None:
        say(OK)(connection)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with engine(tmp_path, once, say(OK)) as session:
        assert session.call(get()) == (200, b"ok")
        assert closed.wait(DEADLINE)
        assert session.call(get()) == (200, b"ok")


def test_a_request_that_outlives_the_session_leaves_no_connection(tmp_path: Path) -> None:
    asking, hung_up = threading.Event(), threading.Event()

    def late(connection: socket.socket) -> None:
        asked(connection)
        asking.set()
        assert closed.wait(DEADLINE)
        connection.sendall(OK)
        if connection.recv(1) == b"":
            hung_up.set()

    closed = threading.Event()
    with engine(tmp_path, late) as session:
        worker = threading.Thread(target=session.call, args=(get(),))
        worker.start()
        assert asking.wait(DEADLINE)
        session.close()
        closed.set()
        worker.join(DEADLINE)
    assert hung_up.is_set()


def test_an_answer_that_ends_its_connection_is_read_whole(tmp_path: Path) -> None:
    with engine(tmp_path, say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it"), say(OK)) as session:
        assert session.call(get()) == (200, b"all of it")
        assert session.call(get()) == (200, b"ok")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"no engine at all\r\n\r\n"])
def test_an_answer_that_is_none_or_half_of_one_is_a_failure_of_the_connection(tmp_path: Path, answer: bytes) -> None:
    with engine(tmp_path, say(answer)) as session, pytest.raises(ConnectionError) as caught:
        session.call(get())
    assert str(caught.value)


def test_an_engine_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    over = threading.Event()

    def silent(connection: socket.socket) -> None:
        asked(connection)
        assert over.wait(DEADLINE)

    with engine(tmp_path, silent) as session:
        with pytest.raises(TimeoutError):
            session.call(Request(method="GET", route="/x", timeout=0.05))
        over.set()


def test_a_refusal_of_what_is_still_being_sent_is_read(tmp_path: Path) -> None:
    def refuse(connection: socket.socket) -> None:
        asked(connection)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nno\r\n")
        connection.shutdown(socket.SHUT_RD)

    upload = Request(method="PUT", route="/x", data=(bytes(1 << 16) for _ in range(200)), timeout=DEADLINE)
    with engine(tmp_path, refuse) as session:
        assert session.call(upload)[0] == 413


def test_pieces_come_one_by_one_and_an_end_before_the_last_is_told(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with engine(tmp_path, say(head + b"3\r\none\r\n3\r\ntwo\r\n")) as session, closing(session.open(get())) as answer:
        pieces = answer.pieces()
        assert [next(pieces), next(pieces)] == [b"one", b"two"]
        with pytest.raises(ConnectionError):
            next(pieces)


def test_names_and_parameters_are_quoted(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def note(connection: socket.socket) -> None:
        seen.append(asked(connection))
        connection.sendall(OK)

    with engine(tmp_path, note) as session:
        session.call(get("/images/a b\r\nX: y/ä:1%2F/json", params={"name": "a&b", "left": None, "t": 3}))
    assert seen[0].startswith(b"GET /images/a%20b%0D%0AX:%20y/%C3%A4:1%2F/json?name=a%26b&t=3 HTTP/1.1\r\n")
