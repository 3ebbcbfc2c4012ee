"""Commands in running containers: input streamed in, both outputs read apart, memory bounded."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO, Final

from localenv.adapters.docker_engine.api import Stream, path
from localenv.adapters.docker_engine.base import EnginePart
from localenv.adapters.docker_engine.failures import Busy
from localenv.adapters.docker_engine.streams import Channel, Tail, frames
from localenv.errors import LocalenvError
from localenv.ports.engine import ExecResult

__all__ = ["Executing"]

OUTPUT_KEPT: Final = 16 << 20
"""Bytes of each output that a result holds: the last ones."""

_PIECE: Final = 1 << 16
_UPGRADE: Final = {"Connection": "Upgrade", "Upgrade": "tcp"}
_NOT_EXECUTABLE: Final = 126
_NOT_FOUND: Final = 127


class Executing(EnginePart):
    """Running commands."""

    def execute(  # noqa: PLR0913 - the whole of one call
        self,
        container: str,
        command: Sequence[str],
        *,
        stdin: BinaryIO | None = None,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        working_dir: str | None = None,
        privileged: bool = False,
        timeout: float | None = None,
        on_output: Callable[[Channel, bytes], None] | None = None,
    ) -> ExecResult:
        body = {
            "AttachStdin": stdin is not None,
            "AttachStdout": True,
            "AttachStderr": True,
            "Cmd": list(command),
            "Env": [f"{name}={value}" for name, value in (environment or {}).items()],
            "User": user or "",
            "WorkingDir": working_dir or "",
            "Privileged": privileged,
        }
        run = self._create_exec(container, body)
        kept: dict[Channel, Tail] = {"stdout": Tail(OUTPUT_KEPT), "stderr": Tail(OUTPUT_KEPT)}

        def keep(channel: Channel, piece: bytes) -> None:
            kept[channel].add(piece)

        try:
            self._converse(run, stdin, on_output or keep, timeout)
        except LocalenvError as error:
            if (code := _never_ran(error)) is None:
                raise
            return ExecResult(exit_code=code, stdout=b"", stderr=error.message.encode())
        return ExecResult(exit_code=self._exit_code(run), stdout=kept["stdout"].content(), stderr=kept["stderr"].content())

    def begin(self, container: str, command: Sequence[str], *, working_dir: str | None = None, privileged: bool = False) -> None:
        body = {"Cmd": list(command), "WorkingDir": working_dir or "", "Privileged": privileged}
        run = self._create_exec(container, body)
        self._api.call("POST", path("exec", run, "start"), what=f"run a command in {container}", body={"Detach": True})

    def _create_exec(self, container: str, body: Mapping[str, Any]) -> str:
        target = self._own(container)
        try:
            made = self._api.call("POST", path("containers", target, "exec"), what=f"run a command in {container}", body=body)
        except Busy as error:
            raise LocalenvError(error.message, code="not-running", hints=(f"docker logs -- {container}",)) from error
        return str(made["Id"])

    def _converse(
        self,
        run: str,
        stdin: BinaryIO | None,
        take: Callable[[Channel, bytes], None],
        timeout: float | None,
    ) -> None:
        """Start the command, feed it and read it until it ends. Raises code ``timeout`` when ``timeout`` passes."""
        stream = self._api.stream(
            "POST",
            path("exec", run, "start"),
            what="run a command",
            body={"Detach": False, "Tty": False},
            headers=_UPGRADE,
        )
        feeder = _Feeder(stream, stdin) if stdin is not None else None
        alarm = _Alarm(stream, timeout)
        try:
            for channel, piece in frames(stream.reader):
                take(channel, piece)
        except OSError as error:
            raise LocalenvError(f"the connection to a command was lost: {error}", code="connection-lost") from error
        finally:
            alarm.cancel()
            stream.close()
            if feeder is not None:
                feeder.end()
        if alarm.rang:
            raise LocalenvError(f"the command did not end within {timeout:g} s", code="timeout")
        if feeder is not None and feeder.failure is not None:
            raise feeder.failure

    def _exit_code(self, run: str) -> int:
        """The engine closes the connection a moment before it notes the exit code."""

        def ended() -> int:
            state = self._api.call("GET", path("exec", run, "json"), what="read a command's exit code")
            if state.get("Running") or state.get("ExitCode") is None:
                raise Busy("the command's exit code is not known")
            return int(state["ExitCode"])

        return self._when_free(ended)


class _Feeder(threading.Thread):
    """Copies an input to a hijacked connection and then closes that direction, which is the command's end of file."""

    def __init__(self, stream: Stream, source: BinaryIO) -> None:
        super().__init__(name="exec-stdin", daemon=True)
        self.failure: BaseException | None = None
        self._stream = stream
        self._source = source
        self._socket = _writable(stream)
        self.start()

    def run(self) -> None:
        try:
            while piece := self._source.read(_PIECE):
                try:
                    self._socket.sendall(piece)
                except OSError:
                    return
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits
            self.failure = error
            self._stream.interrupt()

    def end(self) -> None:
        """Wait a moment for the thread; a source that never ends must not hold the caller."""
        self.join(timeout=1.0)


class _Alarm:
    """Ends a conversation after some seconds."""

    def __init__(self, stream: Stream, seconds: float | None) -> None:
        self.rang = False
        self._stream = stream
        self._timer = threading.Timer(seconds, self._ring) if seconds is not None else None
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    def _ring(self) -> None:
        self.rang = True
        self._stream.interrupt()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def _writable(stream: Stream) -> socket.socket:
    """Return the connection's socket; over TLS one direction cannot be closed, so a command would never see the end."""
    connection = stream.socket
    if connection is None or hasattr(connection, "unwrap"):
        stream.close()
        raise LocalenvError(
            "input cannot be streamed to a command over this kind of connection to the engine",
            code="engine-connection",
            hints=("use an engine behind a local socket",),
        )
    return connection


def _never_ran(error: LocalenvError) -> int | None:
    """Return the exit code a shell would give for a command that the engine could not start."""
    if "exec failed" not in error.message:
        return None
    missing = "not found" in error.message or "no such file" in error.message
    return _NOT_FOUND if missing else _NOT_EXECUTABLE
