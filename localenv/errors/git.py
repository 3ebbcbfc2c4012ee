"""What git can refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from localenv.errors import LocalenvError

__all__ = ["MergeConflict"]


class MergeConflict(LocalenvError):
    """Branches change the same places; ``files`` has the branches that changed each file in conflict."""

    code: ClassVar[str] = "merge-conflict"

    def __init__(self, branch: str, files: Mapping[str, Sequence[str]]) -> None:
        count = len(files)
        super().__init__(
            f"{branch} cannot be merged: {count} file{'s' if count != 1 else ''} in conflict",
            details=tuple(f"{file}: changed by {' and '.join(branches)}" for file, branches in sorted(files.items())),
            hints=("merge the branches by hand into one of them, then name that one",),
        )
        self.branch = branch
        self.files = {file: tuple(branches) for file, branches in files.items()}
