"""The ledger: what changes about environments, who holds which address, and the audit log."""

from __future__ import annotations

import ipaddress
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from localenv.adapters.sqlite_database import SqliteDatabase
from localenv.core.audit import chained, first_break
from localenv.core.names import EnvironmentId
from localenv.core.wanted import Allocations
from localenv.errors import LocalenvError
from localenv.ports.state import AuditEntry, EnvironmentRecord

__all__ = ["SqliteLedger"]

_COLUMNS = tuple(field.name for field in fields(EnvironmentRecord) if field.name != "id")
_AUDIT = "number, at, actor, command, environment, reason, outcome, hash"


class SqliteLedger(SqliteDatabase):
    """Implements ``ports.state.Ledger``."""

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
        with self.write() as database:
            database.execute(
                f"insert or replace into environments (project, name, {', '.join(_COLUMNS)}) values ({marks})",  # noqa: S608 - names of a dataclass's fields
                values,
            )

    def forget(self, environment: EnvironmentId) -> None:
        """Remove the record and give back its addresses and ports."""
        with self.write() as database:
            for table in ("environments", "subnets", "ports"):
                database.execute(
                    f"delete from {table} where project = ? and name = ?",  # noqa: S608 - names from the line above
                    (environment.project, environment.name),
                )

    def allocations(self, environment: EnvironmentId) -> Allocations:
        """Addresses and ports that one environment holds."""
        key = (environment.project, environment.name)
        return Allocations(
            subnets=dict(self.read("select network, cidr from subnets where project = ? and name = ? order by network", key)),
            ports=dict(self.read("select key, port from ports where project = ? and name = ? order by key", key)),
        )

    def all_subnets(self) -> Mapping[str, str]:
        """CIDR by network name, of every environment."""
        return dict(self.read("select network, cidr from subnets", ()))

    def all_ports(self) -> Mapping[int, str]:
        """Holder by loopback port."""
        return dict(self.read("select port, project || '_' || name || ' ' || key from ports", ()))

    def allocate(self, environment: EnvironmentId, allocations: Allocations) -> None:
        """Replace what the environment holds; ``allocation-race`` when another one has part of it."""
        key = (environment.project, environment.name)
        try:
            with self.write() as database:
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
        rows = self.read("select value from settings where key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_setting(self, key: str, value: str) -> None:
        """Remember a choice."""
        with self.write() as database:
            database.execute("insert or replace into settings (key, value) values (?, ?)", (key, value))

    def audit(self, entry: AuditEntry) -> None:
        """Append one line, chained to the one before by its hash; lines are never changed or removed."""
        words = (entry.at, entry.actor, entry.command, entry.environment, entry.reason, entry.outcome)
        with self.write() as database:
            last = database.execute("select number, hash from audit order by number desc limit 1").fetchone() or (0, "")
            used = database.execute("select seq from sqlite_sequence where name = 'audit'").fetchone() or (0,)
            number = max(last[0], used[0]) + 1
            database.execute(
                f"insert into audit ({_AUDIT}) values (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - own constant
                (number, *words, chained(last[1], number, words)),
            )

    def audit_entries(self, environment: str | None = None, limit: int = 50) -> Sequence[AuditEntry]:
        """Return the newest entries first, of one environment when named."""
        rows = self.read(
            f"select {_AUDIT} from audit where ?1 is null or environment = ?1 order by number desc limit ?2",  # noqa: S608 - own constant
            (environment, limit),
        )
        return [
            AuditEntry(number=number, at=at, actor=who, command=what, environment=env, reason=why, outcome=end, hash=link)
            for number, at, who, what, env, why, end, link in rows
        ]

    def audit_break(self) -> int | None:
        """Number of the first line that is not what was written, or after which one is missing; ``None`` when all are."""
        rows = self.read(f"select {_AUDIT} from audit order by number", ())  # noqa: S608 - own constant
        used = self.read("select seq from sqlite_sequence where name = 'audit'", ())
        return first_break(((number, words, link) for number, *words, link in rows), last=used[0][0] if used else 0)

    def _records(self, rest: str, arguments: tuple[str, ...]) -> list[EnvironmentRecord]:
        rows = self.read(f"select project, name, {', '.join(_COLUMNS)} from environments {rest}", arguments)  # noqa: S608 - own constants
        return [_record(row) for row in rows]


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
