"""Locks as files that the kernel frees when their holder dies (flock), with a note of who holds them."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.adapters.linux_host import login_name
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError
from localenv.ports.clock import Clock
from localenv.ports.progress import Message, Progress

__all__ = ["FileLocks"]

_LOOK = 0.2
"""Seconds between two looks whether a baseline is there."""


class FileLocks:
    """Implements ``ports.state.Locks`` under ``locks/`` of the state directory."""

    def __init__(self, directory: Path, clock: Clock, progress: Progress, *, patience: float = 900.0) -> None:
        self._directory = directory
        self._clock = clock
        self._progress = progress
        self._patience = patience

    @contextmanager
    def environment(self, environment: EnvironmentId, doing: str, *, wait: bool = True) -> Iterator[None]:
        """Hold one environment. Raises ``LocalenvError`` (code ``locked``) naming the holder when it is not free in time."""
        with self._held(self._path(environment), environment, doing, wait=wait):
            yield

    @contextmanager
    def deployments(self, environment: EnvironmentId) -> Iterator[None]:
        """See ``Locks.deployments``."""
        with self._held(self._deployments_path(environment), environment, "a deployment", wait=True, passing=True):
            yield

    @contextmanager
    def command(self, environment: EnvironmentId, doing: str) -> Iterator[None]:
        """See ``Locks.command``."""
        with self._held(self._command_path(environment), environment, doing, wait=False, passing=True):
            yield

    @contextmanager
    def _held(self, path: Path, environment: EnvironmentId, doing: str, *, wait: bool, passing: bool = False) -> Iterator[None]:
        """``passing``: the file goes with its holder, under whose hands nobody else removes it."""
        lock = filelock.FileLock(path, thread_local=False)
        while True:
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                self._wait(lock, environment, path, wait=wait)
            if _is_file_of(lock, path):
                break
            lock.release()
        note = path.with_suffix(".holder")
        try:
            with contextlib.suppress(OSError):
                write_whole(note, self._note(doing))
            yield
        finally:
            with contextlib.suppress(OSError):
                note.unlink(missing_ok=True)
                if passing:
                    path.unlink(missing_ok=True)
            lock.release()

    def is_held(self, environment: EnvironmentId) -> bool:
        """See ``Locks.is_held``. Takes the lock for a moment when nobody has it, and leaves no note."""
        return self._is_held(self._path(environment))

    def has_command(self, environment: EnvironmentId) -> bool:
        """See ``Locks.has_command``."""
        return self._is_held(self._command_path(environment))

    def _is_held(self, path: Path) -> bool:
        if not path.exists():
            return False
        lock = filelock.FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            return True
        lock.release()
        return False

    def discard(self, environment: EnvironmentId) -> None:
        """Remove the file under the holder's hands: whoever waits for it finds out and takes the new one.

        Those beside it may be another's, who removes them himself: they go only where a killed command left them.
        """
        self._path(environment).unlink(missing_ok=True)
        for path in (self._deployments_path(environment), self._command_path(environment)):
            lock = filelock.FileLock(path, thread_local=False)
            if path.exists():
                with contextlib.suppress(filelock.Timeout), lock.acquire(timeout=0):
                    path.unlink(missing_ok=True)

    @contextmanager
    def allocations(self) -> Iterator[None]:
        """Hold the choice of addresses and ports; held for milliseconds only."""
        with filelock.FileLock(
            private_directory(self._directory) / "allocations.lock", timeout=self._patience, thread_local=False
        ):
            yield

    @contextmanager
    def layers(self) -> Iterator[None]:
        """Hold the names of layers and snapshots; held for milliseconds only."""
        path = private_directory(self._directory) / "layers.lock"
        with filelock.FileLock(path, timeout=self._patience, poll_interval=0.005, thread_local=False):
            yield

    @contextmanager
    def releases(self) -> Iterator[None]:
        """Hold what is kept of releases while one is captured or removed."""
        with filelock.FileLock(private_directory(self._directory) / "releases.lock", timeout=self._patience, thread_local=False):
            yield

    @contextmanager
    def baseline(self, key: str, environment: EnvironmentId, *, until: Callable[[], bool]) -> Iterator[None]:
        """Hold the making of one baseline, or wait until it is made."""
        lock = filelock.FileLock(private_directory(self._directory) / f"baseline-{key[:16]}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            text = "its baseline is being made for another environment"
            self._progress.emit(Message(stage="wait", text=text, environment=environment.name))
            self._acquire_or(lock, until)
        try:
            yield
        finally:
            lock.release()

    def _acquire_or(self, lock: filelock.BaseFileLock, until: Callable[[], bool]) -> None:
        """Take the lock, or leave it to its holder once there is nothing to wait for."""
        end = self._clock.monotonic() + self._patience
        while not until():
            try:
                lock.acquire(timeout=_LOOK, poll_interval=0.02)
            except filelock.Timeout:
                if self._clock.monotonic() >= end:
                    raise LocalenvError("the baseline is still being made by another localenv", code="locked") from None
            else:
                return

    def _path(self, environment: EnvironmentId) -> Path:
        return private_directory(self._directory) / f"{environment.compose_project}.lock"

    def _deployments_path(self, environment: EnvironmentId) -> Path:
        return private_directory(self._directory) / f"{environment.compose_project}.deployments.lock"

    def _command_path(self, environment: EnvironmentId) -> Path:
        return private_directory(self._directory) / f"{environment.compose_project}.command.lock"

    def _wait(self, lock: filelock.BaseFileLock, environment: EnvironmentId, path: Path, *, wait: bool) -> None:
        holder = _holder(path.with_suffix(".holder"))
        if wait:
            self._progress.emit(Message(stage="wait", text=f"{environment} is held by {holder}", environment=environment.name))
            with contextlib.suppress(filelock.Timeout):
                lock.acquire(timeout=self._patience, poll_interval=0.05)
                return
        raise LocalenvError(
            f"{environment} is being changed by {holder}",
            hints=("wait for it to end, then run the same command again",),
            code="locked",
        )

    def _note(self, doing: str) -> bytes:
        return json.dumps(
            {"who": login_name(), "process": os.getpid(), "since": self._clock.now().strftime("%H:%M:%S"), "doing": doing}
        ).encode()


def _is_file_of(lock: filelock.BaseFileLock, path: Path) -> bool:
    """Whether the lock is on the file that stands at ``path`` now, not on one that was removed meanwhile."""
    descriptor = lock._context.lock_file_fd  # noqa: SLF001 - filelock shows its descriptor nowhere else
    if descriptor is None:
        return False
    try:
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def _holder(note: Path) -> str:
    try:
        told = json.loads(note.read_bytes())
        return f"{told['who']}, process {told['process']}, since {told['since']}, doing: {told['doing']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another localenv"
