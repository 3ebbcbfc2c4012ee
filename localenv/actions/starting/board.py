"""What is known of the environment's containers while they start: told by the engine's events, looked at by many threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from localenv.core.observed import ContainerSeen, Observed
from localenv.ports.engine import ContainerEvent

__all__ = ["Board", "Replica"]


@dataclass(slots=True)
class Replica:
    """One container, as the last event left it. Read and written under the board's lock."""

    seen: ContainerSeen
    running: bool
    health: str
    exit_code: int | None
    exits: int = 0
    """Times it ended by itself since it was started here."""
    began: float | None = None
    """Monotonic time of its last start here."""
    touched: float = 0.0
    """Monotonic time of what was last noted about it: an older answer of the engine says nothing."""
    gone: bool = False
    stopping: bool = False

    @property
    def id(self) -> str:
        """Identifier on the engine."""
        return self.seen.id


class Board:
    """Replicas by identifier. ``version`` grows with whatever happens to one, so that nothing is missed between two looks."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._replicas: dict[str, Replica] = {}
        self.version = 0

    def wait_beyond(self, version: int, seconds: float) -> bool:
        """Wait until something happened after ``version``; false when time ran out."""
        with self._changed:
            return self._changed.wait_for(lambda: self.version > version, seconds)

    def _notify(self) -> None:
        self.version += 1
        self._changed.notify_all()

    def fill(self, observed: Observed, asked: float) -> None:
        """Take over what the engine said when it was asked, unless more is known since."""
        with self._changed:
            there = {seen.id: seen for seen in observed.without_runs().containers}
            for identifier in set(self._replicas) - set(there):
                self._replicas[identifier].gone = True
                del self._replicas[identifier]
            for identifier, seen in there.items():
                self._take(identifier, seen, asked)
            self._notify()

    def _take(self, identifier: str, seen: ContainerSeen, asked: float) -> None:
        running = seen.state in {"running", "paused"}
        known = self._replicas.get(identifier)
        if known is None:
            self._replicas[identifier] = Replica(seen=seen, running=running, health=seen.health, exit_code=seen.exit_code)
            return
        if known.touched >= asked:
            return
        known.seen, known.running = seen, running
        if running:
            known.health = seen.health
        elif seen.exit_code is not None:
            known.exit_code = seen.exit_code

    def apply(self, event: ContainerEvent, now: float) -> None:
        """Let one event change what is known."""
        with self._changed:
            replica = self._replicas.get(event.container)
            if replica is None:
                return
            replica.touched = now
            if event.action == "start":
                replica.running, replica.began = True, now
                replica.health = "starting" if replica.health != "none" else "none"
            elif event.action == "die":
                replica.running, replica.exit_code = False, event.exit_code
                replica.exits += 0 if replica.stopping else 1
            elif event.action == "health" and event.health is not None:
                replica.health = event.health
            elif event.action == "destroy":
                replica.gone, replica.running = True, False
                del self._replicas[event.container]
            self._notify()

    def starting(self, replica: Replica, now: float) -> None:
        """Note that a container is about to be started here."""
        with self._changed:
            replica.running, replica.exit_code, replica.exits, replica.stopping = True, None, 0, False
            replica.began = replica.touched = now
            replica.health = "starting" if replica.health != "none" else "none"

    def not_started(self, replica: Replica) -> None:
        """Note that it could not be started after all."""
        with self._changed:
            replica.running = False

    def stopping(self, identifier: str) -> None:
        """Note that a container is asked to end, so that its end is no crash."""
        with self._changed:
            if (replica := self._replicas.get(identifier)) is not None:
                replica.stopping = True

    def stopped(self, identifier: str, now: float) -> None:
        """Note that it has ended, whether or not its event has come."""
        with self._changed:
            if (replica := self._replicas.get(identifier)) is not None:
                replica.running, replica.touched = False, now
                self._notify()

    def of(self, service: str) -> tuple[Replica, ...]:
        """A service's replicas in the order of their numbers."""
        with self._changed:
            found = [replica for replica in self._replicas.values() if replica.seen.service == service]
        return tuple(sorted(found, key=lambda replica: (replica.seen.number, replica.seen.name)))

    def all(self) -> Iterator[Replica]:
        """Every replica."""
        with self._changed:
            return iter(tuple(self._replicas.values()))

    def wake(self) -> None:
        """Let everybody who waits look again."""
        with self._changed:
            self._notify()
