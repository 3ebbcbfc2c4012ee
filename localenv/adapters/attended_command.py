"""The caller's own command, with what it started, from its start to its end. Implements ``ports.command.Commands``."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from localenv.adapters.ending_signals import ProcessSignals
from localenv.adapters.subprocess_processes import start_beside
from localenv.errors import LocalenvError
from localenv.errors.command import CommandMissing, CommandNotRunnable

__all__ = ["GRACE", "AttendedCommands"]

GRACE: Final = 10.0
"""Seconds that a command has to end in, once it was told to."""


class _Child(Protocol):
    @property
    def pid(self) -> int: ...
    def send_signal(self, sig: int) -> None: ...


class AttendedCommands:
    """Unlike what localenv runs for itself, the command gets all of the caller's variables: Git's and Compose's, too.

    At a terminal it shares localenv's process group, so that keys reach both. Without one it leads a group of its own, and
    what it started is told to end with it.
    """

    def __init__(self, environment: Mapping[str, str], signals: ProcessSignals, *, grace: float = GRACE) -> None:
        self._environment = environment
        self._signals = signals
        self._grace = grace

    def check(self, program: str, directory: str) -> None:
        """See ``Commands.check``."""
        place = str(Path(directory) / program) if "/" in program else program
        if shutil.which(place, path=self._environment.get("PATH", os.defpath)) is not None:
            return
        if "/" in program and Path(place).exists():
            raise _not_runnable(program, "it is no executable file")
        raise _missing(program)

    def attend(self, argv: Sequence[str], *, environment: Mapping[str, str], directory: str) -> int:
        """See ``Commands.attend``."""
        sys.stdout.flush()
        sys.stderr.flush()
        own_group = not sys.stdin.isatty()
        ending = _Ending(own_group=own_group, grace=self._grace)
        with self._signals.handed_to(ending.take):
            try:
                child = start_beside(argv, {**self._environment, **environment}, directory, own_group=own_group)
            except OSError as error:
                raise _unstarted(argv[0], error) from error
            ending.begin(child)
            code = child.wait()
        ending.settle()
        return code if code >= 0 else 128 - code


class _Ending:
    """Tells one command to end: the first signal is handed on, after a grace or with a second one it is killed."""

    def __init__(self, *, own_group: bool, grace: float) -> None:
        self._own_group = own_group
        self._grace = grace
        self._child: _Child | None = None
        self._early: list[int] = []
        """What came while the command was being started."""
        self._killing: threading.Timer | None = None

    def begin(self, child: _Child) -> None:
        self._child = child
        for number in self._early:
            self.take(number)

    def take(self, number: int) -> None:
        if self._child is None:
            self._early.append(number)
        elif self._killing is not None:
            self._send(signal.SIGKILL)
        else:
            if number != signal.SIGINT or self._own_group:  # the keyboard's reaches the whole group by itself
                self._send(number)
            self._killing = threading.Timer(self._grace, self._send, (signal.SIGKILL,))
            self._killing.daemon = True
            self._killing.start()

    def settle(self) -> None:
        """The command has ended: if it was told to, so does what it left running."""
        if self._killing is not None:
            self._killing.cancel()
            if self._own_group:
                self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self._child is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._own_group:
                os.killpg(self._child.pid, number)
            else:
                self._child.send_signal(number)


def _unstarted(program: str, error: OSError) -> LocalenvError:
    if isinstance(error, FileNotFoundError):
        return _missing(program)
    if isinstance(error, PermissionError | NotADirectoryError) or error.errno == errno.ENOEXEC:
        return _not_runnable(program, error.strerror or "it is no program")
    return CommandNotRunnable(f"{program} cannot be started: {error.strerror}")


def _missing(program: str) -> CommandMissing:
    hint = "localenv ci -- sh -c '...', where it is a shell's own word or a line for one"
    return CommandMissing(f"there is no command {program}", hints=(hint,))


def _not_runnable(program: str, why: str) -> CommandNotRunnable:
    return CommandNotRunnable(f"{program} cannot be run: {why}", hints=(f"chmod +x {program}", f"localenv ci -- sh {program}"))
