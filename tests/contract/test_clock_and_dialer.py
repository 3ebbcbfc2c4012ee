"""What ``ports.clock`` and ``ports.dialing`` promise."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, timedelta

from localenv.adapters.clock import SystemClock
from localenv.adapters.tcp_dialer import TcpDialer


def test_now_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo == UTC
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_pause_ends_when_the_command_is_interrupted_and_later_ones_do_not_begin() -> None:
    clock, woken = SystemClock(), threading.Event()

    def wait() -> None:
        clock.pause(600.0)
        clock.pause(600.0)
        woken.set()

    threading.Thread(target=wait, daemon=True).start()
    clock.interrupt()
    assert woken.wait(5.0)


def test_a_port_answers_while_something_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert TcpDialer().answers("127.0.0.1", port, 5.0)
    assert not TcpDialer().answers("127.0.0.1", port, 5.0)
