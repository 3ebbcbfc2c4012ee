"""``demo`` with what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from localenv.actions.demo import Demo, DemoResult
from localenv.actions.lifecycle import LifecycleResult
from localenv.adapters.demo_files import demo_directory, remove_demo_copy
from localenv.adapters.router.asking import answer_of
from localenv.adapters.tour_files import PROJECT as TOUR
from localenv.adapters.tour_files import TourFiles
from localenv.wiring.delivery import releases
from localenv.wiring.services import Services, services

__all__ = ["DemoHere", "demo"]

_SECONDS = 10.0
_BODY = 1024 * 1024


class DemoHere:
    """The demo of this installation. ``LOCALENV_DEMO_DIRECTORY`` names another copy of the shop, for tests beside a user's."""

    def __init__(self, told: Services) -> None:
        self.services = told
        self._demo = Demo(
            up=lambda: told.up,
            lifecycle=lambda: told.lifecycle,
            engine=told.engine,
            ledger=told.ledger,
            clock=told.clock,
            ask=self._ask,
        )
        chosen = told.place.variables.get("LOCALENV_DEMO_DIRECTORY")
        self.directory = str(Path(chosen).absolute()) if chosen else str(demo_directory(told.place.home))

    def up(self) -> DemoResult:
        """All tiers, checked."""
        return self._demo(self.directory)

    def down(self) -> Sequence[LifecycleResult]:
        """Remove all of it; the router too, when nothing else needs it."""
        told = self.services
        results = self._demo.down(told.project(self.directory).settings.project, actor=told.host.user())
        results += self.down_tour()
        if not told.ledger.records():
            told.router.stop()
        remove_demo_copy(told.place.home)
        return results

    def down_tour(self) -> Sequence[LifecycleResult]:
        """Remove what a tour has made: its environments, its releases, its copy of the shop."""
        told = self.services
        results = self._demo.down(TOUR, actor=told.host.user())
        releases(told).forget(TOUR)
        TourFiles(told.place.home / "demo", told.processes).remove()
        return results

    def _ask(self, host: str, path: str) -> tuple[int, bytes] | None:
        told = self.services
        settings = told.project(self.directory).settings
        return answer_of(
            host,
            path,
            port=told.router.status().https_port,
            authority=told.certificates.path(settings.domain),
            timeout=_SECONDS,
            limit=_BODY,
        )


@contextmanager
def demo() -> Iterator[DemoHere]:
    """For the command."""
    with services() as told:
        yield DemoHere(told)
