"""Handing an environment's hostnames to the router, and asking through it."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace

from localenv.actions.executor.ports import Ports, Routes
from localenv.actions.starting import Session
from localenv.core.plan.rolling_steps import ShareRoute
from localenv.core.plan.steps import ConfirmRoute, ProbeUrl, PublishRoute, WithdrawRoute
from localenv.errors import LocalenvError
from localenv.ports.progress import Message
from localenv.ports.router import Route

__all__ = ["Serving"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_GATEWAY_ERRORS = frozenset({502, 503, 504})
_SERVER_ERROR = 500
_SERVED_SECONDS = 60.0
"""A router that runs reads a new file in a second, in six on a machine that is overloaded; one that is gone never does."""
_OWN_ERROR_SECONDS = 10.0
"""Seconds that a service may answer with an error of its own before that is taken for its answer."""


class Serving:
    """Steps that concern the router."""

    def __init__(self, ports: Ports, session: Session, routes: Routes | None, timeout: float) -> None:
        self.status: int | None = None
        """What the environment's URL answered last."""
        self.seconds = 0.0
        """From handing the hostnames over until the router served them."""
        self._ports = ports
        self._session = session
        self._routes = routes
        self._timeout = timeout
        self._revision: str | None = None
        self._cancelled = False
        self._preparing: threading.Thread | None = None

    def cancel(self) -> None:
        """End the asking."""
        self._cancelled = True

    def prepare(self, step: PublishRoute) -> None:
        """Have the certificate made while containers start, and return at once. What fails here fails again in ``publish``."""

        def make() -> None:
            with suppress(Exception):
                self._ports.router.prepare(self._session.environment, step.domain, step.exposures)

        self._preparing = threading.Thread(target=make, name="localenv-certificate", daemon=True)
        self._preparing.start()

    def withdraw(self, step: WithdrawRoute) -> None:
        """Take the hostnames from the router."""
        del step
        self._ports.router.withdraw(self._session.environment)

    def publish(self, step: PublishRoute) -> None:
        began = self._ports.clock.monotonic()
        if self._preparing is not None:
            self._preparing.join()
        self._session.refresh()
        self._hand_over(step, self._served(step.leaving))
        self.seconds += self._ports.clock.monotonic() - began

    def share(self, step: ShareRoute) -> None:
        """Add the new containers to those that get requests; of the old ones only what the router has had."""
        began = self._ports.clock.monotonic()
        self._session.refresh()
        known = self._ports.router.backends(self._session.environment)
        routes = tuple(
            replace(both, backends=tuple(item for item in both.backends if item in new.backends or item in known))
            for both, new in zip(self._served(()), self._served(step.leaving), strict=True)
        )
        self._hand_over(step, routes)
        self.seconds += self._ports.clock.monotonic() - began

    def _served(self, leaving: tuple[str, ...]) -> tuple[Route, ...]:
        if self._routes is None:
            raise TypeError("routes are published from a model, and there is none")
        return self._routes(tuple(replica.seen for replica in self._session.board.all() if replica.id not in leaving))

    def _hand_over(self, step: PublishRoute, routes: tuple[Route, ...]) -> None:
        self._revision = self._ports.router.publish(self._session.environment, step.domain, routes, inside=step.inside)

    def confirm(self, step: ConfirmRoute) -> None:
        revision = self._revision or self._ports.router.published(self._session.environment)
        began = self._ports.clock.monotonic()
        if revision is None or self._ports.router.confirm(
            self._session.environment, step.domain, revision, min(self._timeout, _SERVED_SECONDS)
        ):
            self.seconds += self._ports.clock.monotonic() - began
            return
        raise LocalenvError(
            f"the router does not serve {self._session.environment}",
            code="router-unconfirmed",
            hints=("localenv router status", "localenv router logs"),
        )

    def probe(self, step: ProbeUrl) -> None:
        """Ask until it stops failing. What it answers in the end is told, and is no failure of the start."""
        began = self._ports.clock.monotonic()
        patience = min(step.patience, self._timeout)
        pause = _FIRST_PAUSE
        while True:
            self.status = self._ports.router.probe(step.host, step.path, 5.0)
            now = self._ports.clock.monotonic()
            if not self._failing(now - began) or now - began >= patience or self._cancelled:
                break
            self._ports.clock.pause(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        answer = f"answers {self.status}" if self.status is not None else "does not answer"
        self._ports.progress.emit(
            Message(
                stage="router",
                text=f"https://{step.host} {answer}",
                seconds=now - began,
                environment=self._session.environment.name,
            )
        )

    def _failing(self, waited: float) -> bool:
        if self.status is None or self.status in _GATEWAY_ERRORS:
            return True
        return self.status >= _SERVER_ERROR and waited < _OWN_ERROR_SECONDS
