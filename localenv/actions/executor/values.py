"""What an executor is given, and what it gives back: apart from the executor, which a command with nothing to do never loads."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from localenv.core.wanted import Wanted
from localenv.values import dataclass

if TYPE_CHECKING:
    from localenv.actions.executor.ports import Routes
    from localenv.actions.starting import ReadinessResult, Redactor

__all__ = ["Execution", "Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What carrying out a plan needs beside the plan."""

    wanted: Wanted | None = None
    """``None`` for plans that create nothing."""
    routes: Routes | None = None
    timeout: float = 120.0
    """Seconds until everything has to be ready."""
    redact: Redactor | None = None
    """Masks secret values in what containers say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a plan."""

    seconds: float
    readiness: tuple[ReadinessResult, ...] = ()
    status: int | None = None
    """HTTP status of the environment's URL, when it was asked."""
    router_seconds: float = 0.0
    """From handing the hostnames over until the router served them."""
    done: tuple[str, ...] = field(default=())
    """Identifiers of the steps that changed something."""
