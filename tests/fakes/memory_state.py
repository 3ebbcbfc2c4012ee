"""What the parts of the in-memory engine share: its objects, whose they are, who listens."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

from localenv.adapters.docker_engine.failures import Gone
from localenv.core import labels as label
from localenv.core.wanted import ImageDetails
from localenv.errors import LocalenvError
from localenv.errors.engine import ForeignObject
from localenv.ports.engine import ContainerEvent
from tests.fakes.memory_objects import (
    BUILT_IN_PROGRAMS,
    Behaviour,
    MemoryContainer,
    MemoryNetwork,
    MemoryVolume,
    Program,
)

__all__ = ["MemoryState", "now"]

_IDENTITY = (label.PROJECT, label.ENVIRONMENT, label.CLASSIFICATION)


class MemoryState:
    """Objects by name or ID, the owner's rule, subscribers."""

    def __init__(self, owner: str = "test", *, native_linux: bool = True) -> None:
        self.owner = owner
        self.containers: dict[str, MemoryContainer] = {}
        self.networks: dict[str, MemoryNetwork] = {}
        self.volumes: dict[str, MemoryVolume] = {}
        self.images: dict[str, ImageDetails] = {}
        self.programs: dict[str, Program] = dict(BUILT_IN_PROGRAMS)
        self.calls: list[tuple[str, ...]] = []
        """Every change that was made: the method's name and its target."""
        self._behaviours: dict[str, Behaviour] = {}
        self._subscribers: list[tuple[Mapping[str, str], queue.SimpleQueue[ContainerEvent | None]]] = []
        self._native_linux = native_linux
        self._lock = threading.RLock()
        self._serial = 0

    def _container(self, container: str) -> MemoryContainer:
        if container in self.containers:
            return self.containers[container]
        for found in self.containers.values():
            if found.name == container:
                return found
        raise Gone(f"there is no container {container}")

    def _own(self, container: str) -> MemoryContainer:
        found = self._container(container)
        self._check_owner(found.labels, f"container {container}")
        return found

    def _check_owner(self, labels: Mapping[str, str], what: str) -> None:
        if labels.get(label.OWNER) != self.owner:
            raise ForeignObject(f"{what} was not made by this installation of localenv")

    def _check_same(self, found: Mapping[str, str], wanted: Mapping[str, str], what: str) -> None:
        self._check_owner(found, what)
        if any(key in wanted and found.get(key) != wanted[key] for key in _IDENTITY):
            raise LocalenvError(f"{what} is there with other labels", code="object-differs")

    def _note(self, *call: str) -> None:
        self.calls.append(call)

    def _tell(self, event: ContainerEvent) -> None:
        for labels, mailbox in self._subscribers:
            if labels.items() <= event.labels.items():
                mailbox.put(event)

    def _new_id(self, name: str) -> str:
        self._serial += 1
        return sha256(f"{self._serial} {name}".encode()).hexdigest()


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
