"""The tour's own copy of the demo shop: a repository that it changes as a developer would."""

from __future__ import annotations

import shutil
from pathlib import Path

from localenv.adapters.atomic_files import private_directory
from localenv.adapters.shipped import shipped_root
from localenv.core.argv import repositories as argv
from localenv.errors import LocalenvError
from localenv.ports.process import Processes

__all__ = ["TourFiles"]

PROJECT = "tour"


class TourFiles:
    """``home/tour``: made anew by each tour."""

    def __init__(self, home: Path, processes: Processes) -> None:
        self.directory = home / PROJECT
        self._processes = processes

    def begin(self) -> None:
        """Copy the shop and commit it."""
        self.remove()
        private_directory(self.directory.parent)
        shutil.copytree(
            shipped_root() / "compose" / "shop",
            self.directory,
            ignore=shutil.ignore_patterns("__pycache__", ".env", "localenv.yaml"),
        )
        settings = (shipped_root() / "compose" / "shop" / "localenv.yaml").read_text()
        (self.directory / "localenv.yaml").write_text(settings.replace("project: shop", f"project: {PROJECT}"))
        self._git(argv.begin(str(self.directory)))
        self.commit("the shop")

    def replace(self, path: str, old: str, new: str) -> None:
        """Edit a file as a developer would. Raises ``LocalenvError`` where the shop has changed and the tour has not."""
        file = self.directory / path
        text = file.read_text()
        if old not in text:
            raise LocalenvError(f"{path} of the shop has no line {old!r}, which the tour would change", code="tour")
        file.write_text(text.replace(old, new, 1))

    def commit(self, message: str) -> None:
        """Commit all that has changed."""
        self._git(argv.stage(str(self.directory)))
        self._git(argv.commit(str(self.directory), message))

    def branch(self, name: str, *, new: bool) -> None:
        """Begin a branch, or go to one."""
        self._git(argv.switch(str(self.directory), name, new=new))

    def remove(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def _git(self, command: tuple[str, ...]) -> None:
        completed = self._processes.run(command)
        if completed.exit_code != 0:
            raise LocalenvError(
                f"git refused: {completed.stderr.decode('utf-8', 'replace').strip()[:200]}", code="tour", hints=("install git",)
            )
