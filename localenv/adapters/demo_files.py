"""Where the demo project stands: in the checkout as it is, from an installed package as a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from localenv import __version__
from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.adapters.shipped import shipped_root

__all__ = ["demo_directory", "remove_demo_copy"]

_STAMP = ".localenv-demo"


def demo_directory(home: Path) -> Path:
    """The project's directory. A package's own files stay as they were installed: people are meant to change the shop."""
    shipped = shipped_root() / "compose" / "shop"
    if shipped_root().name != "shipped":
        return shipped
    copy = home / "demo" / "shop"
    stamp = copy / _STAMP
    if stamp.is_file() and stamp.read_text() == __version__:
        return copy
    private_directory(copy.parent)
    shutil.copytree(shipped, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    write_whole(stamp, __version__.encode())
    return copy


def remove_demo_copy(home: Path) -> None:
    """Remove the copy, if there is one."""
    shutil.rmtree(home / "demo", ignore_errors=True)
