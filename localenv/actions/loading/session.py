"""What the engines' sessions have in common: a running service, its client, and an input in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol, cast

from localenv.actions.loading.ahead import Ahead
from localenv.core.data.clients import ClientCall, client_error, statement_call
from localenv.core.data.engines import DataEngine
from localenv.core.generate.failures import RowFailure
from localenv.core.generate.request import Generation, TableRows
from localenv.core.schema.model import Column, Table
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine, ExecResult

__all__ = ["STORED_ROWS", "Client", "Report", "RowsFailed", "Session", "Target", "output_of", "read_field"]

STORED_ROWS = 65_536
"""Rows of a table that is not generated that references choose from, at most."""

Report = Callable[[str, int, int], None]
"""Told a table's name, rows done and all rows."""


class RowsFailed(LocalenvError):
    """A generated row was refused by the engine."""

    code = "data-load"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A running data service."""

    service: str
    container: str
    engine: DataEngine
    variables: Mapping[str, str]


class Session(Protocol):
    """One service's database, as generation sees it."""

    def stored(self, table: Table, columns: tuple[str, ...]) -> Sequence[tuple[str | None, ...]]:
        """Values that references choose from."""
        ...

    def highest(self, table: Table, column: Column) -> int:
        """The largest number of a column."""
        ...

    def load(self, tables: Sequence[TableRows], generation: Generation, report: Report) -> None:
        """Load all tables. Raises ``RowsFailed``."""
        ...


class Client:
    """Calls of one service's own client."""

    def __init__(self, engine: Engine, target: Target) -> None:
        self.target = target
        self._engine = engine

    def ask(self, statement: str) -> str:
        """What a statement answers. Raises ``RowsFailed`` with what the client said."""
        call = statement_call(self.target.engine, statement, self.target.variables)
        result = self._engine.execute(self.target.container, call.argv, environment=call.environment)
        if result.exit_code != 0:
            message = client_error(self.target.engine, output_of(result)).message
            raise RowsFailed(f"{self.target.service}: {message}", details=(statement,))
        return result.stdout.decode("utf-8", "replace").rstrip("\n")

    def rows(self, statement: str) -> list[tuple[str | None, ...]]:
        """Rows of an answer, their columns apart by tabs."""
        answer = self.ask(statement)
        return [tuple(map(read_field, line.split("\t"))) for line in answer.split("\n") if line]

    def feed(self, call: ClientCall, pieces: Iterator[bytes]) -> ExecResult:
        """Run a call with an input that is made while it is read."""
        ahead = Ahead(pieces)
        try:
            source = cast("BinaryIO", ahead)
            return self._engine.execute(self.target.container, call.argv, stdin=source, environment=call.environment)
        finally:
            ahead.close()

    def failed(self, failure: RowFailure | None, output: str, generation: Generation) -> RowsFailed:
        """The error of a load: the row's where it is known, else the client's last words."""
        if failure is None:
            message = client_error(self.target.engine, output).message
            return RowsFailed(f"{self.target.service}: {message}", where=generation.locate(generation.path))
        where = generation.locate(failure.path or generation.path)
        return RowsFailed(failure.message, where=where, details=failure.details, hints=failure.hints)


def read_field(text: str) -> str | None:
    """A field as both engines write it in their text formats."""
    if text == "\\N":
        return None
    pieces = (piece.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r") for piece in text.split("\\\\"))
    return "\\".join(pieces)


def output_of(result: ExecResult) -> str:
    """Both outputs, errors first."""
    return (result.stderr + b"\n" + result.stdout).decode("utf-8", "replace")
