"""Keeping what is needed to mend a bug: the traceback, the version and the command, without its secrets."""

from __future__ import annotations

import platform
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from localenv import __version__
from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.adapters.clock import SystemClock
from localenv.adapters.installation import installation
from localenv.errors import LocalenvError

__all__ = ["save"]


def save(error: BaseException, arguments: Sequence[str]) -> str:
    """Write the traceback under the state directory, or where temporary files go; return the path."""
    told = "\n".join(
        (
            f"localenv {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: {arguments[0] if arguments else 'overview'}",
            "",
            *traceback.format_exception(error),
        )
    )
    name = f"crash-{SystemClock().now().strftime('%Y%m%dT%H%M%S%f')}.txt"
    for folder in (installation().home / "crashes", Path(tempfile.gettempdir())):
        try:
            write_whole(private_directory(folder) / name if folder.name == "crashes" else folder / name, told.encode())
        except (OSError, LocalenvError):
            continue
        return str(folder / name)
    return "nowhere: no directory could be written"
