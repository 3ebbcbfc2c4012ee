"""Where this installation keeps its state, and the owner label that it puts on what it makes."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping
from pathlib import Path

from localenv.values import dataclass

__all__ = ["Installation", "installation"]

_MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One state directory on one machine; another directory is another installation with other environments."""

    home: Path
    owner: str
    """Derived from machine, user and directory, so that losing the directory's content does not lose ownership."""
    variables: Mapping[str, str]
    """``LOCALENV_*`` of the caller's environment."""


def installation() -> Installation:
    """Read ``LOCALENV_HOME`` or take the platform's state directory (XDG base directory specification)."""
    variables = {name: value for name, value in os.environ.items() if name.startswith("LOCALENV_")}
    home = Path(variables.get("LOCALENV_HOME") or _state_directory()).expanduser().absolute()
    machine = _MACHINE_ID.read_text().strip() if _MACHINE_ID.is_file() else f"{uuid.getnode():x}"
    digest = hashlib.sha256(f"{machine}\n{os.getuid()}\n{home}".encode()).hexdigest()
    return Installation(home=home, owner=f"le-{digest[:12]}", variables=variables)


def _state_directory() -> str:
    import platformdirs

    return platformdirs.user_state_dir("localenv")
