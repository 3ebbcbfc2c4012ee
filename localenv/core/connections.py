"""Who holds connections to a container, read from the kernel's own tables (proc(5), ``/proc/net/tcp``)."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["held_connections"]

_ESTABLISHED, _LISTENING = "01", "0A"
_LOOPBACK = "7F"
_LOOPBACK_6 = ("00000000000000000000FFFF7F", "00000000000000000000000000000001")
"""How 127.0.0.0/8, the same mapped into IPv6, and ::1 begin once their words are in the order of the network."""


def held_connections(tables: str) -> int:
    """Established connections from elsewhere to ports that the container listens on; those that it opened do not count."""
    rows = tuple(_rows(tables))
    listening = {port for port, _remote, state in rows if state == _LISTENING}
    return sum(state == _ESTABLISHED and port in listening and not _is_loopback(remote) for port, remote, state in rows)


def _rows(tables: str) -> Iterator[tuple[str, str, str]]:
    """Local port, remote address and state of each socket."""
    for line in tables.splitlines():
        words = line.split()
        if len(words) > 3 and words[0].endswith(":") and ":" in words[1] and ":" in words[2]:  # noqa: PLR2004 - the columns that are read
            yield words[1].rpartition(":")[2], words[2].rpartition(":")[0], words[3]


def _is_loopback(address: str) -> bool:
    words = [address[at : at + 8] for at in range(0, len(address), 8)]
    in_order = "".join(bytes.fromhex(word)[::-1].hex().upper() for word in words)
    return in_order.startswith(_LOOPBACK if len(words) == 1 else _LOOPBACK_6)
