"""What every command is told by the options that stand before its name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

__all__ = ["Context"]


@dataclass(slots=True)
class Context:
    """Made by the group, changed by shared options while click parses."""

    directory: Path = field(default_factory=Path.cwd)
    """Where the project is looked for, upwards."""
    output: Literal["text", "json"] = "text"
    yes: bool = False
    """Answer yes to questions; a typed name is still demanded by ``--confirm``."""
    quiet: bool = False
