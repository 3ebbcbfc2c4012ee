"""The ledger: what changes about environments, who holds which address, and the audit log. SQLite in WAL mode."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localenv.adapters.atomic_files import private_directory
from localenv.core.names import EnvironmentId
from localenv.core.wanted import Allocations
from localenv.errors import LocalenvError
from localenv.ports.state import AuditEntry, EnvironmentRecord

__all__ = ["SqliteLedger"]

VERSION = 2
"""Schema version, kept in ``PRAGMA user_version``; a newer one is refused."""

_ROOM = 256 * 1024
"""Bytes that the ledger and its log need to grow."""
_SCHEMA = """
create table environments (
  project text not null, name text not null, tier text not null, directory text not null, data_profile text,
  data_scale real not null default 1, expires text, holds_binds integer not null, stopped integer not null,
  exposures text not null, domain text not null, ready text, snapshot text, baseline text,
  done text not null default '{}', primary key (project, name));
create table subnets (
  network text primary key, project text not null, name text not null, cidr text not null unique);
create table ports (
  port integer primary key, project text not null, name text not null, key text not null,
  unique (project, name, key));
create table settings (key text primary key, value text not null);
create table audit (
  number integer primary key autoincrement, at text not null, actor text not null, command text not null,
  environment text not null, reason text not null, outcome text not null);
create trigger audit_is_append_only_update before update on audit begin select raise(abort, 'append-only'); end;
create trigger audit_is_append_only_delete before delete on audit begin select raise(abort, 'append-only'); end;
"""

_CHANGES = {
    1: (
        "alter table environments add column snapshot text",
        "alter table environments add column baseline text",
        "alter table environments add column done text not null default '{}'",
        "alter table environments add column data_scale real not null default 1",
    )
}
"""Statements that make of each older schema the next one."""

_COLUMNS = tuple(field.name for field in fields(EnvironmentRecord) if field.name != "id")


class SqliteLedger:
    """Implements ``ports.state.Ledger``. One connection, used under a lock, opened when first needed."""

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
            found = [str(row[0]) for row in self._read("pragma quick_check(3)", ())]
            for table in ("environments", "subnets", "ports", "settings", "audit"):
                self._read(f"select * from {table} limit 1", ())  # noqa: S608 - names from the line above
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

    def record(self, environment: EnvironmentId) -> EnvironmentRecord | None:
        """Return what is known of one environment."""
        where = "where project = ? and name = ?"
        return next(iter(self._records(where, (environment.project, environment.name))), None)

    def records(self) -> Sequence[EnvironmentRecord]:
        """All environments, by project and name."""
        return self._records("order by project, name", ())

    def save(self, record: EnvironmentRecord) -> None:
        """Insert or replace one record."""
        values = (record.id.project, record.id.name, *(getattr(record, column) for column in _COLUMNS))
        marks = ", ".join("?" * len(values))
        with self._write() as database:
            database.execute(
                f"insert or replace into environments (project, name, {', '.join(_COLUMNS)}) values ({marks})",  # noqa: S608 - names of a dataclass's fields
                values,
            )

    def forget(self, environment: EnvironmentId) -> None:
        """Remove the record and give back its addresses and ports."""
        with self._write() as database:
            for table in ("environments", "subnets", "ports"):
                database.execute(
                    f"delete from {table} where project = ? and name = ?",  # noqa: S608 - names from the line above
                    (environment.project, environment.name),
                )

    def allocations(self, environment: EnvironmentId) -> Allocations:
        """Addresses and ports that one environment holds."""
        key = (environment.project, environment.name)
        return Allocations(
            subnets=dict(self._read("select network, cidr from subnets where project = ? and name = ? order by network", key)),
            ports=dict(self._read("select key, port from ports where project = ? and name = ? order by key", key)),
        )

    def all_subnets(self) -> Mapping[str, str]:
        """CIDR by network name, of every environment."""
        return dict(self._read("select network, cidr from subnets", ()))

    def all_ports(self) -> Mapping[int, str]:
        """Holder by loopback port."""
        return dict(self._read("select port, project || '_' || name || ' ' || key from ports", ()))

    def allocate(self, environment: EnvironmentId, allocations: Allocations) -> None:
        """Replace what the environment holds; ``allocation-race`` when another one has part of it."""
        key = (environment.project, environment.name)
        try:
            with self._write() as database:
                database.execute("delete from subnets where project = ? and name = ?", key)
                database.execute("delete from ports where project = ? and name = ?", key)
                _refuse_overlaps(allocations.subnets.values(), (row[0] for row in database.execute("select cidr from subnets")))
                database.executemany(
                    "insert into subnets (network, project, name, cidr) values (?, ?, ?, ?)",
                    [(network, *key, cidr) for network, cidr in allocations.subnets.items()],
                )
                database.executemany(
                    "insert into ports (port, project, name, key) values (?, ?, ?, ?)",
                    [(port, *key, name) for name, port in allocations.ports.items()],
                )
        except sqlite3.IntegrityError as error:
            raise _race() from error

    def setting(self, key: str) -> str | None:
        """Return a remembered choice, such as the router's ports."""
        rows = self._read("select value from settings where key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_setting(self, key: str, value: str) -> None:
        """Remember a choice."""
        with self._write() as database:
            database.execute("insert or replace into settings (key, value) values (?, ?)", (key, value))

    def audit(self, entry: AuditEntry) -> None:
        """Append one line; lines are never changed or removed."""
        with self._write() as database:
            database.execute(
                "insert into audit (at, actor, command, environment, reason, outcome) values (?, ?, ?, ?, ?, ?)", astuple(entry)
            )

    def audit_entries(self, environment: str | None = None, limit: int = 50) -> Sequence[AuditEntry]:
        """Return the newest entries first, of one environment when named."""
        rows = self._read(
            "select at, actor, command, environment, reason, outcome from audit "
            "where ?1 is null or environment = ?1 order by number desc limit ?2",
            (environment, limit),
        )
        return [
            AuditEntry(at=at, actor=who, command=what, environment=env, reason=why, outcome=end)
            for at, who, what, env, why, end in rows
        ]

    def _records(self, rest: str, arguments: tuple[str, ...]) -> list[EnvironmentRecord]:
        rows = self._read(f"select project, name, {', '.join(_COLUMNS)} from environments {rest}", arguments)  # noqa: S608 - own constants
        return [_record(row) for row in rows]

    def _read(self, statement: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._lock, _told(self._path):
            return list(self._open().execute(statement, arguments))

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
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
    older = [change for version in range(current, VERSION) for change in _CHANGES[version]] if current else _statements(_SCHEMA)
    for statement in older:
        connection.execute(statement)
    connection.execute(f"pragma user_version = {VERSION}")
    connection.execute("commit")


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


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


def _record(row: tuple[Any, ...]) -> EnvironmentRecord:
    project, name, *values = row
    named = dict(zip(_COLUMNS, values, strict=True))
    for flag in ("holds_binds", "stopped"):
        named[flag] = bool(named[flag])
    return EnvironmentRecord(id=EnvironmentId(project=str(project), name=str(name)), **named)


def _refuse_overlaps(wanted: Iterable[str], taken: Iterable[str]) -> None:
    others = [ipaddress.ip_network(cidr) for cidr in taken]
    for cidr in wanted:
        network = ipaddress.ip_network(cidr)
        if any(network.overlaps(other) for other in others):
            raise _race()


def _race() -> LocalenvError:
    return LocalenvError("another environment took one of these addresses or ports meanwhile", code="allocation-race")
