"""Generated keys into Redis and Valkey, through the pipe mode of their client."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from localenv.actions.loading.session import Client, Report, RowsFailed, output_of
from localenv.core.data.clients import pipe_call
from localenv.core.generate.redis import commands
from localenv.core.generate.request import Generation, TableRows
from localenv.core.schema.model import Column, Table

__all__ = ["RedisSession"]

_ERRORS: Final = re.compile(r"errors: ([1-9]\d*)")


class RedisSession:
    """A Redis or Valkey server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def stored(self, _table: Table, _columns: tuple[str, ...]) -> Sequence[tuple[str | None, ...]]:
        """Keys that are there already are no rows to refer to."""
        return ()

    def highest(self, _table: Table, _column: Column) -> int:
        """Numbers begin at 1."""
        return 0

    def load(self, tables: Sequence[TableRows], generation: Generation, report: Report) -> None:
        """Write all keys. Raises ``RowsFailed`` with the first refusal."""

        def told(rows: TableRows, done: int) -> None:
            report(str(rows.table.name), done, rows.count)

        def pieces() -> Iterator[bytes]:
            for rows in tables:
                yield from commands(rows, generation.tables[rows.table.name.name], told)

        result = self._client.feed(pipe_call(self._client.target.variables), pieces())
        output = output_of(result)
        if result.exit_code != 0 or _ERRORS.search(output):
            refused = next((line for line in output.splitlines() if line.strip() and not line.startswith("All data")), output)
            raise RowsFailed(
                f"{self._client.target.service}: {refused.strip()}",
                where=generation.locate(generation.path),
                hints=("a key holds values of one type: give each table keys of its own",),
            )
