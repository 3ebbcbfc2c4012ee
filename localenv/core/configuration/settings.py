"""The effective configuration of one project: localenv.yaml over the shipped profiles over the defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from localenv.core.configuration.tier import TierProfile

__all__ = [
    "Check",
    "EnvironmentSettings",
    "Expose",
    "Grant",
    "LoadCheck",
    "RouterSettings",
    "SecretSpec",
    "Settings",
    "VolumeSettings",
]

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
HostHeader = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9.:\[\]_-]+$(?!\n)", max_length=253, examples=["localhost", "shop.example:8080"])
]
UrlPath = Annotated[str, msgspec.Meta(pattern=r"^/[!-_a-z~]*$(?!\n)", max_length=1024, examples=["/", "/healthz"])]

Span = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,3}[sm]$(?!\n)", examples=["10s", "2m"])]
Latency = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,3})?(ms|s)$(?!\n)", examples=["500ms", "1.5s"])]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Expose(_Strict, frozen=True, kw_only=True):
    """How one service is reached from outside (``expose.<service>``)."""

    port: Port | None = None
    """Port in the container; ``None``: the service's first published one."""
    protocol: Literal["http", "https", "tcp", "postgres", "none"] = "http"
    """``https``: the container itself speaks TLS. ``none``: not reachable from outside."""
    primary: bool = False
    """Whether it also answers as ``<environment>.<project>.<domain>``."""
    host_header: HostHeader | None = None
    """What the service gets as ``Host``, where it insists on a name of its own."""
    path: UrlPath = "/"
    """What the probe asks for."""
    ports: tuple[Port, ...] = ()
    """Further HTTP ports: each answers as ``<service>-<port>``."""


class Grant(_Strict, frozen=True, kw_only=True):
    """Leave for something that is refused otherwise (``grants``)."""

    key: str
    """Key of the Compose file that is allowed: ``cap_add``, ``privileged``, ``volumes``."""
    why: Annotated[str, msgspec.Meta(min_length=1)]
    """The reason, for those who come later."""
    service: str | None = None
    """Service that gets the leave; ``None`` for keys outside of services."""
    value: Any = None
    """The one value that is allowed; ``None``: whatever the key says."""


class LoadCheck(_Strict, frozen=True, kw_only=True):
    """Requests at a constant rate, sent through the router as customers' are, and what is asked of the answers (``load``)."""

    service: str
    """Service with a hostname on the router."""
    rate: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    """Requests per second (GET), begun whether earlier ones were answered or not."""
    duration: Span = "10s"
    """How long; 1s to 10m. ``rate`` times ``duration`` is at most a million."""
    path: UrlPath = "/"
    """What is asked for."""
    p95: Latency | None = None
    """Time within which 95 of 100 requests have to be answered."""
    p99: Latency | None = None
    """Time within which 99 of 100 have to be."""
    errors: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    """Share of requests that may stay without an answer or be answered with 400 or above: 0.01 is one in a hundred."""
    min_rate: Annotated[float, msgspec.Meta(gt=0, le=10_000)] | None = None
    """Answers per second that there have to be at least."""


class Check(_Strict, frozen=True, kw_only=True):
    """A gate, run against an environment: a command in a service's image, where exit 0 passes, or a load test (``checks``)."""

    service: str | None = None
    """Service of the Compose file in whose image the command runs."""
    command: tuple[str, ...] | None = None
    """Program and arguments; ``None``: the service's own command."""
    load: LoadCheck | None = None
    """A load test, in place of service and command."""


class SecretSpec(_Strict, frozen=True, kw_only=True):
    """A value generated once per environment (``secrets``)."""

    generate: Literal["hex", "base64", "password"] = "hex"
    """Its alphabet; ``password``: letters, digits and marks that need no quoting."""
    length: Annotated[int, msgspec.Meta(ge=8, le=4096)] = 64
    """Characters."""


class EnvironmentSettings(_Strict, frozen=True, kw_only=True):
    """An environment that is not simply named like its tier (``environments.<name>``)."""

    tier: str
    """Tier whose rules it has."""
    data: str | None = None
    """Data profile, before the tier's."""


class VolumeSettings(_Strict, frozen=True, kw_only=True):
    """What to do with a volume of the Compose file (``volumes.<name>``)."""

    external: Literal["clone", "share"] | None = None
    """For an external volume: a copy for each environment, or the one volume for all."""
    classification: Literal["synthetic", "masked", "real"] | None = None
    """Class of what is in it, where localenv cannot know; a higher one that it knows counts more."""


class RouterSettings(_Strict, frozen=True, kw_only=True):
    """How the router reaches containers and is reached (``router``)."""

    mode: Literal["auto", "host", "attached"] = "auto"
    """In the host's network, or as a member of each environment's; ``auto`` asks the engine."""
    inside: bool = False
    """Whether services reach their own environment's public URLs."""


class Settings(_Strict, frozen=True, kw_only=True):
    """Everything that localenv knows of a project before it reads the Compose file."""

    project: str
    """A slug; default: ``name:`` of the Compose file, then the directory's name."""
    compose: tuple[str, ...] = ()
    """Files relative to the project; empty: what Compose would find."""
    domain: str = "localhost"
    """What all hostnames end in."""
    expose: dict[str, Expose] = msgspec.field(default_factory=dict)
    """How services are reached from outside, where ``ports:`` of the Compose file does not say it."""
    data: str | None = None
    """Data profile of every tier that names none."""
    environments: dict[str, EnvironmentSettings] = msgspec.field(default_factory=dict)
    """Environments that are not simply named like their tier."""
    tiers: dict[str, TierProfile] = msgspec.field(default_factory=dict)
    """Merged over the tier profiles that ship; ``null`` drops a tier."""
    grants: tuple[Grant, ...] = ()
    """What is refused without one."""
    checks: dict[str, Check] = msgspec.field(default_factory=dict)
    """Gates, run against an environment: commands and load tests."""
    secrets: dict[str, SecretSpec] = msgspec.field(default_factory=dict)
    """Values generated once for each environment, kept 0600 and never printed."""
    volumes: dict[str, VolumeSettings] = msgspec.field(default_factory=dict)
    """Volumes of the Compose file that need a decision."""
    router: RouterSettings = msgspec.field(default_factory=RouterSettings)
    """The router."""
    variables: dict[str, str] = msgspec.field(default_factory=dict)
    """Set in every service's environment, in every tier; a tier's own come after. May use Jinja2 as those do."""
