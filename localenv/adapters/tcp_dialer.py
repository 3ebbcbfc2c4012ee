"""Asks TCP ports whether they answer."""

from __future__ import annotations

import socket

__all__ = ["TcpDialer"]


class TcpDialer:
    """Implements ``ports.dialing.Dialer``."""

    def answers(self, host: str, port: int, timeout: float) -> bool:
        """Connect and hang up; a refusal, an unreachable host and silence are all no answer."""
        try:
            socket.create_connection((host, port), timeout).close()
        except OSError:
            return False
        return True
