"""Filling a running data service's tables with generated rows, through the engine's own bulk load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from localenv.actions.loading.mysql import MysqlSession
from localenv.actions.loading.postgresql import PostgresqlSession
from localenv.actions.loading.redis import RedisSession
from localenv.actions.loading.session import Client, Report, RowsFailed, Session, Target
from localenv.core.configuration.tables import TableData
from localenv.core.data.engines import DataEngine
from localenv.core.generate.place import Words
from localenv.core.generate.plan import plan_rows
from localenv.core.generate.redis import keys_schema
from localenv.core.generate.request import Generation, Inputs
from localenv.core.infer.guess import Guesser
from localenv.core.schema.model import Column, Schema, Table
from localenv.ports.engine import Engine

__all__ = ["GenerateRows", "Guesses", "ReadSchema", "Report", "RowsFailed", "Target"]


class ReadSchema(Protocol):
    """Reads a running service's tables."""

    def __call__(self, container: str, engine: DataEngine, variables: Mapping[str, str]) -> Schema:
        """The tables."""
        ...


class GenerateRows:
    """Plans the rows from the schema and streams them; nothing of a table is held in memory."""

    def __init__(self, engine: Engine, read_schema: ReadSchema, words: Words) -> None:
        self._engine = engine
        self._read_schema = read_schema
        self._words = words

    def __call__(self, target: Target, generation: Generation, report: Report) -> None:
        """Generate and load. Raises ``InvalidInput`` for what cannot be generated, ``RowsFailed`` for a refused row."""
        schema = self._schema(target, generation)
        session = _session(Client(self._engine, target))
        inputs = Inputs(schema=schema, words=self._words, stored=session.stored, highest=session.highest, guess=Guesses(schema))
        tables = plan_rows(generation, inputs)
        if tables:
            session.load(tables, generation, report)

    def _schema(self, target: Target, generation: Generation) -> Schema:
        if target.engine == "redis":
            return keys_schema(generation)
        return self._read_schema(target.container, target.engine, target.variables)


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


def _session(client: Client) -> Session:
    match client.target.engine:
        case "postgresql":
            return PostgresqlSession(client)
        case "redis":
            return RedisSession(client)
        case _:
            return MysqlSession(client)
