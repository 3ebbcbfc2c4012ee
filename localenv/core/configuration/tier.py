"""A tier: a role with rules (design page tiers.md). Read from ``profiles/tiers/*.yaml`` and ``tiers:`` of localenv.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

__all__ = ["Classification", "DataRules", "Guards", "Lifetime", "Limits", "TierProfile"]

Classification = Literal["synthetic", "masked", "real"]
Guard = Literal["none", "ask", "typed"]
Replicas = Annotated[int, msgspec.Meta(ge=1, le=50)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class DataRules(_Strict, frozen=True, kw_only=True):
    """Which classes of data the tier takes, and the profile that a new environment gets."""

    allowed: tuple[Classification, ...] = ("synthetic",)
    profile: str | None = None


class Limits(_Strict, frozen=True, kw_only=True):
    """Limits of each container that states none itself."""

    cpus: float | None = None
    memory: str | None = None
    """As Compose writes it: ``512m``."""


class Lifetime(_Strict, frozen=True, kw_only=True):
    """How long an environment lives."""

    ttl: str | None = None
    """``72h``, ``30m``, ``7d``; ``None``: until removed."""
    bulk_removal: bool = True
    """Whether a command that removes many environments may take this one."""


class Guards(_Strict, frozen=True, kw_only=True):
    """What a person must do before a command that loses something: nothing, answer yes, or type the name."""

    destroy: Guard = "none"
    reset: Guard = "none"
    restore: Guard = "none"
    exec: Guard = "none"
    reason: bool = False
    """Whether the audit log demands a reason."""


class TierProfile(_Strict, frozen=True, kw_only=True):
    """The rules of one tier, effective for one project."""

    tier: str
    purpose: str
    after: str | None = None
    """The tier before this one in the chain of promotion."""
    source: Literal["worktree", "branch", "release"] = "worktree"
    binds: Literal["live", "worktree", "captured"] = "captured"
    """Writable source binds: live, of that branch's worktree, or captured into a volume."""
    compose_override: bool = False
    """Whether ``compose.override.yaml`` applies, as it does for Compose."""
    compose_profiles: tuple[str, ...] = ()
    data: DataRules = msgspec.field(default_factory=DataRules)
    shape_of: str | None = None
    """Tier whose replicas, limits and restart policy count where this one states none."""
    replicas: dict[str, Replicas] = msgspec.field(default_factory=dict)
    exposed_replicas: Replicas | None = None
    """Replicas of each exposed stateless service that ``replicas`` does not name."""
    limits: Limits = msgspec.field(default_factory=Limits)
    rollout: Literal["recreate", "rolling"] = "recreate"
    gates: tuple[str, ...] = ()
    lifetime: Lifetime = msgspec.field(default_factory=Lifetime)
    guards: Guards = msgspec.field(default_factory=Guards)
    host_ports: bool = False
    """Whether a fixed host port of the Compose file is honoured."""
    variables: dict[str, str] = msgspec.field(default_factory=dict)
    """Set in every service's environment. Jinja2: project, environment, tier, urls, release."""
