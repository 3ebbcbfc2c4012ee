"""Files that a CI server picks up, each there as a whole or not at all. Implements ``ports.command.Reports``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from localenv.errors import LocalenvError

__all__ = ["ReportFiles"]

_READABLE = 0o644


class ReportFiles:
    """Unlike state, reports are for others: a runner's own user, or a web server, reads them."""

    def prepare(self, path: str) -> None:
        """See ``Reports.prepare``."""
        parent = Path(path).parent
        try:
            parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refused(parent, error) from error
        if not os.access(parent, os.W_OK | os.X_OK):
            raise _refused(parent, PermissionError(0, "permission denied"))

    def write(self, path: str, pieces: Iterable[str]) -> None:
        """See ``Reports.write``. Raises ``LocalenvError`` (code ``not-writable``)."""
        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, pieces)
        except OSError as error:
            raise _refused(target, error) from error


def _write(target: Path, pieces: Iterable[str]) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:
            for piece in pieces:
                file.write(piece)
            os.fchmod(file.fileno(), _READABLE)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _refused(path: Path, error: OSError) -> LocalenvError:
    return LocalenvError(
        f"no report can be written: {error.strerror}",
        where=str(path),
        hints=("name a folder that can be written after --artifacts and --junit",),
        code="not-writable",
    )
