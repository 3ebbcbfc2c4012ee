"""What stops a delivery."""

from __future__ import annotations

from typing import ClassVar

from localenv.errors import LocalenvError

__all__ = ["GatesFailed", "RolledBack"]


class GatesFailed(LocalenvError):
    """A release may not enter a tier yet."""

    code: ClassVar[str] = "gate"


class RolledBack(LocalenvError):
    """A deployment failed, and what served before serves again."""

    code: ClassVar[str] = "rolled-back"
