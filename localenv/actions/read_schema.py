"""Reading a running database's tables, through the engine's own client."""

from __future__ import annotations

import io
from collections.abc import Mapping

from localenv.core.data.clients import client_error, script_call
from localenv.core.data.engines import DataEngine
from localenv.core.schema import mysql, mysql_query, postgresql, postgresql_query
from localenv.core.schema.model import Schema
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine

__all__ = ["ReadSchema"]


class ReadSchema:
    """Asks the catalogue, then counts the rows of tables that hold any."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, container: str, engine: DataEngine, variables: Mapping[str, str]) -> Schema:
        """All tables. Raises ``LocalenvError`` (code ``read-schema``) with what the client said."""
        if engine == "redis":
            raise LocalenvError("Redis has no tables", code="data-engine")
        catalogue: postgresql.Catalogue | mysql.Catalogue
        if engine == "postgresql":
            catalogue = postgresql.Catalogue()
            catalogue.add(self._ask(container, engine, variables, postgresql_query.CATALOGUE))
            counts = postgresql_query.counts(catalogue.uncounted())
        else:
            catalogue = mysql.Catalogue(engine)
            catalogue.add(self._ask(container, engine, variables, mysql_query.CATALOGUE))
            if catalogue.database is None:
                raise LocalenvError(
                    "the service names no database, so there are no tables to read",
                    hints=("give it MARIADB_DATABASE or MYSQL_DATABASE in the Compose file",),
                    code="read-schema",
                )
            counts = mysql_query.counts(catalogue.uncounted())
        catalogue.add(self._ask(container, engine, variables, counts))
        return catalogue.schema()

    def _ask(self, container: str, engine: DataEngine, variables: Mapping[str, str], text: str) -> list[str]:
        call = script_call(engine, variables, bare=True)
        said: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        result = self._engine.execute(
            container,
            call.argv,
            stdin=io.BytesIO(text.encode()),
            environment=call.environment,
            on_output=lambda channel, piece: said[channel].append(piece),
        )
        if result.exit_code != 0:
            error = client_error(engine, b"".join((*said["stderr"], *said["stdout"], result.stderr)).decode("utf-8", "replace"))
            raise LocalenvError(f"the database's tables cannot be read: {error.message}", code="read-schema")
        return b"".join(said["stdout"]).decode("utf-8", "replace").split("\n")
