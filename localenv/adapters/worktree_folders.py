"""Folders of commits under the state directory. Implements ``ports.worktrees.WorktreeFolders``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from localenv.adapters.atomic_files import private_directory
from localenv.core.names import EnvironmentId
from localenv.ports.engine import ExecResult, ToolSpec

__all__ = ["DiskWorktrees"]

_SHOWN: Final = 12
"""Digits of a commit in a folder's name."""
_LEVELS: Final = 2
"""Folders above those of commits: project and environment."""
_TOOL_IMAGE: Final = "debian:bookworm-slim"

RunTool = Callable[[ToolSpec], ExecResult | None]


class DiskWorktrees:
    """``run_tool`` removes what a container's root wrote and the person may not remove."""

    def __init__(self, root: Path, run_tool: RunTool) -> None:
        self._root = root
        self._run_tool = run_tool

    def path(self, environment: EnvironmentId, commit: str) -> str:
        """See ``WorktreeFolders.path``. The root itself is without links, as checks of paths want it."""
        return str(self._of(environment) / commit[:_SHOWN])

    def exists(self, path: str) -> bool:
        """See ``WorktreeFolders.exists``."""
        return Path(path).is_dir()

    def has_any(self, environment: EnvironmentId) -> bool:
        """See ``WorktreeFolders.has_any``."""
        return self._of(environment).is_dir()

    def owner(self, directory: str) -> EnvironmentId | None:
        """See ``WorktreeFolders.owner``. Goes by the text and by where links lead."""
        root = Path(os.path.realpath(self._root))
        for place in (Path(os.path.normpath(directory)), Path(os.path.realpath(directory))):
            if place.is_relative_to(root) and len(parts := place.relative_to(root).parts) > _LEVELS:
                return EnvironmentId(project=parts[0], name=parts[1])
        return None

    def lend(self, source: str, target: str) -> bool:
        """See ``WorktreeFolders.lend``."""
        place = Path(target)
        leads_out = os.path.realpath(place.parent) != str(place.parent)
        if leads_out or os.path.lexists(place) or not Path(source).is_file() or self._is_link_of_a_branch(source):
            return False
        shutil.copy2(source, place)
        return True

    def _is_link_of_a_branch(self, source: str) -> bool:
        return self.owner(source) is not None and os.path.realpath(source) != source

    def remove(self, environment: EnvironmentId, *, but: str | None = None) -> None:
        """See ``WorktreeFolders.remove``."""
        folder = self._of(environment)
        if not folder.is_dir():
            return
        kept = but[:_SHOWN] if but else None
        for entry in sorted(folder.iterdir()):
            if entry.name != kept:
                self._remove(entry)
        for emptied in (folder, folder.parent):
            if not any(emptied.iterdir()):
                emptied.rmdir()

    def _remove(self, entry: Path) -> None:
        shutil.rmtree(entry, ignore_errors=True)
        if not entry.exists():
            return
        self._run_tool(
            ToolSpec(
                name=f"localenv-worktree-{entry.parent.parent.name}-{entry.parent.name}-{entry.name.strip('.')}",
                image=_TOOL_IMAGE,
                entrypoint=("rm",),
                command=("-rf", "--", f"/worktrees/{entry.name}"),
                binds=(f"{entry.parent}:/worktrees",),
                capabilities=("DAC_OVERRIDE", "FOWNER"),
            )
        )

    def _of(self, environment: EnvironmentId) -> Path:
        root = Path(os.path.realpath(private_directory(self._root)))
        return root / environment.project / environment.name
