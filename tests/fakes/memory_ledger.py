"""Ledger and locks in memory: what ``ports.state`` promises, for one process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from localenv.core.names import EnvironmentId
from localenv.core.wanted import Allocations
from localenv.errors import LocalenvError
from localenv.ports.state import AuditEntry, EnvironmentRecord

__all__ = ["MemoryLedger", "MemoryLocks"]


class MemoryLedger:
    """``ports.state.Ledger``."""

    def __init__(self, *records: EnvironmentRecord) -> None:
        self.saved = {record.id: record for record in records}
        self.held: dict[EnvironmentId, Allocations] = {}
        self.settings: dict[str, str] = {}
        self.log: list[AuditEntry] = []

    def record(self, environment: EnvironmentId) -> EnvironmentRecord | None:
        return self.saved.get(environment)

    def records(self) -> Sequence[EnvironmentRecord]:
        return [self.saved[key] for key in sorted(self.saved)]

    def save(self, record: EnvironmentRecord) -> None:
        self.saved[record.id] = record

    def forget(self, environment: EnvironmentId) -> None:
        self.saved.pop(environment, None)
        self.held.pop(environment, None)

    def allocations(self, environment: EnvironmentId) -> Allocations:
        return self.held.get(environment, Allocations())

    def all_subnets(self) -> Mapping[str, str]:
        return {name: cidr for held in self.held.values() for name, cidr in held.subnets.items()}

    def all_ports(self) -> Mapping[int, str]:
        return {port: f"{key.compose_project} {name}" for key, held in self.held.items() for name, port in held.ports.items()}

    def allocate(self, environment: EnvironmentId, allocations: Allocations) -> None:
        self.held[environment] = allocations

    def setting(self, key: str) -> str | None:
        return self.settings.get(key)

    def set_setting(self, key: str, value: str) -> None:
        self.settings[key] = value

    def audit(self, entry: AuditEntry) -> None:
        self.log.append(entry)

    def audit_break(self) -> int | None:
        return None

    def audit_entries(self, environment: str | None = None, limit: int = 50) -> Sequence[AuditEntry]:
        return [entry for entry in reversed(self.log) if environment in {None, entry.environment}][:limit]


class MemoryLocks:
    """``ports.state.Locks`` for one thread: ``taken`` tells what was held, in order."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.held: set[EnvironmentId] = set()
        self.discarded: list[EnvironmentId] = []
        self.commands: set[EnvironmentId] = set()

    @contextlib.contextmanager
    def environment(self, environment: EnvironmentId, doing: str, *, wait: bool = True) -> Iterator[None]:
        assert wait
        assert environment not in self.held, "held twice"
        self.taken.append(f"{environment.name} {doing}")
        self.held.add(environment)
        try:
            yield
        finally:
            self.held.discard(environment)

    def is_held(self, environment: EnvironmentId) -> bool:
        return environment in self.held

    @contextlib.contextmanager
    def command(self, environment: EnvironmentId, doing: str) -> Iterator[None]:
        if environment in self.commands:
            raise LocalenvError(f"{environment} is being changed by another localenv", code="locked")
        self.taken.append(f"{environment.name} for {doing}")
        self.commands.add(environment)
        try:
            yield
        finally:
            self.commands.discard(environment)

    def has_command(self, environment: EnvironmentId) -> bool:
        return environment in self.commands

    @contextlib.contextmanager
    def allocations(self) -> Iterator[None]:
        self.taken.append("allocations")
        yield

    @contextlib.contextmanager
    def layers(self) -> Iterator[None]:
        self.taken.append("layers")
        yield

    @contextlib.contextmanager
    def baseline(self, key: str, environment: EnvironmentId, *, until: Callable[[], bool]) -> Iterator[None]:
        assert not until(), "nothing to wait for"
        self.taken.append(f"{environment.name} baseline {key}")
        yield

    @contextlib.contextmanager
    def deployments(self, environment: EnvironmentId) -> Iterator[None]:
        self.taken.append(f"{environment.name} deployments")
        yield

    def discard(self, environment: EnvironmentId) -> None:
        self.discarded.append(environment)
