"""What localenv keeps on disk: environments' folders, the ledger, locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from localenv.core.names import EnvironmentId
from localenv.core.wanted import Allocations, FileCopy, Model, ServiceWanted
from localenv.values import dataclass

__all__ = ["AuditEntry", "EnvironmentRecord", "Ledger", "Locks", "Store"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRecord:
    """What the ledger knows of an environment and labels do not hold."""

    id: EnvironmentId
    tier: str
    directory: str
    data_profile: str | None = None
    """Chosen on the command line for this environment; ``None``: what the files say."""
    data_scale: float = 1.0
    """Multiplies the rows that the data profile generates."""
    expires: str | None = None
    """RFC 3339, UTC."""
    holds_binds: bool = False
    """Whether this environment has the project's live source binds."""
    stopped: bool = False
    """Whether a person stopped it."""
    exposures: str = "[]"
    """JSON of its exposures, so that ``urls`` answers without the project's directory."""
    domain: str = "localhost"
    ready: str | None = None
    """RFC 3339, UTC: when it was last seen ready. The engine's own health may say so only at its next check."""
    snapshot: str | None = None
    """The snapshot that its data stands on, and that a volume which is missing is cloned from."""
    baseline: str | None = None
    """Key of the baseline that its data was made as; another one now means that it is on an older one."""
    done: str = "{}"
    """JSON: digest by service of the one-shots whose work is in its data."""
    kind: str = ""
    """What made it, where it is no person's own: ``preview`` or ``ci``."""
    release: str | None = None
    """The release that it runs; ``None``: a working tree."""
    branch: str | None = None
    """Branch that a preview shows."""
    revision: str | None = None
    """Commit that its source is at, where that is a worktree of localenv's own."""
    merged: str = "[]"
    """JSON: the branches that were merged into its source (``up --merge``)."""
    origin: str = ""
    """The project's own checkout, where ``directory`` is in a worktree of localenv's own: its rules count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log."""

    at: str
    actor: str
    command: str
    environment: str
    reason: str = ""
    outcome: str = ""
    number: int = 0
    """Given by the ledger, from 1, without a gap."""
    hash: str = ""
    """Given by the ledger: of this line and of the hash of the one before."""


class Ledger(Protocol):
    """SQLite: allocations, records, settings, audit. Losing it loses no environment."""

    def record(self, environment: EnvironmentId) -> EnvironmentRecord | None: ...
    def records(self) -> Sequence[EnvironmentRecord]: ...
    def save(self, record: EnvironmentRecord) -> None: ...
    def forget(self, environment: EnvironmentId) -> None:
        """Remove the record and give back its allocations."""
        ...

    def allocations(self, environment: EnvironmentId) -> Allocations: ...
    def all_subnets(self) -> Mapping[str, str]:
        """CIDR by network name, of every environment."""
        ...

    def all_ports(self) -> Mapping[int, str]:
        """Owner (``project_environment service:port/protocol``) by loopback port."""
        ...

    def allocate(self, environment: EnvironmentId, allocations: Allocations) -> None:
        """Replace what the environment holds; raises ``LocalenvError`` (code ``allocation-race``) on an overlap."""
        ...

    def setting(self, key: str) -> str | None: ...
    def set_setting(self, key: str, value: str) -> None: ...
    def audit(self, entry: AuditEntry) -> None: ...
    def audit_entries(self, environment: str | None = None, limit: int = 50) -> Sequence[AuditEntry]: ...
    def audit_break(self) -> int | None:
        """Number of the first line of the audit log that was changed or is missing; ``None`` when all is as written."""
        ...


class Locks(Protocol):
    """Locks that name their holder and free themselves when it dies."""

    def environment(self, environment: EnvironmentId, doing: str, *, wait: bool = True) -> AbstractContextManager[None]:
        """Hold one environment; while waiting tells who holds it, since when and doing what."""
        ...

    def is_held(self, environment: EnvironmentId) -> bool:
        """Whether someone is changing this environment now, another thread of this command included."""
        ...

    def command(self, environment: EnvironmentId, doing: str) -> AbstractContextManager[None]:
        """Hold an environment for the time of the command that it is made for, beside ``environment``.

        Raises ``LocalenvError`` (code ``locked``) when another command has it.
        """
        ...

    def has_command(self, environment: EnvironmentId) -> bool:
        """Whether the command that an environment was made for still runs."""
        ...

    def allocations(self) -> AbstractContextManager[None]: ...
    def layers(self) -> AbstractContextManager[None]:
        """Hold the names of layers and snapshots, for milliseconds."""
        ...

    def baseline(self, key: str, environment: EnvironmentId, *, until: Callable[[], bool]) -> AbstractContextManager[None]:
        """Hold the making of one baseline, or wait ``until`` another environment has made it, which is told."""
        ...

    def deployments(self, environment: EnvironmentId) -> AbstractContextManager[None]:
        """Hold deployments to one environment, for as long as one takes; waits, and tells so."""
        ...

    def discard(self, environment: EnvironmentId) -> None:
        """Remove the files of the locks of an environment that is gone; called by whoever holds it."""
        ...


class Store(Protocol):
    """The folder of each environment: rendered model, secrets, journal."""

    def directory(self, environment: EnvironmentId) -> str:
        """Absolute path, made with mode 0700."""
        ...

    def path(self, environment: EnvironmentId) -> str:
        """Absolute path of that folder, whether or not it is there."""
        ...

    def write_rendered(self, environment: EnvironmentId, model: Model) -> str:
        """Write ``compose.yaml`` (0600) whole; return its path."""
        ...

    def write_build(self, environment: EnvironmentId, model: Model) -> str:
        """Write the part of a model that is built; return its path."""
        ...

    def rendered(self, environment: EnvironmentId) -> Model | None: ...
    def save_services(self, environment: EnvironmentId, services: Sequence[ServiceWanted]) -> None:
        """Remember how services start and stop, hooks and order, for commands that run without the project."""
        ...

    def services(self, environment: EnvironmentId) -> tuple[ServiceWanted, ...]:
        """What ``save_services`` remembered; empty when that was lost."""
        ...

    def copy(self, wanted: FileCopy) -> None:
        """Put a file or folder at its target under the state directory, once: what is there already is left alone."""
        ...

    def journal(self, environment: EnvironmentId, line: str) -> None: ...
    def journal_lines(self, environment: EnvironmentId) -> Iterator[str]: ...
    def secrets(self, environment: EnvironmentId, wanted: Mapping[str, tuple[str, int]]) -> Mapping[str, str]:
        """Generated values by name, made when missing from (kind, length) and kept 0600."""
        ...

    def adopt_secrets(self, environment: EnvironmentId, values: Mapping[str, str]) -> bool:
        """Take values over that cloned data hangs on; whether that changed any."""
        ...

    def kept_secrets(self, environment: EnvironmentId) -> Mapping[str, str]:
        """Generated values that are there; nothing is made."""
        ...

    def write_run(self, environment: EnvironmentId, service: str, model: Model) -> str:
        """Write the file that ``run`` makes a container of one service from; return its path."""
        ...

    def folders(self) -> Sequence[str]:
        """Names of all environments' folders (``project_environment``)."""
        ...

    def remove(self, environment: EnvironmentId) -> None: ...
