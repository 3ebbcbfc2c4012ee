"""A tier: a role with rules (design page tiers.md). Read from ``profiles/tiers/*.yaml`` and ``tiers:`` of localenv.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

__all__ = ["Classification", "DataRules", "Guards", "Lifetime", "Limits", "TierProfile"]

Classification = Literal["synthetic", "masked", "real"]
Guard = Literal["none", "ask", "typed"]
Replicas = Annotated[int, msgspec.Meta(ge=1, le=50)]
Cpus = Annotated[float, msgspec.Meta(gt=0, le=1024)]
Memory = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)?[bkmgBKMG][bB]?$(?!\n)", examples=["512m", "2g"])]
Duration = Annotated[str, msgspec.Meta(pattern=r"^([0-9]+[smhdw])+$(?!\n)", examples=["72h", "7d"])]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class DataRules(_Strict, frozen=True, kw_only=True):
    """Which classes of data the tier takes, and the profile that a new environment gets."""

    allowed: tuple[Classification, ...] = ("synthetic",)
    """Classes of data that volumes of this tier may hold."""
    profile: str | None = None
    """Data profile of a new environment, before the project's ``data``. May use Jinja2."""


class Limits(_Strict, frozen=True, kw_only=True):
    """Limits of each container that states none itself."""

    cpus: Cpus | None = None
    """Processors, as a number: ``1.5``."""
    memory: Memory | None = None
    """As Compose writes it: ``512m``."""


class Lifetime(_Strict, frozen=True, kw_only=True):
    """How long an environment lives."""

    ttl: Duration | None = None
    """``72h``, ``30m``, ``7d``; ``None``: until removed."""
    bulk_removal: bool = True
    """Whether a command that removes many environments may take this one."""


class Guards(_Strict, frozen=True, kw_only=True):
    """What a person must do before a command that loses something: nothing, answer yes, or type the name."""

    destroy: Guard = "none"
    """Before the environment and its data are removed."""
    reset: Guard = "none"
    """Before its data is replaced by its data profile's."""
    restore: Guard = "none"
    """Before its data is replaced by a snapshot's."""
    exec: Guard = "none"
    """Before a command runs in one of its containers."""
    reason: bool = False
    """Whether the audit log demands a reason."""


class TierProfile(_Strict, frozen=True, kw_only=True):
    """The rules of one tier, effective for one project."""

    tier: str
    """Its name, a slug: the name of the file or of the key that declares it."""
    purpose: str
    """What it is for, in one line."""
    after: str | None = None
    """The tier before this one in the chain of promotion."""
    source: Literal["worktree", "branch", "release"] = "worktree"
    """Where its code comes from: the working tree, a branch in a worktree of its own, a release."""
    binds: Literal["live", "worktree", "captured"] = "captured"
    """Writable source binds: live, of that branch's worktree, or captured into a volume."""
    compose_override: bool = False
    """Whether ``compose.override.yaml`` applies, as it does for Compose."""
    compose_profiles: tuple[str, ...] = ()
    """Profiles of the Compose file that are active. May use Jinja2."""
    data: DataRules = msgspec.field(default_factory=DataRules)
    """Which data it takes."""
    shape_of: str | None = None
    """Tier whose replicas, limits and restart policy count where this one states none."""
    replicas: dict[str, Replicas] = msgspec.field(default_factory=dict)
    """Replicas by service."""
    exposed_replicas: Replicas | None = None
    """Replicas of each exposed stateless service that ``replicas`` does not name."""
    limits: Limits = msgspec.field(default_factory=Limits)
    """Limits of each container that states none itself."""
    rollout: Literal["recreate", "rolling"] = "recreate"
    """How a changed service is replaced: stopped and made anew, or with the new containers beside the old ones."""
    gates: tuple[str, ...] = ()
    """What a release must show to enter: ``healthy``, ``checks``, ``healthy in TIER``, ``approved in TIER``."""
    lifetime: Lifetime = msgspec.field(default_factory=Lifetime)
    """How long its environments live."""
    guards: Guards = msgspec.field(default_factory=Guards)
    """What stands before commands that lose something."""
    host_ports: bool = False
    """Whether a fixed host port of the Compose file is honoured."""
    variables: dict[str, str] = msgspec.field(default_factory=dict)
    """Set in every service's environment. Jinja2: project, environment, tier, urls, release."""
