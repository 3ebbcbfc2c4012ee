"""The one way to write a file that others read: whole, beside its place, synced, renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["private_directory", "write_whole"]


def private_directory(path: Path) -> Path:
    """Make ``path`` and its parents; ``path`` itself is for its owner alone (0700)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_whole(path: Path, content: bytes, *, mode: int = 0o600, scratch: Path | None = None) -> None:
    """Replace ``path`` by ``content`` at once. ``scratch`` is a folder on the same file system that nobody watches."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=scratch or path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
