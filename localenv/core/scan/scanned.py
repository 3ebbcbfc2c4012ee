"""What the scan of a project's files found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from localenv.core.configuration.settings import Grant
from localenv.core.findings import Note, Refusal
from localenv.core.scan.places import Places
from localenv.values import dataclass

__all__ = ["Scanned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """Everything that Compose would read, and whether it may."""

    places: Places
    refusals: tuple[Refusal, ...] = ()
    """Files that may not be read: Compose is not to be started while there is one."""
    used: tuple[Grant, ...] = ()
    """Grants that let a file be read."""
    conditional: tuple[Refusal, ...] = ()
    """Refused only where the service is part of the environment: unset variables in its paths."""
    notes: tuple[Note, ...] = ()
    read: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the content of each file that was read, by absolute path; empty for one that is not there."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Where a file that is not there is named, by its absolute path."""
    profiles: tuple[str, ...] = ()
    """What the env files choose with ``COMPOSE_PROFILES``."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the env files set."""
    names: frozenset[str] = frozenset()
    """Variables that could make a difference."""
    unset: tuple[str, ...] = ()
    """Variables that are mentioned, set nowhere and have no default."""
