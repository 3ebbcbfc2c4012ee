"""Asking a container's own address whether anything answers there."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Dialer"]


class Dialer(Protocol):
    """Connects and hangs up. Only of use where containers' addresses are reachable from this process."""

    def answers(self, host: str, port: int, timeout: float) -> bool:
        """Whether a TCP connection is accepted within ``timeout`` seconds."""
        ...
