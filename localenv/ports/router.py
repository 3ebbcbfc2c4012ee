"""The router: one Traefik per engine that serves every environment's hostnames."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, Protocol

from localenv.core.names import EnvironmentId
from localenv.core.routing import Backend, Route
from localenv.core.wanted import Exposure
from localenv.values import dataclass

__all__ = ["Backend", "Route", "Router", "RouterStatus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterStatus:
    """How the router is."""

    state: Literal["running", "stopped", "absent", "failed"]
    mode: Literal["host", "attached"]
    http_port: int
    https_port: int
    postgres_port: int | None = None
    version: str = ""
    environments: tuple[str, ...] = ()
    """Compose project names with a route file."""
    details: tuple[str, ...] = field(default=())


class Router(Protocol):
    """Starts the router when it is not running, and publishes one route file per environment."""

    def ensure(self, *, mode: str = "auto", inside: bool = False, ports: tuple[int, int] | None = None) -> RouterStatus:
        """Make it run; free ports are chosen and remembered when 80 and 443 are taken.

        ``ports`` asks for this pair (HTTP, HTTPS) from now on. ``details`` of the result says what was in the way.
        Raises ``Unavailable`` naming what holds a port when none can be had.
        """
        ...

    def status(self) -> RouterStatus: ...
    def prepare(self, environment: EnvironmentId, domain: str, exposures: tuple[Exposure, ...]) -> None:
        """Make the certificate that ``publish`` of these exposures is going to need."""
        ...

    def publish(self, environment: EnvironmentId, domain: str, routes: tuple[Route, ...], *, inside: tuple[str, ...] = ()) -> str:
        """Write certificate and route file when they differ; return the revision. ``inside``: subnets that may call in."""
        ...

    def is_current(
        self, environment: EnvironmentId, domain: str, routes: tuple[Route, ...], *, inside: tuple[str, ...] = ()
    ) -> bool:
        """Whether ``publish`` with the same arguments would change nothing."""
        ...

    def published(self, environment: EnvironmentId) -> str | None:
        """Revision of the route file that is there."""
        ...

    def backends(self, environment: EnvironmentId) -> frozenset[Backend]:
        """Whom the route file that is there sends requests to; none when there is no file."""
        ...

    def confirm(self, environment: EnvironmentId, domain: str, revision: str, timeout: float) -> bool:
        """Wait until the router serves this revision (``/.localenv/revision/<hash>`` answers)."""
        ...

    def withdraw(self, environment: EnvironmentId) -> None:
        """Remove route file and certificate, and leave the environment's networks (attached mode)."""
        ...

    def probe(self, host: str, path: str, timeout: float) -> int | None:
        """Status code of ``https://host/path`` asked through the router; ``None`` when there is no answer."""
        ...

    def stop(self) -> None: ...
    def logs(self, tail: int) -> tuple[str, ...]: ...
    def inside_address(self) -> str | None:
        """Address of the entry point for containers (``router.inside``); ``None`` when it is off."""
        ...
