"""The ledger's file: one SQLite connection in WAL mode, its schema and how older ones become the newest."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localenv.adapters.atomic_files import private_directory
from localenv.core.audit import chained
from localenv.errors import LocalenvError

__all__ = ["VERSION", "SqliteDatabase"]

VERSION = 3
"""Schema version, kept in ``PRAGMA user_version``; a newer one is refused."""

_ROOM = 256 * 1024
"""Bytes that the ledger and its log need to grow."""
_AUDIT_TRIGGERS = (
    "create trigger audit_is_append_only_update before update on audit begin select raise(abort, 'append-only'); end;",
    "create trigger audit_is_append_only_delete before delete on audit begin select raise(abort, 'append-only'); end;",
)
_DELIVERY = (
    """create table deployments (
  number integer primary key autoincrement, project text not null, environment text not null, release text not null,
  before text, kind text not null, source text, actor text not null, reason text not null, forced integer not null,
  snapshot text, began text not null, ended text, outcome text not null);""",
    """create table approvals (
  number integer primary key autoincrement, project text not null, environment text not null, release text not null,
  deployment integer not null references deployments (number), actor text not null, note text not null, at text not null);""",
)
_SCHEMA = (
    """create table environments (
  project text not null, name text not null, tier text not null, directory text not null, data_profile text,
  data_scale real not null default 1, expires text, holds_binds integer not null, stopped integer not null,
  exposures text not null, domain text not null, ready text, snapshot text, baseline text,
  done text not null default '{}', kind text not null default '', release text, branch text, revision text,
  merged text not null default '[]', origin text not null default '', primary key (project, name));""",
    """create table subnets (
  network text primary key, project text not null, name text not null, cidr text not null unique);""",
    """create table ports (
  port integer primary key, project text not null, name text not null, key text not null,
  unique (project, name, key));""",
    "create table settings (key text primary key, value text not null);",
    """create table audit (
  number integer primary key autoincrement, at text not null, actor text not null, command text not null,
  environment text not null, reason text not null, outcome text not null, hash text not null);""",
    *_AUDIT_TRIGGERS,
    *_DELIVERY,
)


def _chain_what_is_there(connection: sqlite3.Connection) -> None:
    """Give the lines of an older audit log their hashes."""
    rows = connection.execute("select number, at, actor, command, environment, reason, outcome from audit order by number")
    before = ""
    for number, *words in rows.fetchall():
        before = chained(before, number, words)
        connection.execute("update audit set hash = ? where number = ?", (before, number))


_Change = str | Callable[[sqlite3.Connection], None]
_CHANGES: dict[int, tuple[_Change, ...]] = {
    1: (
        "alter table environments add column snapshot text",
        "alter table environments add column baseline text",
        "alter table environments add column done text not null default '{}'",
        "alter table environments add column data_scale real not null default 1",
    ),
    2: (
        "alter table environments add column kind text not null default ''",
        "alter table environments add column release text",
        "alter table environments add column branch text",
        "alter table environments add column revision text",
        "alter table environments add column merged text not null default '[]'",
        "alter table environments add column origin text not null default ''",
        "alter table audit add column hash text not null default ''",
        "drop trigger audit_is_append_only_update",
        _chain_what_is_there,
        _AUDIT_TRIGGERS[0],
        *_DELIVERY,
    ),
}
"""What makes of each older schema the next one."""
_TABLES = ("environments", "subnets", "ports", "settings", "audit", "deployments", "approvals")


class SqliteDatabase:
    """One connection, used under a lock, opened when first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def damage(self) -> str | None:
        """What is wrong with the file; ``None`` when it can be used. Raises ``LocalenvError`` for a newer one."""
        if not self._path.is_file():
            return None
        try:
            found = [str(row[0]) for row in self.read("pragma quick_check(3)", ())]
            for table in _TABLES:
                self.read(f"select * from {table} limit 1", ())  # noqa: S608 - names from the line above
        except LocalenvError as error:
            if error.code_of_case == "newer-state":
                raise
            return error.message
        return None if found == ["ok"] else "; ".join(found)

    def set_aside(self) -> str:
        """Move the file and its companions aside and begin an empty one; return where the old one is."""
        with self._lock:
            self.close()
            stamp = datetime.fromtimestamp(self._path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%SZ")
            kept = self._path.with_name(f"{self._path.name}.damaged-{stamp}")
            count = 1
            while kept.exists():
                count += 1
                kept = self._path.with_name(f"{self._path.name}.damaged-{stamp}-{count}")
            self._path.rename(kept)
            for suffix in ("-wal", "-shm"):
                companion = self._path.with_name(self._path.name + suffix)
                if companion.exists():
                    companion.rename(kept.with_name(kept.name + suffix))
        return str(kept)

    def read(self, statement: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Rows of one query."""
        with self._lock, _told(self._path):
            return list(self._open().execute(statement, arguments))

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed in the end, undone when anything is raised."""
        with self._lock, _told(self._path):
            connection = self._open()
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("commit")
            except BaseException:
                # A full disk has rolled back already, and a second rollback would hide what happened.
                if connection.in_transaction:
                    connection.execute("rollback")
                raise

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            private_directory(self._path.parent)
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            try:
                with _alone_in(self._path.parent):
                    _prepare(connection, self._path)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Hold the directory (flock): SQLite refuses to change to WAL, without waiting, while another process has the file open."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("pragma foreign_keys = on")
    version = connection.execute("pragma user_version").fetchone()[0]
    if version > VERSION:
        raise LocalenvError(
            f"{path.name} was written by a newer localenv (schema {version}, this one knows {VERSION})",
            where=str(path),
            hints=("upgrade localenv, or set LOCALENV_HOME to another directory",),
            code="newer-state",
        )
    if version == VERSION:
        return
    connection.execute("pragma journal_mode = wal")
    path.chmod(0o600)
    connection.execute("begin immediate")
    current = connection.execute("pragma user_version").fetchone()[0]
    changes = [change for version in range(current, VERSION) for change in _CHANGES[version]] if current else _SCHEMA
    for change in changes:
        if isinstance(change, str):
            connection.execute(change)
        else:
            change(connection)
    connection.execute(f"pragma user_version = {VERSION}")
    connection.execute("commit")


def _no_room(path: Path) -> bool:
    """Whether the disk is full: then the log's index cannot grow, which SQLite tells as an I/O error."""
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.OperationalError as error:
        full = "full" in str(error) or (error.sqlite_errorname.startswith("SQLITE_IOERR") and _no_room(path))
        raise LocalenvError(
            f"the ledger cannot be used: {'the disk is full' if full else error}",
            where=str(path),
            hints=("make room on the disk and run the same command again",) if full else (),
            code="disk-full" if full else "ledger",
        ) from error
    except sqlite3.DatabaseError as error:
        raise LocalenvError(
            f"the ledger is damaged: {error}",
            where=str(path),
            hints=("localenv repair keeps the damaged file and rebuilds what labels tell",),
            code="damaged-state",
        ) from error
