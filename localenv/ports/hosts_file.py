"""The machine's hosts file."""

from __future__ import annotations

from typing import Protocol

__all__ = ["HostsFile"]


class HostsFile(Protocol):
    """Read by every program that resolves names; written with care."""

    @property
    def path(self) -> str:
        """Where it is."""
        ...

    def read(self) -> str:
        """Its text; empty when there is none."""
        ...

    def write(self, text: str) -> None:
        """Replace it whole. Raises ``LocalenvError`` (code ``needs-root``) with the command that does it."""
        ...
