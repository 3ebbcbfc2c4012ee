"""Who listens on a port of this machine, from ``/proc`` where there is one (proc(5), /proc/net/tcp)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["has_ipv6", "holder_of"]

_LISTENING = "0A"
_LOOPBACK_AND_ANY = {
    "00000000",
    "0100007F",
    "0" * 32,
    "0" * 24 + "01000000",
    "0000000000000000FFFF000000000000",
    "0000000000000000FFFF00000100007F",
}
"""Addresses that a listener on the loopback address would meet, as the kernel prints them."""
_CONNECT_SECONDS = 0.3


def holder_of(port: int) -> str | None:
    """``nginx (pid 812)`` when something listens on this port of the loopback address; ``None`` when nothing does."""
    try:
        inodes = list(_listening(port))
    except OSError:
        return "another program" if _answers(port) else None
    if not inodes:
        return None
    return next((found for inode in inodes if (found := _process(inode))), "another user's program")


def has_ipv6() -> bool:
    """Whether this machine has ``::1``."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _listening(port: int) -> Iterator[str]:
    """Inodes of the sockets that listen on ``port``. Raises ``OSError`` where there is no ``/proc/net/tcp``."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    with suppress(OSError):
        lines += Path("/proc/net/tcp6").read_text().splitlines()[1:]
    for line in lines:
        columns = line.split()
        address, _, number = columns[1].rpartition(":")
        if columns[3] == _LISTENING and int(number, 16) == port and address in _LOOPBACK_AND_ANY:
            yield columns[9]


def _process(inode: str) -> str | None:
    """Name and number of the process that has a socket open; ``None`` when it is not ours to see."""
    wanted = f"socket:[{inode}]"
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(_target(link) == wanted for link in (folder / "fd").iterdir()):
                return f"{(folder / 'comm').read_text().strip()} (pid {folder.name})"
    return None


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
