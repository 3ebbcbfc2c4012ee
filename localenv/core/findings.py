"""What checking and rewriting have to tell a person: refusals and notes."""

from __future__ import annotations

from typing import Any

from localenv.values import dataclass

__all__ = ["Note", "Refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something in the project's files that cannot be run in several copies, and the grant that would allow it."""

    code: str
    """Stable, kebab-case: ``privileged``, ``bind-outside-project``."""
    path: str
    """Dotted path into the Compose model: ``services.agent.privileged``."""
    message: str
    """One clause: what the thing would do."""
    value: str | None = None
    """What stands at ``path``, as a person would point at it; never a secret."""
    service: str | None = None
    file: str | None = None
    line: int | None = None
    hint: str | None = None
    grant_key: str | None = None
    """``key`` of the grant that allows it; ``None`` when nothing can (``hint`` then says what to do)."""
    grant_value: Any = None
    """``value`` of that grant, when it must name one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that was changed or decided for this environment and that a person may want to know."""

    code: str
    message: str
    service: str | None = None
