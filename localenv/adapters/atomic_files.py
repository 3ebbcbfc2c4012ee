"""The one way to write a file that others read: whole, beside its place, synced, renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from localenv.errors import Unavailable

__all__ = ["private_directory", "write_whole"]


def private_directory(path: Path) -> Path:
    """Make ``path`` and the parents that are missing, all for their owner alone (0700).

    Raises ``Unavailable`` (code ``state-directory``) where something else stands at the path or nothing can be made.
    """
    if not path.parent.exists():
        private_directory(path.parent)
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except (FileExistsError, FileNotFoundError, NotADirectoryError) as error:
        raise Unavailable(
            f"{path} cannot be made a directory: {error.strerror}",
            hints=("set LOCALENV_HOME to a directory that can be written",),
            code="state-directory",
        ) from error
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
