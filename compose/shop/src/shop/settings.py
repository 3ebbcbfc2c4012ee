"""What the shop is told from outside: where it runs, whom it talks to, its secrets and its configuration."""

from __future__ import annotations

import logging
import os
import socket
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE = Path("/etc/shop/shop.toml")
SECRETS = Path("/run/secrets")
UPLOADS = Path("/srv/uploads")
MIGRATIONS = Path("/srv/shop/migrations")
HEARTBEAT_FILE = Path("/tmp/worker.heartbeat")

PURPOSES = {
    "development": "write and fix code",
    "preview": "one branch, to click through",
    "staging": "a replica of production, to test on",
    "uat": "is this what goes live?",
    "production": "live: what customers see",
    "compose": "plain docker compose",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this copy of the shop runs, as localenv tells every service."""

    tier: str
    environment: str
    project: str
    url: str
    release: str
    data_class: str
    data_profile: str
    host: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Place:
        """Take the LOCALENV_* variables; without them this is a plain Compose project."""

        def told(name: str, otherwise: str) -> str:
            return environment.get(f"LOCALENV_{name}") or otherwise

        return cls(
            tier=told("TIER", "compose"),
            environment=told("ENVIRONMENT", "local"),
            project=told("PROJECT", "shop"),
            url=told("URL", ""),
            release=told("RELEASE", "working tree"),
            data_class=told("DATA_CLASS", "unclassified"),
            data_profile=told("DATA_PROFILE", "none"),
            host=socket.gethostname(),
        )

    @property
    def purpose(self) -> str:
        """What the tier is for, in a few words."""
        return PURPOSES.get(self.tier, "a tier of this project's own")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The shop's own configuration: how it presents itself."""

    name: str
    tagline: str
    currency: str
    shelf: int
    recent_orders: int

    def money(self, cents: int) -> str:
        """Write an amount the way the shop does: thousands set apart, two decimals."""
        return f"{self.currency}{cents / 100:,.2f}"


def place() -> Place:
    """Tell where this process runs."""
    return Place.read(os.environ)


def config() -> Config:
    """Read the mounted configuration file."""
    return Config(**tomllib.loads(CONFIG_FILE.read_text(encoding="utf-8")))


def secret(name: str) -> str:
    """Read a secret that Compose mounted."""
    return (SECRETS / name).read_text(encoding="utf-8").strip()


def address(name: str, otherwise: str) -> tuple[str, int]:
    """Read `HOST:PORT` from a variable."""
    host, _, port = os.environ.get(name, otherwise).rpartition(":")
    return host, int(port)


def variable(name: str, otherwise: str) -> str:
    """Read a variable that may be absent."""
    return os.environ.get(name, otherwise)


def configure_logging() -> None:
    """Log to standard error, one line per event."""
    level = os.environ.get("LOG_LEVEL", "info").upper()
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s")
