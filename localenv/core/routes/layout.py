"""Where the router listens and from whom it takes requests."""

from __future__ import annotations

from typing import Literal

from localenv.values import dataclass

__all__ = ["ROUTER_IMAGE", "Layout", "Listening"]

ROUTER_IMAGE = "traefik:v3.7.15"
"""The one release that the routes are written for and tested with; ``compose/images/traefik`` builds the same."""

Listening = tuple[str, str]
"""Name of an entry point and the address that it is bound to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One way of running the router on this machine."""

    mode: Literal["host", "attached"]
    http_port: int
    https_port: int
    postgres_port: int
    ipv6: bool = False
    """Whether the machine has ``::1`` (host mode): browsers try it first."""
    gateway: str | None = None
    """Attached mode: the address from which requests of the host's own programs come in."""
    inside: str | None = None
    """Host mode: the address of the second entry point, which containers reach."""

    def __post_init__(self) -> None:
        """Refuse an attached router that would take requests from anyone."""
        if self.mode == "attached" and self.gateway is None:
            raise ValueError("an attached router needs the gateway of its own network")

    def http(self) -> tuple[str, ...]:
        """Names of the entry points for plain HTTP."""
        return self._both("http")

    def https(self) -> tuple[str, ...]:
        """Names of the entry points for HTTPS."""
        return self._both("https")

    def postgres(self) -> tuple[str, ...]:
        """Names of the entry points for PostgreSQL."""
        return self._both("postgres")

    def listening(self) -> tuple[Listening, ...]:
        """Every entry point with its address, as Traefik writes addresses."""
        ports = {"http": self.http_port, "https": self.https_port, "postgres": self.postgres_port}
        if self.mode == "attached":
            return tuple((name, f":{port}") for name, port in ports.items())
        four = tuple((name, f"127.0.0.1:{port}") for name, port in ports.items())
        six = tuple((f"{name}-ipv6", f"[::1]:{port}") for name, port in ports.items()) if self.ipv6 else ()
        inside = (
            (("inside-http", f"{self.inside}:{self.http_port}"), ("inside-https", f"{self.inside}:{self.https_port}"))
            if self.inside
            else ()
        )
        return four + six + inside

    def _both(self, name: str) -> tuple[str, ...]:
        return (name, f"{name}-ipv6") if self.mode == "host" and self.ipv6 else (name,)
