"""A command of the caller's own, and the signals that tell localenv to end while it cares for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

__all__ = ["Commands", "EndingSignals", "Reports"]


class EndingSignals(Protocol):
    """``SIGINT``, ``SIGTERM`` and ``SIGHUP``. What comes while nobody takes them is held back, and remembered."""

    @property
    def first(self) -> int | None:
        """Number of the first one that came."""
        ...

    def interrupting(self) -> AbstractContextManager[None]:
        """The first one raises ``KeyboardInterrupt``, at once where it has come already."""
        ...


class Commands(Protocol):
    """Runs what the caller names with the caller's variables, terminal and standard streams."""

    def check(self, program: str, directory: str) -> None:
        """Raises ``CommandMissing`` or ``CommandNotRunnable``."""
        ...

    def attend(self, argv: Sequence[str], *, environment: Mapping[str, str], directory: str) -> int:
        """Run it to its end and return its exit code, 128 + n where signal n ended it. ``environment`` is added.

        A signal that localenv gets goes to the command, which then has a grace to end in; a second one kills it.
        Raises as ``check`` does.
        """
        ...


class Reports(Protocol):
    """Files that a CI server picks up."""

    def prepare(self, path: str) -> None:
        """Make the folders above ``path``. Raises ``LocalenvError`` (code ``not-writable``)."""
        ...

    def write(self, path: str, pieces: Iterable[str]) -> None:
        """Replace the file at once by these pieces, readable for everybody."""
        ...
