"""What rewriting needs to know besides the model: all of it gathered before, so that core does no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal

from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import Classification, TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.wanted import ImageDetails
from localenv.values import dataclass

__all__ = ["BindFacts", "Platform", "RewriteContext", "RouterFacts", "SecretValues"]


class SecretValues(Mapping[str, str]):
    """Values by name that no ``repr``, log line or error shows."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> str:
        """The value itself: for the file that goes into a container, nothing else."""
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        """Names only."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._values)

    def __repr__(self) -> str:
        """Names are no secret, but a count says enough."""
        return f"SecretValues({len(self)} values)"


@dataclass(frozen=True, slots=True, kw_only=True)
class BindFacts:
    """What stands at a path of the client that the model mounts."""

    kind: Literal["file", "directory", "missing", "other"] = "missing"
    """``other``: a socket or a device."""
    digest: str = ""
    """Hash of the content, links not followed; empty when it was not taken."""
    size: int = 0
    """Bytes."""
    ignored: bool = False
    """Whether git ignores it: then it holds what a program wrote, not source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterFacts:
    """How the router is reached."""

    mode: Literal["host", "attached"] = "host"
    https_port: int = 443
    inside_address: str | None = None
    """Address at which containers reach their own environment's URLs; ``None`` when ``router.inside`` is off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What the engine can do, as far as the model depends on it."""

    engine_major: int | None = None
    """``None``: unknown, taken for a recent one."""
    cpus: int | None = None
    sees_files: bool = True
    """Whether the engine mounts this machine's files: false for a remote one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteContext:
    """Everything about one environment that its model depends on."""

    id: EnvironmentId
    tier: TierProfile
    """Effective: ``shape_of`` is resolved."""
    settings: Settings
    owner: str
    directory: str
    """The project's directory (of a preview: its worktree's), absolute, links resolved."""
    checkout: str = ""
    """The project's own checkout, absolute; empty where that is ``directory``. Labels name it: it never changes."""
    state_directory: str
    """This environment's own folder, absolute."""
    images: Mapping[str, ImageDetails] = field(default_factory=dict)
    """By reference as the rewritten model names it; images that are yet to be built or pulled may be missing."""
    builds: Mapping[str, str] = field(default_factory=dict)
    """Digest of what each built service is built from: equal sources are one image in every environment."""
    holds_binds: bool = False
    """Whether this environment has the project's writable source binds live; the others get private copies."""
    binds: Mapping[str, BindFacts] = field(default_factory=dict)
    """By absolute path as the model names it: see ``mounted_paths``."""
    secrets: SecretValues = field(default_factory=SecretValues)
    """Generated for this environment (``secrets`` of localenv.yaml)."""
    variables: SecretValues = field(default_factory=SecretValues)
    """What Compose interpolates with: ``.env``, ``.env.<tier>`` and the caller's environment."""
    router: RouterFacts = field(default_factory=RouterFacts)
    data_profile: str | None = None
    data_class: Classification = "synthetic"
    external_classes: Mapping[str, Classification] = field(default_factory=dict)
    """Class of what is in external volumes, by their names on the engine, where they are localenv's own and say it."""
    release: str | None = None
    """Name of the release that this environment runs; ``None``: the working tree."""
    platform: Platform = field(default_factory=Platform)
