"""Filling a running data service's tables with generated rows, through the engine's own bulk load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol, cast

from localenv.core.configuration.tables import TableData
from localenv.core.data.clients import ClientCall, client_error, script_call, statement_call
from localenv.core.data.engines import DataEngine
from localenv.core.generate import postgresql
from localenv.core.generate.failures import postgresql_failure
from localenv.core.generate.place import Words
from localenv.core.generate.plan import plan_rows
from localenv.core.generate.request import Generation, Inputs, TableRows
from localenv.core.infer.guess import Guesser
from localenv.core.schema.model import Column, Schema, Table
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine, ExecResult

__all__ = ["GenerateRows", "Guesses", "ReadSchema", "Report", "RowsFailed", "Target"]

_STORED_ROWS = 65_536
"""Rows of a table that is not generated that references choose from, at most."""


class RowsFailed(LocalenvError):
    """A generated row was refused by the engine."""

    code = "data-load"


class ReadSchema(Protocol):
    """Reads a running service's tables."""

    def __call__(self, container: str, engine: DataEngine, variables: Mapping[str, str]) -> Schema:
        """The tables."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A running data service."""

    service: str
    container: str
    engine: DataEngine
    variables: Mapping[str, str]


Report = Callable[[str, int, int], None]
"""Told a table's name, rows done and all rows."""


class GenerateRows:
    """Plans the rows from the schema and streams them; nothing of a table is held in memory."""

    def __init__(self, engine: Engine, read_schema: ReadSchema, words: Words) -> None:
        self._engine = engine
        self._read_schema = read_schema
        self._words = words

    def __call__(self, target: Target, generation: Generation, report: Report) -> None:
        """Generate and load. Raises ``InvalidInput`` for what cannot be generated, ``RowsFailed`` for a refused row."""
        schema = self._read_schema(target.container, target.engine, target.variables)
        session = _Session(self._engine, target)
        inputs = Inputs(schema=schema, words=self._words, stored=session.stored, highest=session.highest, guess=Guesses(schema))
        tables = plan_rows(generation, inputs)
        if tables:
            session.load(tables, generation, report)


class Guesses:
    """What a profile leaves out, from what the schema says."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._columns = Guesser(schema)
        self._tables: dict[int, Guesser] = {}

    def column(self, table: Table, column: Column) -> object:
        """A column format."""
        return self._columns.column(table, column).format

    def table(self, table: Table, rows: int) -> TableData | None:
        """Rows and columns of a table, at most ``rows``; ``None`` for one that gets none."""
        guesser = self._tables.setdefault(rows, Guesser(self._schema, rows))
        found = guesser.table(table)
        if found.left_out is not None:
            return None
        return TableData(rows=found.rows, columns={each.name: each.format for each in found.columns})


class _Session:
    """Conversations with one service's client."""

    def __init__(self, engine: Engine, target: Target) -> None:
        self._engine = engine
        self._target = target

    def stored(self, table: Table, columns: tuple[str, ...]) -> Sequence[tuple[str | None, ...]]:
        """Values that references choose from."""
        answer = self._ask(postgresql.stored_query(table, columns, _STORED_ROWS))
        return [tuple(_read(text) for text in line.split("\t")) for line in answer.split("\n") if line]

    def highest(self, table: Table, column: Column) -> int:
        """The largest number of a column."""
        name, quoted = postgresql.table_text(table.name), postgresql.quoted(column.name)
        return int(self._ask(postgresql.HIGHEST.format(column=quoted, table=name)) or 0)

    def load(self, tables: Sequence[TableRows], generation: Generation, report: Report) -> None:
        """Load all tables in one transaction."""
        superuser = self._ask("select current_setting('is_superuser')") == "on"

        def told(rows: TableRows, done: int) -> None:
            report(str(rows.table.name), done, rows.count)

        result = self._stream(
            script_call(self._target.engine, self._target.variables), postgresql.script(tables, superuser=superuser, report=told)
        )
        if result.exit_code != 0:
            raise self._failed(_output(result), tables, generation)

    def _failed(self, output: str, tables: Sequence[TableRows], generation: Generation) -> RowsFailed:
        failure = postgresql_failure(output, tables)
        if failure is None:
            message = client_error(self._target.engine, output).message
            return RowsFailed(f"{self._target.service}: {message}", where=generation.locate(generation.path))
        return RowsFailed(
            failure.message,
            where=generation.locate(failure.path or generation.path),
            details=failure.details,
            hints=failure.hints,
        )

    def _ask(self, statement: str) -> str:
        call = statement_call(self._target.engine, statement, self._target.variables)
        result = self._engine.execute(self._target.container, call.argv, environment=call.environment)
        if result.exit_code != 0:
            message = client_error(self._target.engine, _output(result)).message
            raise RowsFailed(f"{self._target.service}: {message}", details=(statement,))
        return result.stdout.decode("utf-8", "replace").rstrip("\n")

    def _stream(self, call: ClientCall, pieces: Iterator[bytes]) -> ExecResult:
        source = cast("BinaryIO", Pieces(pieces))
        return self._engine.execute(self._target.container, call.argv, stdin=source, environment=call.environment)


class Pieces:
    """Pieces of bytes as something that is read; a read gives what is left of a piece, without copying it together."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def read(self, size: int) -> memoryview:
        """At most ``size`` bytes; none at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest = memoryview(piece)
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def _read(text: str) -> str | None:
    """A field of a COPY."""
    if text == "\\N":
        return None
    for written, meant in (("\\t", "\t"), ("\\n", "\n"), ("\\r", "\r"), ("\\\\", "\\")):
        text = text.replace(written, meant)
    return text


def _output(result: ExecResult) -> str:
    return (result.stderr + b"\n" + result.stdout).decode("utf-8", "replace")
