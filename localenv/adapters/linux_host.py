"""The host's routes, ports and resolver, read from ``/proc`` where there is one."""

from __future__ import annotations

import contextlib
import getpass
import ipaddress
import os
import shutil
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["LinuxHost", "login_name"]

_ROUTES = Path("/proc/net/route")
_SOCKETS = ("/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6")
_TCP_LISTEN = "0A"


class LinuxHost:
    """Implements ``ports.host.Host``; on other systems routes and sockets are unknown and the engine refuses a clash."""

    def reserved_networks(self) -> tuple[str, ...]:
        """Networks of the IPv4 routing table but the default one, and name servers as /32."""
        return (*_routes(), *_name_servers())

    def used_ports(self) -> frozenset[int]:
        """Local ports of listening TCP sockets and of all UDP sockets."""
        ports: set[int] = set()
        for name in _SOCKETS:
            with contextlib.suppress(OSError):
                for line in Path(name).read_text().splitlines()[1:]:
                    columns = line.split()
                    if "udp" in name or columns[3] == _TCP_LISTEN:
                        ports.add(int(columns[1].rpartition(":")[2], 16))
        return frozenset(ports)

    def user(self) -> str:
        """Login name of the caller."""
        return login_name()

    def resolves(self, name: str) -> tuple[str, ...]:
        """Ask the C library, as Python, Node and Java do."""
        try:
            return tuple(sorted({str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}))
        except OSError:
            return ()

    def addresses(self) -> tuple[str, ...]:
        """IPv4 addresses of this machine as its own name and its default route tell them, loopback left out."""
        found = {str(entry[4][0]) for entry in _looked_up(socket.gethostname())}
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            found.add(str(probe.getsockname()[0]))
        return tuple(sorted(address for address in found if not ipaddress.ip_address(address).is_loopback))

    def free_bytes(self, path: str) -> int:
        """Free bytes, of the nearest parent that exists."""
        place = Path(path)
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free


def login_name() -> str:
    """Login name of the caller, its number where it has no name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _looked_up(name: str) -> list[Any]:
    try:
        return list(socket.getaddrinfo(name, None, socket.AF_INET))
    except OSError:
        return []


def _routes() -> Iterator[str]:
    with contextlib.suppress(OSError):
        for line in _ROUTES.read_text().splitlines()[1:]:
            columns = line.split()
            address, mask = (socket.inet_ntoa(struct.pack("<L", int(columns[index], 16))) for index in (1, 7))
            if mask != "0.0.0.0":  # noqa: S104 - the default route's mask, nothing is bound
                yield str(ipaddress.ip_network(f"{address}/{mask}", strict=False))


def _name_servers() -> Iterator[str]:
    with contextlib.suppress(OSError):
        for line in Path("/etc/resolv.conf").read_text().splitlines():
            words = line.split()
            if len(words) > 1 and words[0] == "nameserver":
                with contextlib.suppress(ValueError):
                    yield f"{ipaddress.IPv4Address(words[1])}/32"
