"""What the commands about previews are asked for, and what became of it."""

from __future__ import annotations

from datetime import timedelta

from localenv.core.findings import Note
from localenv.core.names import EnvironmentId
from localenv.core.previews import PreviewStep
from localenv.core.summary import EnvironmentSummary
from localenv.errors import LocalenvError
from localenv.ports.state import EnvironmentRecord
from localenv.values import dataclass

__all__ = ["PreviewOptions", "PreviewResult", "ShownPreview", "SyncRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewOptions:
    """How previews of the project around ``directory`` are made."""

    directory: str
    tier: str = "preview"
    data: str | None = None
    """Data profile of new ones; ``None``: what the branch and the tier say."""
    snapshot: str | None = None
    """Snapshot that new data begins as."""
    life: timedelta | None = None
    """How long they live; ``None``: as the tier says."""
    timeout: float = 300.0
    """Seconds to become healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRequest:
    """Which branches are to have a preview."""

    options: PreviewOptions
    branches: tuple[str, ...] | None = None
    """Their names; ``None``: all but the main one."""
    remote: bool = False
    """Whether all means those of ``origin``, as of the last fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewResult:
    """What became of one preview."""

    step: PreviewStep
    id: EnvironmentId | None = None
    """``None`` where nothing was made."""
    url: str | None = None
    expires: str | None = None
    """RFC 3339, UTC; ``None``: until removed."""
    seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    error: LocalenvError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPreview:
    """A preview as ``preview ls`` shows it."""

    record: EnvironmentRecord
    summary: EnvironmentSummary | None
    """``None`` where nothing of it is on the engine."""
    expired: bool
    gone: str | None
    """Why its branch needs none any more; ``None`` where it does, or where that is not known."""
