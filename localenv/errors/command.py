"""A command of the caller's that cannot be started. The exit codes are those of POSIX shells (2.8.2)."""

from __future__ import annotations

from typing import ClassVar

from localenv.errors import LocalenvError

__all__ = ["CommandMissing", "CommandNotRunnable"]


class CommandMissing(LocalenvError):
    """There is no such command on this machine; exit code 127."""

    code: ClassVar[str] = "command-missing"
    exit_code: ClassVar[int] = 127


class CommandNotRunnable(LocalenvError):
    """What the command names is there, and is no program that can be run; exit code 126."""

    code: ClassVar[str] = "command-not-runnable"
    exit_code: ClassVar[int] = 126
