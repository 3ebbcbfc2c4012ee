"""Runs other programs with ``subprocess``: the only module that does. Implements ``ports.process.Processes``."""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from localenv.errors import LocalenvError, Unavailable
from localenv.ports.process import Completed

__all__ = ["SubprocessProcesses", "caller_environment", "scrubbed", "start_beside"]

_SCRUBBED_PREFIXES: Final = ("GIT_", "COMPOSE_")
_SCRUBBED_NAMES: Final = frozenset({"DOCKER_DEFAULT_PLATFORM", "DOCKER_CLI_HINTS", "BUILDKIT_PROGRESS"})
_GRACE: Final = 3.0
"""Seconds between asking a program to end and killing it."""
_TICK: Final = 0.2
"""Seconds after which it is noticed that a program ended although something still holds its output open."""
_DRAIN: Final = 1.0
"""Seconds that output is still read after the program itself has ended."""
_PIECE: Final = 65_536
_OUTPUT_LIMIT: Final = 256 * 1024 * 1024


def caller_environment() -> dict[str, str]:
    """The variables of the shell that called localenv: read here and nowhere else, handed in from here."""
    return dict(os.environ)  # noqa: TID251 - this is the one place


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` without the variables that would make Git or Compose act differently."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_SCRUBBED_PREFIXES) and name not in _SCRUBBED_NAMES
    }


def start_beside(
    argv: Sequence[str], environment: Mapping[str, str], directory: str, *, own_group: bool
) -> subprocess.Popen[bytes]:
    """Start a program with this one's streams and exactly these variables. Raises ``OSError``."""
    return subprocess.Popen(list(argv), env=dict(environment), cwd=directory, process_group=0 if own_group else None)


class SubprocessProcesses:
    """Programs run in a session of their own, so that all they started can be ended with them."""

    def __init__(self, environment: Mapping[str, str], *, output_limit: int = _OUTPUT_LIMIT) -> None:
        self._environment = scrubbed(environment)
        self._output_limit = output_limit
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def run(  # noqa: PLR0913 - the whole of one call
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        timeout: float = 120.0,
        memory: int | None = None,
        on_line: Callable[[str], None] | None = None,
        on_output: Callable[[str], None] | None = None,
    ) -> Completed:
        """See ``Processes.run``. ``memory`` bounds the private writable memory of each process (Linux only).

        Address space is no good measure: Go programs reserve a gigabyte of it before they do anything.
        Raises ``LocalenvError`` with code ``output-limit`` when the program prints without end.
        """
        with self._child(argv, environment, directory) as child:
            if memory is not None:
                _bound_memory(child.pid, memory)
            conversation = _Conversation(
                child=child,
                pending=stdin or b"",
                stdout=_Output(limit=self._output_limit, on_line=on_output),
                stderr=_Output(limit=self._output_limit, on_line=on_line),
            )
            try:
                conversation.hold(time.monotonic() + timeout)
            except TimeoutError:
                raise LocalenvError(f"{_program(argv)} did not end within {timeout:g} seconds", code="timeout") from None
            exit_code = child.wait()
        return Completed(exit_code=exit_code, stdout=bytes(conversation.stdout.data), stderr=bytes(conversation.stderr.data))

    def attach(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None, directory: str | None = None) -> int:
        """See ``Processes.attach``. An interrupt from the keyboard reaches the program, which decides what it means.

        One that was sent to this process alone is handed on, and so is the wish that it should end.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        child = _start(argv, self._variables(environment), directory, terminal=True)
        with _ended_with(child):
            while True:
                try:
                    exit_code = child.wait()
                except KeyboardInterrupt:
                    if not sys.stdin.isatty():
                        child.send_signal(signal.SIGINT)
                    continue
                return exit_code if exit_code >= 0 else 128 - exit_code

    def end_all(self) -> None:
        """End every program that another thread still waits for: an interrupt reaches the main thread only."""
        with self._lock:
            running = tuple(self._running)
        for child in running:
            _signal_group(child, signal.SIGTERM)

    def _variables(self, added: Mapping[str, str] | None) -> dict[str, str]:
        return {**self._environment, **(added or {})}

    @contextlib.contextmanager
    def _child(
        self, argv: Sequence[str], environment: Mapping[str, str] | None, directory: str | None
    ) -> Iterator[subprocess.Popen[bytes]]:
        child = _start(argv, self._variables(environment), directory, terminal=False)
        with self._lock:
            self._running.add(child)
        try:
            yield child
        except BaseException:
            _end_group(child)
            raise
        finally:
            with self._lock:
                self._running.discard(child)
            for stream in (child.stdin, child.stdout, child.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()


@contextlib.contextmanager
def _ended_with(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let ``SIGTERM`` end the program that has the terminal, too. Signals can be taken in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: child.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@dataclass(slots=True, kw_only=True)
class _Output:
    """One of a program's two streams of output."""

    limit: int
    on_line: Callable[[str], None] | None
    data: bytearray = field(default_factory=bytearray)
    told: int = 0
    """Bytes that ``on_line`` has been given."""

    def take(self, piece: bytes) -> None:
        self.data += piece
        if len(self.data) > self.limit:
            raise LocalenvError("a program printed more than can be used", code="output-limit")
        self.tell(final=False)

    def tell(self, *, final: bool) -> None:
        """Hand complete lines to ``on_line``; at the end also one without a line end."""
        if self.on_line is None:
            return
        end = len(self.data) if final else self.data.rfind(b"\n", self.told) + 1
        if end <= self.told:
            return
        lines = bytes(self.data[self.told : end])
        self.told = end
        for line in lines.decode("utf-8", "replace").splitlines():
            self.on_line(line)


@dataclass(slots=True, kw_only=True)
class _Conversation:
    """What goes to and comes from one running program."""

    child: subprocess.Popen[bytes]
    pending: bytes
    stdout: _Output
    stderr: _Output

    def hold(self, deadline: float) -> None:
        """Feed and read until the program has ended; raises ``TimeoutError`` at ``deadline``."""
        with selectors.DefaultSelector() as selector:
            self._register(selector)
            ended: float | None = None
            while selector.get_map():
                now = time.monotonic()
                if ended is None and self.child.poll() is not None:
                    ended = now
                if now >= deadline:
                    raise TimeoutError
                if ended is not None and now - ended > _DRAIN:
                    break
                for key, _ in selector.select(min(_TICK, deadline - now)):
                    self._serve(selector, key.fileobj)
        self.stdout.tell(final=True)
        self.stderr.tell(final=True)
        try:
            self.child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise TimeoutError from None

    def _register(self, selector: selectors.BaseSelector) -> None:
        for stream in (self.child.stdout, self.child.stderr):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
        stdin = self.child.stdin
        if stdin is None:
            return
        if not self.pending:
            stdin.close()
            return
        os.set_blocking(stdin.fileno(), False)
        selector.register(stdin, selectors.EVENT_WRITE)

    def _serve(self, selector: selectors.BaseSelector, stream: object) -> None:
        if stream is self.child.stdin and self.child.stdin is not None:
            self._feed(selector, self.child.stdin)
        elif stream is self.child.stdout and self.child.stdout is not None:
            self._read(selector, self.child.stdout, self.stdout)
        elif self.child.stderr is not None:
            self._read(selector, self.child.stderr, self.stderr)

    def _feed(self, selector: selectors.BaseSelector, stream: IO[bytes]) -> None:
        try:
            written = os.write(stream.fileno(), self.pending[:_PIECE])
        except BlockingIOError:
            return
        except BrokenPipeError:
            written = len(self.pending)
        self.pending = self.pending[written:]
        if not self.pending:
            selector.unregister(stream)
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def _read(self, selector: selectors.BaseSelector, stream: IO[bytes], into: _Output) -> None:
        try:
            piece = os.read(stream.fileno(), _PIECE)
        except BlockingIOError:
            return
        if not piece:
            selector.unregister(stream)
            return
        into.take(piece)


def _start(
    argv: Sequence[str], environment: Mapping[str, str], directory: str | None, *, terminal: bool
) -> subprocess.Popen[bytes]:
    pipe = None if terminal else subprocess.PIPE
    try:
        return subprocess.Popen(
            list(argv),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=dict(environment),
            cwd=directory,
            start_new_session=not terminal,
            bufsize=0,
        )
    except FileNotFoundError as error:
        if directory is not None and error.filename == directory:
            raise Unavailable(f"the directory {directory} is not there", code="directory-missing") from error
        raise Unavailable(f"{_program(argv)} is not installed", code="program-missing") from error
    except (PermissionError, NotADirectoryError) as error:
        raise Unavailable(f"{_program(argv)} cannot be run: {error.strerror}", code="program-missing") from error


def _program(argv: Sequence[str]) -> str:
    """The program and its first plain words: never an option's value, which may be a secret."""
    words = [argv[0].rpartition("/")[2]]
    for word in argv[1:3]:
        if word.startswith("-"):
            break
        words.append(word)
    return " ".join(words)


def _bound_memory(pid: int, limit: int) -> None:
    """Bound a program that has just been started; what it starts inherits the bound."""
    prlimit = getattr(resource, "prlimit", None)
    if prlimit is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):
        prlimit(pid, resource.RLIMIT_DATA, (limit, limit))


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """End a program and all that it started: ask, then kill."""
    _signal_group(child, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(_GRACE)
    _signal_group(child, signal.SIGKILL)
    child.wait()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the session that the program leads. Its group outlives it while anything in it runs."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)
