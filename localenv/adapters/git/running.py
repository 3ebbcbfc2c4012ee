"""Running git: which variables it sees, and what becomes of what it says."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Final

from localenv.errors import LocalenvError, Unavailable
from localenv.ports.process import Completed, Processes

__all__ = ["Running", "failure", "words"]

_VARIABLES: Final = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "GIT_SSH_COMMAND": "false",
    "GIT_NO_LAZY_FETCH": "1",
}
_SECONDS: Final = 600.0
_SHOWN: Final = 5


class Running:
    """Runs git without the caller's ``GIT_*`` and without anything that could ask a question."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def __call__(
        self,
        argv: Sequence[str],
        *,
        directory: str | None = None,
        stdin: bytes | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run to the end, whatever the exit code. Raises ``Unavailable`` (code ``git-missing``)."""
        try:
            return self._processes.run(
                argv, stdin=stdin, directory=directory, environment={**_VARIABLES, **(variables or {})}, timeout=_SECONDS
            )
        except Unavailable as error:
            if error.code_of_case != "program-missing":
                raise
            raise Unavailable(
                "git is not installed, and this needs the project's branches",
                hints=("install git, or work without previews and merges",),
                code="git-missing",
            ) from error


def words(output: bytes) -> list[str]:
    """The parts that NUL ends, as text that leads back to the same bytes."""
    return [os.fsdecode(part) for part in output.split(b"\0") if part]


def failure(what: str, done: Completed, *, code: str) -> LocalenvError:
    """The error for what git said when it failed."""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    full = any("No space left" in line for line in said)
    return LocalenvError(what, details=tuple(said[:_SHOWN]), code="disk-full" if full else code)
