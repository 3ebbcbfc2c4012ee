"""Applies migrations/*.sql in the order of their names, each once, each in a transaction of its own."""

from __future__ import annotations

import hashlib
import logging
import sys
import time
from typing import TYPE_CHECKING, Any

from shop import database, settings

if TYPE_CHECKING:
    from pathlib import Path

LOCK = 7_061_993  # any number, the same for all who migrate this database
PATIENCE = 30.0  # seconds to wait for a database that has just been started
TABLE = """
create table if not exists schema_migrations (
    name       text primary key,
    checksum   text not null,
    applied_at timestamptz not null default now()
)
"""

logger = logging.getLogger("migrate")


class ChangedError(Exception):
    """A migration that was applied is not what it was."""


def migrate(connection: Any, files: list[Path]) -> list[str]:
    """Apply what is missing and return its names; several at once wait for each other. Raises ChangedError."""
    applied = []
    with connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", (LOCK,))
        cursor.execute(TABLE)
        cursor.execute("select name, checksum from schema_migrations")
        known = {row["name"]: row["checksum"] for row in cursor.fetchall()}
    for file in files:
        text = file.read_text(encoding="utf-8")
        checksum = hashlib.sha256(text.encode()).hexdigest()
        if file.name not in known:
            with connection, connection.cursor() as cursor:
                cursor.execute(text)
                cursor.execute("insert into schema_migrations (name, checksum) values (%s, %s)", (file.name, checksum))
            applied.append(file.name)
        elif known[file.name] != checksum:
            message = f"{file.name} was applied and then changed; write a new migration instead"
            raise ChangedError(message)
    return applied


def main() -> int:
    """Migrate and say what was done."""
    settings.configure_logging()
    try:
        connection = _connect(time.monotonic() + PATIENCE)
        applied = migrate(connection, sorted(settings.MIGRATIONS.glob("*.sql")))
    except (ChangedError, database.UnavailableError) as error:
        logger.error("%s", error)
        return 1
    sys.stdout.write(f"applied {', '.join(applied)}\n" if applied else "nothing to apply\n")
    return 0


def _connect(until: float) -> Any:
    while True:
        try:
            return database.connect()
        except database.UnavailableError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
