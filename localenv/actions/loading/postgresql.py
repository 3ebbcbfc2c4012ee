"""Generated rows into PostgreSQL: one transaction of COPYs."""

from __future__ import annotations

from collections.abc import Sequence

from localenv.actions.loading.session import STORED_ROWS, Client, Report, output_of
from localenv.core.data.clients import script_call
from localenv.core.generate import postgresql
from localenv.core.generate.failures import postgresql_failure
from localenv.core.generate.request import Generation, TableRows
from localenv.core.schema.model import Column, Table

__all__ = ["PostgresqlSession"]


class PostgresqlSession:
    """A PostgreSQL database."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def stored(self, table: Table, columns: tuple[str, ...]) -> Sequence[tuple[str | None, ...]]:
        """Values that references choose from."""
        return self._client.rows(postgresql.stored_query(table, columns, STORED_ROWS))

    def highest(self, table: Table, column: Column) -> int:
        """The largest number of a column."""
        return int(self._client.ask(postgresql.highest_query(table, column)) or 0)

    def load(self, tables: Sequence[TableRows], generation: Generation, report: Report) -> None:
        """Load all tables, or nothing. Raises ``RowsFailed``."""
        superuser = self._client.ask("select current_setting('is_superuser')") == "on"

        def told(rows: TableRows, done: int) -> None:
            report(str(rows.table.name), done, rows.count)

        target = self._client.target
        pieces = postgresql.script(tables, superuser=superuser, report=told)
        result = self._client.feed(script_call(target.engine, target.variables), pieces)
        if result.exit_code != 0:
            output = output_of(result)
            raise self._client.failed(postgresql_failure(output, tables), output, generation)
