"""The effective configuration of one project: localenv.yaml over the shipped profiles over the defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from localenv.core.configuration.tier import TierProfile

__all__ = ["Check", "EnvironmentSettings", "Expose", "Grant", "RouterSettings", "SecretSpec", "Settings", "VolumeSettings"]

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Expose(_Strict, frozen=True, kw_only=True):
    """How one service is reached from outside (``expose.<service>``)."""

    port: Port | None = None
    """Port in the container; ``None``: the service's first published one."""
    protocol: Literal["http", "https", "tcp", "postgres", "none"] = "http"
    """``https``: the container itself speaks TLS. ``none``: not reachable from outside."""
    primary: bool = False
    host_header: str | None = None
    path: str = "/"
    """What the probe asks for."""
    ports: tuple[Port, ...] = ()
    """Further HTTP ports: each answers as ``<service>-<port>``."""


class Grant(_Strict, frozen=True, kw_only=True):
    """Leave for something that is refused otherwise (``grants``)."""

    key: str
    why: str
    service: str | None = None
    value: Any = None


class Check(_Strict, frozen=True, kw_only=True):
    """A gate: a command in a service's image, run against an environment; exit 0 passes (``checks``)."""

    service: str
    command: tuple[str, ...] | None = None


class SecretSpec(_Strict, frozen=True, kw_only=True):
    """A value generated once per environment (``secrets``)."""

    generate: Literal["hex", "base64", "password"] = "hex"
    length: Annotated[int, msgspec.Meta(ge=8, le=4096)] = 64
    """Characters."""


class EnvironmentSettings(_Strict, frozen=True, kw_only=True):
    """An environment that is not simply named like its tier (``environments.<name>``)."""

    tier: str
    data: str | None = None


class VolumeSettings(_Strict, frozen=True, kw_only=True):
    """What to do with a volume of the Compose file (``volumes.<name>``)."""

    external: Literal["clone", "share"] | None = None
    classification: Literal["synthetic", "masked", "real"] | None = None


class RouterSettings(_Strict, frozen=True, kw_only=True):
    """How the router reaches containers and is reached (``router``)."""

    mode: Literal["auto", "host", "attached"] = "auto"
    inside: bool = False
    """Whether services reach their own environment's public URLs."""


class Settings(_Strict, frozen=True, kw_only=True):
    """Everything that localenv knows of a project before it reads the Compose file."""

    project: str
    """A slug."""
    compose: tuple[str, ...] = ()
    """Files relative to the project; empty: what Compose would find."""
    domain: str = "localhost"
    expose: dict[str, Expose] = msgspec.field(default_factory=dict)
    data: str | None = None
    environments: dict[str, EnvironmentSettings] = msgspec.field(default_factory=dict)
    tiers: dict[str, TierProfile] = msgspec.field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    checks: dict[str, Check] = msgspec.field(default_factory=dict)
    secrets: dict[str, SecretSpec] = msgspec.field(default_factory=dict)
    volumes: dict[str, VolumeSettings] = msgspec.field(default_factory=dict)
    router: RouterSettings = msgspec.field(default_factory=RouterSettings)
    variables: dict[str, str] = msgspec.field(default_factory=dict)
