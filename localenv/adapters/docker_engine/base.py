"""What every part of the engine shares: the API, the clock, whose objects these are, and waiting for a busy engine."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from localenv.adapters.docker_engine.api import Api, path
from localenv.adapters.docker_engine.failures import Busy, Gone
from localenv.core.labels import OWNER
from localenv.errors.engine import ForeignObject
from localenv.ports.clock import Clock

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["EnginePart"]

Given = TypeVar("Given")
Result = TypeVar("Result")

_WORKERS: Final = 8
_FULL_ID: Final = re.compile(r"[0-9a-f]{64}")


class EnginePart:
    """State shared by the parts; see ``engine.DockerEngine``."""

    def __init__(self, *, owner: str, api: Api, clock: Clock, patience: float) -> None:
        self.owner = owner
        self._api = api
        self._clock = clock
        self._patience = patience
        self._own_ids: set[str] = set()
        self._workers: ThreadPoolExecutor | None = None
        self._workers_lock = threading.Lock()

    def _own(self, container: str) -> str:
        """Return the ID of a container of this owner. Raises ``Gone`` or ``ForeignObject``.

        A container's labels never change and its ID is never used again, so one look at each ID is enough.
        """
        if container in self._own_ids:
            return container
        details = self._inspect(container)
        self._check_owner(details["Config"].get("Labels"), f"container {container}")
        return self._remember(str(details["Id"]))

    def _remember(self, container_id: str) -> str:
        if _FULL_ID.fullmatch(container_id):
            self._own_ids.add(container_id)
        return container_id

    def _inspect(self, container: str) -> dict[str, Any]:
        found: dict[str, Any] = self._api.call(
            "GET", path("containers", container, "json"), what=f"look at container {container}"
        )
        if container != found["Id"] and found.get("Name") != f"/{container}" and not found["Id"].startswith(container):
            raise Gone(f"there is no container {container}")
        return found

    def _check_owner(self, labels: Mapping[str, str] | None, what: str) -> None:
        if (labels or {}).get(OWNER) != self.owner:
            raise ForeignObject(
                f"{what} was not made by this installation of localenv: it is left alone",
                hints=("remove or rename it yourself if it is in the way",),
            )

    def _when_free(self, call: Callable[[], Result]) -> Result:
        """Call again while the engine says that the object is busy; raise the last ``Busy`` when patience ends."""
        end, pause = self._clock.monotonic() + self._patience, 0.02
        while True:
            try:
                return call()
            except Busy:
                if self._clock.monotonic() >= end:
                    raise
            self._clock.pause(pause)
            pause = min(pause * 2, 0.5)

    def _side_by_side(self, call: Callable[[Given], Result], items: Iterable[Given]) -> list[Result]:
        """Map over a few workers, each with its own connection; one item needs none."""
        given = list(items)
        if len(given) < 2:  # noqa: PLR2004 - several
            return [call(item) for item in given]
        with self._workers_lock:
            if self._workers is None:
                from concurrent.futures import ThreadPoolExecutor

                self._workers = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="engine")
        return list(self._workers.map(call, given))
