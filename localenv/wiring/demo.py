"""``demo`` with what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from localenv.actions.demo import Demo, DemoResult
from localenv.actions.lifecycle import LifecycleResult
from localenv.adapters.demo_files import demo_directory, remove_demo_copy
from localenv.adapters.router.asking import answer_of
from localenv.adapters.tour_files import PROJECT as TOUR
from localenv.adapters.tour_files import TourFiles
from localenv.core.summary import summarise
from localenv.wiring.delivery import releases
from localenv.wiring.services import Services, services

__all__ = ["DemoHere", "demo", "is_of_the_tour"]

_SECONDS = 10.0
_BODY = 1024 * 1024


def is_of_the_tour(places: Iterable[str], directory: Path) -> bool:
    """Whether what bears the tour's name is of the tour's ``directory``, and not of a person's project that is called so.

    ``places``: directories of the environments of that name.
    """
    known = {Path(place).resolve() for place in places if place}
    return known == {directory.resolve()} if known else directory.is_dir()


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
        """Remove what a tour has made: its environments, its releases, its copy of the shop. A project of that name is spared."""
        told = self.services
        files = TourFiles(told.place.home / "demo", told.processes)
        results: Sequence[LifecycleResult] = ()
        recorded = {record.id: record.origin or record.directory for record in told.ledger.records() if record.id.project == TOUR}
        seen = {summary.id: summary.directory for summary in summarise(told.engine.observe(TOUR, details=False))}
        if is_of_the_tour({**seen, **recorded}.values(), files.directory):
            results = self._demo.down(TOUR, actor=told.host.user())
            releases(told).forget(TOUR)
        files.remove()
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
