"""The machine that the command runs on, as far as addresses and ports go."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Host"]


class Host(Protocol):
    """Asks the kernel; answers are true for a moment only."""

    def reserved_networks(self) -> tuple[str, ...]:
        """CIDR of every route and name server of this host."""
        ...

    def used_ports(self) -> frozenset[int]:
        """TCP and UDP ports that something listens on."""
        ...

    def user(self) -> str:
        """Who runs the command."""
        ...

    def resolves(self, name: str) -> tuple[str, ...]:
        """Addresses that the system's resolver gives for a name; empty when it does not know it."""
        ...

    def free_bytes(self, path: str) -> int:
        """Room left on the file system of ``path``."""
        ...

    def addresses(self) -> tuple[str, ...]:
        """IPv4 addresses of this machine, loopback left out."""
        ...
