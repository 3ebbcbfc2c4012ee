"""The project of ``doctor --isolation``, written to a temporary directory for the time of one trial."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localenv.adapters.shipped import shipped_root

__all__ = ["isolation_project"]

_SETTINGS = """\
project: {name}
secrets:
  TOKEN: {{generate: hex, length: 32}}
expose:
  web: {{port: 8000, primary: true}}
  db: {{port: 5432, protocol: tcp}}
"""


@contextmanager
def isolation_project(name: str) -> Iterator[str]:
    """Directory of a project called ``name``; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="localenv-") as folder:
        directory = Path(folder) / name
        shutil.copytree(shipped_root() / "compose" / "isolation", directory, ignore=shutil.ignore_patterns("__pycache__"))
        (directory / "localenv.yaml").write_text(_SETTINGS.format(name=name))
        yield str(directory)
