"""Reading a running database's tables, through the engine's own client."""

from __future__ import annotations

import io
from collections.abc import Mapping

from localenv.core.data.clients import client_error, script_call
from localenv.core.data.engines import DataEngine
from localenv.core.schema.model import Schema
from localenv.core.schema.postgresql import Catalogue
from localenv.core.schema.postgresql_query import CATALOGUE, counts
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine

__all__ = ["ReadSchema"]


class ReadSchema:
    """Asks the catalogue, then counts the rows of tables that hold any."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, container: str, engine: DataEngine, variables: Mapping[str, str]) -> Schema:
        """All tables. Raises ``LocalenvError`` (code ``read-schema``) with what the client said."""
        if engine != "postgresql":
            raise LocalenvError(f"the tables of {engine} cannot be read", code="data-engine")
        catalogue = Catalogue()
        catalogue.add(self._ask(container, engine, variables, CATALOGUE))
        catalogue.add(self._ask(container, engine, variables, counts(catalogue.uncounted())))
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
