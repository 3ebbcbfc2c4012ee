"""PostgreSQL, one kept connection per thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg2
from psycopg2.extras import RealDictCursor

from shop import settings

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")
CONNECT_TIMEOUT = 2  # seconds

_kept = threading.local()


class UnavailableError(Exception):
    """The database cannot be reached, or went away half-way."""


def run(work: Callable[[Any], Result]) -> Result:
    """Run `work(cursor)` in one transaction and return what it returns.

    A kept connection may have died since its last use (a restarted database); then the work runs once more on a new one.
    Raises UnavailableError when there is no database to talk to.
    """
    reused = getattr(_kept, "connection", None) is not None
    try:
        return _attempt(work)
    except UnavailableError:
        if not reused:
            raise
    return _attempt(work)


def rows(statement: str, values: tuple[object, ...] = ()) -> list[dict[str, Any]]:
    """Return the rows of one query."""

    def work(cursor: Any) -> list[dict[str, Any]]:
        cursor.execute(statement, values)
        return list(cursor.fetchall())

    return run(work)


def connect() -> Any:
    """Open a connection; raises UnavailableError."""
    try:
        return psycopg2.connect(
            host=settings.variable("DB_HOST", "db"),
            dbname=settings.variable("DB_NAME", "shop"),
            user=settings.variable("DB_USER", "shop"),
            password=settings.secret("db_password"),
            connect_timeout=CONNECT_TIMEOUT,
            client_encoding="UTF8",
            cursor_factory=RealDictCursor,
        )
    except psycopg2.OperationalError as error:
        raise UnavailableError(str(error).strip().splitlines()[-1]) from error


def _attempt(work: Callable[[Any], Result]) -> Result:
    connection = getattr(_kept, "connection", None)
    if connection is None:
        connection = _kept.connection = connect()
    try:
        with connection, connection.cursor() as cursor:
            return work(cursor)
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        _kept.connection = None
        connection.close()
        raise UnavailableError(str(error).strip() or "the connection was lost") from error
