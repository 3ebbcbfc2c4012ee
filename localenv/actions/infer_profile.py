"""``data infer``: a data profile from the tables of a running environment's databases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from localenv.actions.client_variables import client_variables
from localenv.core.data.engines import DataEngine, data_engine
from localenv.core.infer.guess import Guesser
from localenv.core.infer.profile_text import InferredService, profile_text
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen
from localenv.core.schema.model import Schema
from localenv.errors import LocalenvError, NotFound
from localenv.ports.engine import Engine
from localenv.values import dataclass

__all__ = ["InferProfile", "InferRequest", "InferredProfile"]

Read = Callable[[str, DataEngine, Mapping[str, str]], Schema]
_SQL: Final = frozenset({"postgresql", "mariadb", "mysql"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InferRequest:
    """Whose tables, and how many rows of each."""

    id: EnvironmentId
    containers: Sequence[ContainerSeen]
    """Of the environment, or of the service that is asked for."""
    profile: str
    """The profile's name."""
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredProfile:
    """The profile, and what a person should know of it."""

    text: str
    services: tuple[InferredService, ...]


class InferProfile:
    """Reads each database once and changes nothing."""

    def __init__(self, engine: Engine, read: Read) -> None:
        self._engine = engine
        self._read = read

    def __call__(self, request: InferRequest) -> InferredProfile:
        """Infer. Raises ``NotFound`` when no database runs, ``LocalenvError`` when one cannot be read."""
        found: dict[str, InferredService] = {}
        for container in request.containers:
            engine = data_engine(container.image, self._engine.image(container.image_id))
            if container.service in found or container.state != "running" or container.is_run or engine not in _SQL:
                continue
            schema = self._read(container.id, engine, client_variables(self._engine, container.id))
            guesser = Guesser(schema, request.rows)
            found[container.service] = InferredService(name=container.service, database=schema.database, tables=guesser.tables)
        services = tuple(found[name] for name in sorted(found))
        self._raise_for_none(request, services)
        return InferredProfile(text=profile_text(request.profile, services), services=services)

    def _raise_for_none(self, request: InferRequest, services: Sequence[InferredService]) -> None:
        if not services:
            raise NotFound(
                f"no PostgreSQL, MariaDB or MySQL runs in {request.id}",
                hints=(f"localenv start {request.id.name}", f"localenv up {request.id.name}"),
                code="no-database",
            )
        if not any(service.tables for service in services):
            raise LocalenvError(
                f"{', '.join(service.name for service in services)} of {request.id} has no tables yet",
                hints=("let the migrations run first, then infer again",),
                code="no-tables",
            )
