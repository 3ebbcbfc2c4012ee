"""The tour: its files, and the load that runs while production is replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localenv.adapters.router.load import SteadyLoad
from localenv.adapters.tour_files import TourFiles
from localenv.core.names import EnvironmentId
from localenv.ports.progress import Message, Progress
from localenv.wiring.demo import demo
from localenv.wiring.environments import services
from localenv.wiring.services import Services

__all__ = ["Services", "TourFiles", "begin", "load", "services"]

_EVERY = 0.5


def tour_files(told: Services) -> TourFiles:
    """The tour's copy of the shop."""
    return TourFiles(told.place.home / "demo", told.processes)


def begin() -> TourFiles:
    """A fresh copy of the shop, and nothing left of an earlier tour."""
    with demo() as here:
        here.down_tour()
        files = tour_files(here.services)
        files.begin()
        return files


def directory_of(told: Services) -> Path:
    """Where it is."""
    return tour_files(told).directory


@contextmanager
def load(told: Services, environment: str, progress: Progress) -> Iterator[SteadyLoad]:
    """Requests to an environment's URL from entering to leaving, counted on the screen meanwhile."""
    settings = told.project(str(directory_of(told))).settings
    host = EnvironmentId(project=settings.project, name=environment).host(settings.domain)
    port = told.router.status().https_port
    ended = threading.Event()
    with SteadyLoad(host, "/livez", port=port, authority=told.certificates.path(settings.domain)) as steady:

        def tell() -> None:
            while not ended.wait(_EVERY):
                progress.emit(Message(stage="load", text=_counted(steady), environment=environment))

        teller = threading.Thread(target=tell, name="localenv-load-teller", daemon=True)
        teller.start()
        try:
            yield steady
        finally:
            ended.set()
            teller.join()


def _counted(steady: SteadyLoad) -> str:
    return f"{steady.requests:,} requests, {steady.failed} failed"
