"""Generated rows into MariaDB and MySQL: LOAD DATA for each table, or INSERTs where the server takes no LOAD DATA."""

from __future__ import annotations

from collections.abc import Sequence

from localenv.actions.loading.session import STORED_ROWS, Client, Report, RowsFailed, output_of
from localenv.core.data.clients import load_call, script_call
from localenv.core.generate import mysql
from localenv.core.generate.failures import mysql_failure, row_failure
from localenv.core.generate.request import Generation, TableRows
from localenv.core.schema.model import Column, Table

__all__ = ["MysqlSession"]


class MysqlSession:
    """A MariaDB or MySQL database."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def stored(self, table: Table, columns: tuple[str, ...]) -> Sequence[tuple[str | None, ...]]:
        """Values that references choose from."""
        return self._client.rows(mysql.stored_query(table, columns, STORED_ROWS))

    def highest(self, table: Table, column: Column) -> int:
        """The largest number of a column."""
        return int(self._client.ask(mysql.highest_query(table, column)) or 0)

    def load(self, tables: Sequence[TableRows], generation: Generation, report: Report) -> None:
        """Load all tables, each in a statement of its own. Raises ``RowsFailed``."""

        def told(rows: TableRows, done: int) -> None:
            report(str(rows.table.name), done, rows.count)

        target = self._client.target
        if self._takes_files():
            for rows in tables:
                call = load_call(target.engine, mysql.load_statement(rows), target.variables)
                result = self._client.feed(call, mysql.row_stream(rows, told))
                failure = mysql_failure(output_of(result), rows)
                if failure is not None or result.exit_code != 0:
                    raise self._client.failed(failure, output_of(result), generation)
        else:
            result = self._client.feed(script_call(target.engine, target.variables), mysql.insert_script(tables, told))
            if result.exit_code != 0:
                raise self._client.failed(mysql_failure(output_of(result), *tables), output_of(result), generation)
        self._check_keys(tables, generation)

    def _takes_files(self) -> bool:
        """Whether the server takes LOAD DATA LOCAL; one that does not is asked to, which root may."""
        if self._client.ask("select @@local_infile") == "1":
            return True
        try:
            self._client.ask("set global local_infile = 1")
        except RowsFailed:
            return False
        return True

    def _check_keys(self, tables: Sequence[TableRows], generation: Generation) -> None:
        for rows in tables:
            for key, query in mysql.check_keys(rows):
                if self._client.ask(query) == "1":
                    message = f"violates foreign key constraint {key.name}: no such row in {key.table}"
                    failure = row_failure(rows, message=message, number=None, column="", constraint=key.name)
                    raise self._client.failed(failure, message, generation)
