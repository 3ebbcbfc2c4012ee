"""Where the files that ship with localenv stand: profiles, the demo project, image recipes."""

from __future__ import annotations

from pathlib import Path

import localenv

__all__ = ["shipped_root"]


def shipped_root() -> Path:
    """The directory that holds ``profiles/`` and ``compose/``.

    In an installed wheel they are inside the package; in a checkout they stand beside it.
    """
    package = Path(localenv.__file__).resolve().parent
    packaged = package / "shipped"
    return packaged if packaged.is_dir() else package.parent
