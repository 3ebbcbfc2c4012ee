"""Loading a data profile's files and generated rows into a running data service, through the engine's own client."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO, cast

from localenv.actions.client_variables import client_variables
from localenv.actions.generate_rows import Report, Target
from localenv.core.data.clients import ClientError, call_for, client_error, statement_call
from localenv.core.data.engines import DataEngine
from localenv.core.data.redis_commands import first_error, persistence, with_markers
from localenv.core.generate.request import Generation
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine, ExecResult
from localenv.ports.fixtures import Fixtures
from localenv.ports.progress import Message, Progress
from localenv.values import dataclass

__all__ = ["DataFile", "DataLoadFailed", "LoadData", "LoadRequest"]

_SHOWN_STATEMENT = 200
_REPORT_EVERY = 1024 * 1024


class DataLoadFailed(LocalenvError):
    """A statement of a fixture failed, or a check of the profile did not hold."""

    code = "data-load"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A fixture: where it is, and how a person wrote it."""

    path: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """Files for one running service."""

    environment: str
    service: str
    container: str
    engine: DataEngine
    files: tuple[DataFile, ...]
    verify: tuple[str, ...] = ()
    generation: Generation | None = None
    """Rows to generate after the files."""


class LoadData:
    """Streams each file, then generated rows; the first failing statement ends the load with its file and line."""

    def __init__(
        self, engine: Engine, fixtures: Fixtures, generate: Callable[[Target, Generation, Report], None], progress: Progress
    ) -> None:
        self._engine = engine
        self._generate = generate
        self._fixtures = fixtures
        self._progress = progress

    def __call__(self, request: LoadRequest) -> None:
        """Load all files in their order, generate rows, run the ``verify`` statements. Raises ``DataLoadFailed``."""
        variables = client_variables(self._engine, request.container)
        for file in request.files:
            self._load(request, file, variables)
        if request.generation is not None:
            self._rows(request, request.generation, variables)
        if request.engine == "redis":
            self._check_written(request, variables)
        for statement in request.verify:
            self._verify(request, statement, variables)

    def _load(self, request: LoadRequest, file: DataFile, variables: Mapping[str, str]) -> None:
        total = self._fixtures.size(file.path)
        reported = 0

        def report(done: int) -> None:
            nonlocal reported
            if done - reported >= _REPORT_EVERY:
                reported = done
                self._tell(request, f"{file.shown} -> {request.service}", done=done, total=total)

        with self._fixtures.open(file.path, on_read=report) as stream:
            buffered = io.BufferedReader(cast("io.RawIOBase", stream)) if not hasattr(stream, "peek") else stream
            header = _header(cast("io.BufferedReader", buffered)) if ".csv" in file.path else ""
            call = call_for(request.engine, file.shown, header, variables)
            source = _Lines(with_markers(buffered)) if request.engine == "redis" else buffered
            result = self._engine.execute(
                request.container, call.argv, stdin=cast("BinaryIO", source), environment=call.environment
            )
        failure = _failure(request.engine, result)
        if failure is not None:
            raise self._failed(file, failure)
        self._tell(request, f"{file.shown} -> {request.service}", done=total, total=total)

    def _rows(self, request: LoadRequest, generation: Generation, variables: Mapping[str, str]) -> None:
        def report(table: str, done: int, total: int) -> None:
            self._tell(request, f"{total} rows of {table} -> {request.service}", done=done, total=total)

        target = Target(service=request.service, container=request.container, engine=request.engine, variables=variables)
        self._generate(target, generation, report)

    def _failed(self, file: DataFile, failure: ClientError) -> DataLoadFailed:
        statement = self._line(file, failure.line) if failure.line else None
        return DataLoadFailed(
            failure.message,
            where=f"{file.shown}:{failure.line}" if failure.line else file.shown,
            details=(f"statement: {statement}",) if statement else (),
            hints=("mend the file and run the same command again: nothing of this load is kept",),
        )

    def _line(self, file: DataFile, number: int) -> str | None:
        with self._fixtures.open(file.path) as stream:
            line = next(itertools.islice(stream, number - 1, number), None)
        return line.decode("utf-8", "replace").strip()[:_SHOWN_STATEMENT] if line else None

    def _verify(self, request: LoadRequest, statement: str, variables: Mapping[str, str]) -> None:
        result = self._run(request, statement, variables)
        answer = result.stdout.decode("utf-8", "replace").strip()
        if result.exit_code != 0:
            raise DataLoadFailed(f"verify failed: {client_error(request.engine, _output(result)).message}", details=(statement,))
        if answer.lower() in {"f", "false", "0", ""}:
            raise DataLoadFailed(
                f"verify does not hold for {request.service}: answered {answer or 'nothing'}", details=(statement,)
            )

    def _check_written(self, request: LoadRequest, variables: Mapping[str, str]) -> None:
        """Redis answers before the disk has it and goes on without that: then what is frozen would not hold it."""
        told = persistence(_output(self._run(request, "INFO persistence", variables)))
        if told.get("aof_enabled") == "1":
            failed = told.get("aof_last_write_status") == "err"
        else:
            saving = told.get("rdb_bgsave_in_progress") != "0"
            failed = not saving and _output(self._run(request, "SAVE", variables)).strip() == "ERR"
        if failed:
            raise DataLoadFailed(
                f"{request.service} could not write to its disk what was loaded; the disk may be full",
                hints=("docker system df", f"localenv logs {request.environment} {request.service}"),
            )

    def _run(self, request: LoadRequest, statement: str, variables: Mapping[str, str]) -> ExecResult:
        call = statement_call(request.engine, statement, variables)
        stdin = io.BytesIO(statement.encode() + b"\n") if request.engine == "redis" else None
        return self._engine.execute(request.container, call.argv, stdin=stdin, environment=call.environment)

    def _tell(self, request: LoadRequest, text: str, *, done: int, total: int) -> None:
        self._progress.emit(Message(stage="data", text=text, environment=request.environment, done=done, total=total))


class _Lines(io.RawIOBase):
    """Pieces of bytes as a stream."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # any writable buffer
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _header(stream: io.BufferedReader) -> str:
    return bytes(stream.peek(64 * 1024)).partition(b"\n")[0].decode("utf-8", "replace")


def _failure(engine: DataEngine, result: ExecResult) -> ClientError | None:
    output = _output(result)
    if engine == "redis":
        return first_error(output) or (client_error(engine, output) if result.exit_code else None)
    return client_error(engine, output) if result.exit_code else None


def _output(result: ExecResult) -> str:
    return (result.stderr + b"\n" + result.stdout).decode("utf-8", "replace")
