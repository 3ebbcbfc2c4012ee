"""``ports.router.Router`` with Traefik and its file provider."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from localenv.adapters.router.asking import status_of
from localenv.adapters.router.container import INSIDE_PATH, RouterContainer, state_of
from localenv.adapters.router.files import Published, RouterFiles
from localenv.adapters.router.remembered import Remembered, recall
from localenv.adapters.router.starting import Starting
from localenv.core.names import EnvironmentId
from localenv.core.routes.common import revision_of, revision_path
from localenv.core.routes.environment import (
    ROUTES_FORMAT,
    KeyPair,
    RouteFile,
    Served,
    certificate_names,
    environment_routes,
    hosts_of,
)
from localenv.core.routes.layout import ROUTER_IMAGE
from localenv.core.routes.ports import PortWishes
from localenv.core.wanted import Exposure
from localenv.errors import Unavailable
from localenv.ports.certificates import Certificates
from localenv.ports.clock import Clock
from localenv.ports.engine import Engine
from localenv.ports.router import Backend, Route, RouterStatus
from localenv.ports.state import Ledger

__all__ = ["TraefikRouter"]

_RENEW_BEFORE = timedelta(days=30)
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.1
_ASK_SECONDS = 2.0


class TraefikRouter:
    """One Traefik for all environments of this installation.

    ``directory`` is the router's folder in the state directory; ``free_subnet`` gives a small block of addresses that
    nothing uses; ``provide_image`` is called with the image's reference when the engine does not have it.
    """

    def __init__(  # noqa: PLR0913 - everything that it stands on, handed in once by the wiring
        self,
        *,
        engine: Engine,
        certificates: Certificates,
        ledger: Ledger,
        clock: Clock,
        directory: Path,
        free_subnet: Callable[[], str],
        provide_image: Callable[[str], None] | None = None,
        wishes: PortWishes | None = None,
        image: str = ROUTER_IMAGE,
    ) -> None:
        self._certificates = certificates
        self._ledger = ledger
        self._clock = clock
        self._files = RouterFiles(directory)
        self._wishes = wishes or PortWishes()
        self._container = RouterContainer(engine=engine, directory=directory, image=image, free_subnet=free_subnet)
        self._starting = Starting(
            engine=engine,
            certificates=certificates,
            ledger=ledger,
            clock=clock,
            files=self._files,
            container=self._container,
            provide_image=provide_image,
        )

    # --- the router itself --------------------------------------------------------------------------------------------

    def ensure(self, *, mode: str = "auto", inside: bool = False, ports: tuple[int, int] | None = None) -> RouterStatus:
        """See the port. Running and as wanted, it costs one call to the engine."""
        wishes = self._wishes
        if ports is not None:
            wishes = PortWishes(http=ports[0], https=ports[1], postgres=wishes.postgres)
        notes = self._starting.ensure(mode=mode, inside=inside, wishes=wishes)
        return self._status(recall(self._ledger), "running", notes)

    def status(self) -> RouterStatus:
        """See the port."""
        seen = self._container.seen()
        state = state_of(seen)
        details = self._container.last_lines(5) if state == "failed" else ()
        return self._status(recall(self._ledger), state, details)

    def stop(self) -> None:
        """Remove the container and its networks; route files stay for the next start."""
        self._container.remove_all()

    def logs(self, tail: int) -> tuple[str, ...]:
        """See the port."""
        return self._container.last_lines(tail)

    def inside_address(self) -> str | None:
        """See the port; ``None`` in attached mode too, where the router has another address in each network."""
        remembered = recall(self._ledger)
        return remembered.layout.inside if remembered else None

    def _status(self, remembered: Remembered | None, state: str, details: tuple[str, ...]) -> RouterStatus:
        layout = remembered.layout if remembered else None
        return RouterStatus(
            state=state,  # type: ignore[arg-type]  # one of the words of ``state_of``
            mode=layout.mode if layout else "host",
            http_port=layout.http_port if layout else self._wishes.http or 80,
            https_port=layout.https_port if layout else self._wishes.https or 443,
            postgres_port=layout.postgres_port if layout else None,
            version=self._container.image.rpartition(":")[2],
            environments=tuple(self._files.names()),
            details=details,
        )

    # --- environments -------------------------------------------------------------------------------------------------

    def prepare(self, environment: EnvironmentId, domain: str, exposures: tuple[Exposure, ...]) -> None:
        """See the port."""
        self._certificates.leaf(environment.compose_project, domain, certificate_names(environment, domain, exposures))

    def publish(self, environment: EnvironmentId, domain: str, routes: tuple[Route, ...], *, inside: tuple[str, ...] = ()) -> str:
        """See the port. Raises ``InvalidInput`` for names that could not be given to the router."""
        remembered = self._remembered()
        before = self._unchanged(environment, self._inputs(domain, routes, inside, remembered))
        if before is None:
            before = self._write(environment, domain, routes, inside, remembered)
        if remembered.layout.mode == "attached":
            self._container.join(before.networks, before.aliases)
        return before.revision

    def is_current(
        self, environment: EnvironmentId, domain: str, routes: tuple[Route, ...], *, inside: tuple[str, ...] = ()
    ) -> bool:
        """See the port."""
        remembered = recall(self._ledger)
        if remembered is None:
            return False
        found = self._unchanged(environment, self._inputs(domain, routes, inside, remembered))
        return found is not None and (remembered.layout.mode == "host" or self._container.stands_in(found.networks))

    def _unchanged(self, environment: EnvironmentId, inputs: str) -> Published | None:
        """The route file that is there, when it was made from ``inputs`` and its certificate is there and lasts."""
        name = environment.compose_project
        found = self._files.read(name)
        if found is None or found.inputs != inputs or found.renew <= self._now() or not self._files.has_certificate(name):
            return None
        return found

    def _write(
        self,
        environment: EnvironmentId,
        domain: str,
        routes: tuple[Route, ...],
        inside: tuple[str, ...],
        remembered: Remembered,
    ) -> Published:
        name = environment.compose_project
        names = certificate_names(environment, domain, [route.exposure for route in routes])
        leaf = self._certificates.leaf(name, domain, names)
        keys = KeyPair(certificate=f"{INSIDE_PATH}/certificates/{leaf.certificate}", key=f"{INSIDE_PATH}/certificates/{leaf.key}")
        attached = remembered.layout.mode == "attached"
        file: RouteFile = environment_routes(environment, domain, _served(routes), remembered.layout, keys=keys, inside=inside)
        published = Published(
            revision=file.revision,
            inputs=self._inputs(domain, routes, inside, remembered),
            mode=remembered.layout.mode,
            renew=_earlier(leaf.expires),
            networks=_networks(routes) if attached else (),
            aliases=_hosts(routes) if attached and inside else (),
            backends=tuple(sorted({f"{backend.host}:{backend.port}" for route in routes for backend in route.backends})),
        )
        self._files.write(environment, published, file.content)
        self._certificates.discard_older(name, leaf)
        return published

    def published(self, environment: EnvironmentId) -> str | None:
        """See the port."""
        found = self._files.read(environment.compose_project)
        return found.revision if found else None

    def backends(self, environment: EnvironmentId) -> frozenset[Backend]:
        """See the port."""
        found = self._files.read(environment.compose_project)
        pairs = (text.rpartition(":") for text in found.backends) if found else ()
        return frozenset(Backend(host=host, port=int(port)) for host, _, port in pairs)

    def confirm(self, environment: EnvironmentId, domain: str, revision: str, timeout: float) -> bool:
        """See the port. Asked on the loopback address with the environment's own name and certificate."""
        host, path = environment.host(domain), revision_path(revision)
        authority, port = self._certificates.path(domain), self._remembered().layout.https_port
        end, pause = self._clock.monotonic() + timeout, _FIRST_PAUSE
        while True:
            left = end - self._clock.monotonic()
            if left <= 0:
                return False
            if status_of(host, path, port=port, authority=authority, timeout=min(left, _ASK_SECONDS)) == 200:  # noqa: PLR2004 - OK
                return True
            self._clock.pause(min(pause, max(end - self._clock.monotonic(), 0)))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def withdraw(self, environment: EnvironmentId) -> None:
        """See the port."""
        before = self._files.read(environment.compose_project)
        self._files.remove(environment.compose_project)
        self._certificates.forget(environment.compose_project)
        remembered = recall(self._ledger)
        if before and remembered and remembered.layout.mode == "attached":
            self._container.leave(before.networks)

    def probe(self, host: str, path: str, timeout: float) -> int | None:
        """See the port. Only this installation's authority is trusted; a redirect is an answer and not followed."""
        remembered = recall(self._ledger)
        authority = self._authority_of(host)
        if remembered is None or authority is None:
            return None
        return status_of(host, path, port=remembered.layout.https_port, authority=authority, timeout=timeout)

    def _authority_of(self, host: str) -> str | None:
        labels = host.split(".")
        paths = (self._certificates.path(".".join(labels[start:])) for start in range(1, len(labels)))
        return next((path for path in paths if Path(path).exists()), None)

    def _remembered(self) -> Remembered:
        remembered = recall(self._ledger)
        if remembered is None:
            raise Unavailable("the router was never started here", hints=("localenv router up",))
        return remembered

    def _inputs(self, domain: str, routes: Sequence[Route], inside: tuple[str, ...], remembered: Remembered) -> str:
        """Hash of what a route file is made from, without reading a certificate."""
        authority = Path(self._certificates.path(domain))
        return revision_of(
            {
                "format": ROUTES_FORMAT,
                "domain": domain,
                "routes": repr(routes),
                "inside": inside,
                "layout": repr(remembered.layout),
                "authority": authority.read_text() if authority.exists() else "",
            }
        )

    def _now(self) -> str:
        return self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _served(routes: Sequence[Route]) -> list[Served]:
    return [
        Served(exposure=route.exposure, backends=tuple((backend.host, backend.port) for backend in route.backends))
        for route in routes
    ]


def _networks(routes: Sequence[Route]) -> tuple[str, ...]:
    return tuple(sorted({route.network for route in routes if route.network is not None and route.exposure.host is not None}))


def _hosts(routes: Sequence[Route]) -> tuple[str, ...]:
    return tuple(sorted({host for route in routes for host in hosts_of(route.exposure)}))


def _earlier(expires: str) -> str:
    """When a certificate that ends at ``expires`` is to be made anew."""
    return (datetime.fromisoformat(expires) - _RENEW_BEFORE).strftime("%Y-%m-%dT%H:%M:%SZ")
