"""``/etc/hosts``. Implements ``ports.hosts_file.HostsFile``."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.core.argv.trust import as_root, copy_file
from localenv.errors import LocalenvError
from localenv.ports.process import Processes

__all__ = ["DiskHostsFile"]


class DiskHostsFile:
    """``aside`` is a folder for the new text where root has to move it in; ``interactive``: a person can give a password."""

    def __init__(self, path: Path, *, processes: Processes, aside: Path, interactive: bool = False) -> None:
        self._path = path
        self._processes = processes
        self._aside = aside
        self._interactive = interactive

    @property
    def path(self) -> str:
        """See the port."""
        return str(self._path)

    def read(self) -> str:
        """See the port. Whatever its encoding, it is written back as it was."""
        try:
            return self._path.read_bytes().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return ""

    def write(self, text: str) -> None:
        """See the port. Where it cannot be replaced, as in a container that has it mounted, it is written in place."""
        content = text.encode("utf-8", "surrogateescape")
        try:
            write_whole(self._path, content, mode=0o644)
        except PermissionError:
            self._write_as_root(content)
        except OSError:
            self._path.write_bytes(content)

    def _write_as_root(self, content: bytes) -> None:
        new = private_directory(self._aside) / "hosts"
        write_whole(new, content, mode=0o644)
        command = as_root(copy_file(str(new), str(self._path)))
        if self._interactive and shutil.which("sudo") and self._processes.attach(command) == 0:
            new.unlink()
            return
        raise LocalenvError(f"{self._path} can be written by root only", hints=(shlex.join(command),), code="needs-root")
