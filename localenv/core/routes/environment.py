"""One environment's route file: its hostnames, and the replicas that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localenv.core.names import EnvironmentId
from localenv.core.routes.common import (
    INSECURE,
    REDIRECT,
    RETRY,
    RETRY_REPLICAS,
    TRANSPORT,
    guarded,
    revision_of,
    revision_router,
)
from localenv.core.routes.layout import Layout
from localenv.core.routes.rules import checked_backend, checked_header, checked_host, client_in, harmless, host_in, server_name_in
from localenv.core.wanted import Exposure
from localenv.values import dataclass

__all__ = ["ROUTES_FORMAT", "KeyPair", "RouteFile", "Served", "certificate_names", "environment_routes", "hosts_of"]

ROUTES_FORMAT = 2
"""Of what is made of an exposure: another number has the files of an older localenv written anew."""
_PASSIVE_FAILURES = 1
"""More would let a request that was just refused by a dead replica be sent to it again, for another dial timeout."""
_PASSIVE_WINDOW = "500ms"
"""How long a replica is left out. Traefik takes a 500 of the application itself for a failure, and a dial that a busy machine
did not manage in time: when both replicas are out it answers 503 until this has passed, so it is shorter than a request is
tried again (``RETRY_REPLICAS``). It is longer than a dial and the first pause together: else a request that a dead replica
has cost a dial meets it once more, which took 0.85 s with 200 ms. A dead replica costs one request of 0.3 s each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An exposure and where its replicas answer: host and port as the router dials them."""

    exposure: Exposure
    backends: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """Paths of a certificate and its key, as the router sees them."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFile:
    """Content of a route file; ``revision`` is the hash of it."""

    revision: str
    content: dict[str, Any]


def hosts_of(exposure: Exposure) -> tuple[str, ...]:
    """All hostnames of an exposure; none for one that Docker publishes on the loopback address."""
    if exposure.host is None or exposure.protocol in {"tcp", "udp"}:
        return ()
    return tuple(dict.fromkeys((exposure.host, *exposure.aliases)))


def certificate_names(environment: EnvironmentId, domain: str, exposures: Sequence[Exposure]) -> tuple[str, ...]:
    """Names in an environment's certificate: its own, a wildcard under it, and what the wildcard does not cover."""
    own = checked_host(environment.host(domain))
    hosts = {checked_host(host) for exposure in exposures for host in hosts_of(exposure)}
    others = {host for host in hosts if host != own and host.partition(".")[2] != own}
    return (own, f"*.{own}", *sorted(others))


def environment_routes(
    environment: EnvironmentId,
    domain: str,
    served: Sequence[Served],
    layout: Layout,
    *,
    keys: KeyPair,
    inside: tuple[str, ...] = (),
) -> RouteFile:
    """The route file of one environment. ``inside``: blocks of addresses whose containers may use its hostnames.

    Raises ``InvalidInput`` for a name that is no hostname or could be executed by the router.
    """
    prefix = environment.compose_project
    http = _Http(layout=layout, inside=inside)
    tcp = _Tcp(layout=layout)
    for item in served:
        if hosts := hosts_of(item.exposure):
            name = f"{prefix}.{item.exposure.service}.{item.exposure.port}"
            (tcp if item.exposure.protocol == "postgres" else http).add(name, hosts, item)
    content: dict[str, Any] = {"tls": {"certificates": [{"certFile": keys.certificate, "keyFile": keys.key}]}}
    content["http"] = http.content(prefix)
    if tcp.services:
        content["tcp"] = {"routers": tcp.routers, "services": tcp.services}
    harmless(content)
    revision = revision_of(content)
    content["http"]["routers"][f"{prefix}.revision"] = revision_router(layout, environment.host(domain), revision)
    return RouteFile(revision=revision, content=content)


class _Http:
    """Collects the HTTP half of a route file."""

    def __init__(self, *, layout: Layout, inside: tuple[str, ...]) -> None:
        self.layout = layout
        self.inside = inside
        self.hosts: list[str] = []
        self.routers: dict[str, Any] = {}
        self.services: dict[str, Any] = {}
        self.middlewares: dict[str, Any] = {}

    def add(self, name: str, hosts: Sequence[str], item: Served) -> None:
        """Route ``hosts`` to the replicas of ``item``."""
        self.hosts += hosts
        self.services[name] = {"loadBalancer": _balancer(item)}
        retry = RETRY_REPLICAS if len(item.backends) > 1 else RETRY
        router: dict[str, Any] = {"middlewares": [retry], "service": name, "tls": {}}
        if item.exposure.host_header:
            self.middlewares[name] = {"headers": {"customRequestHeaders": {"Host": checked_header(item.exposure.host_header)}}}
            router["middlewares"] = [retry, name]
        rule = host_in(hosts)
        self.routers[name] = {
            "rule": guarded(self.layout, rule, self.inside),
            "entryPoints": list(self.layout.https()),
            **router,
        }
        if self.layout.inside and self.inside:
            self.routers[f"{name}.inside"] = {
                "rule": f"{rule} && {client_in(self.inside)}",
                "entryPoints": ["inside-https"],
                **router,
            }

    def content(self, prefix: str) -> dict[str, Any]:
        """The finished section, with the redirect from plain HTTP."""
        if self.hosts:
            rule = host_in(sorted(set(self.hosts)))
            to = {"middlewares": [REDIRECT], "service": "noop@internal"}
            self.routers[f"{prefix}.redirect"] = {
                "rule": guarded(self.layout, rule),
                "entryPoints": list(self.layout.http()),
                **to,
            }
            if self.layout.inside and self.inside:
                inside_rule = f"{rule} && {client_in(self.inside)}"
                self.routers[f"{prefix}.redirect.inside"] = {"rule": inside_rule, "entryPoints": ["inside-http"], **to}
        content: dict[str, Any] = {"routers": self.routers}
        if self.services:
            content["services"] = self.services
        if self.middlewares:
            content["middlewares"] = self.middlewares
        return content


def _balancer(item: Served) -> dict[str, Any]:
    https = item.exposure.protocol == "https"
    scheme = "https" if https else "http"
    balancer: dict[str, Any] = {
        "servers": [{"url": f"{scheme}://{checked_backend(host)}:{port}"} for host, port in item.backends],
        "passHostHeader": True,
        "serversTransport": INSECURE if https else TRANSPORT,
    }
    if len(item.backends) > 1:
        balancer["passiveHealthCheck"] = {"maxFailedAttempts": _PASSIVE_FAILURES, "failureWindow": _PASSIVE_WINDOW}
    return balancer


class _Tcp:
    """Collects the PostgreSQL half: the router answers STARTTLS and speaks plainly to the container."""

    def __init__(self, *, layout: Layout) -> None:
        self.layout = layout
        self.routers: dict[str, Any] = {}
        self.services: dict[str, Any] = {}

    def add(self, name: str, hosts: Sequence[str], item: Served) -> None:
        """Route connections that ask for one of ``hosts``."""
        servers = [{"address": f"{checked_backend(host)}:{port}"} for host, port in item.backends]
        self.services[name] = {"loadBalancer": {"servers": servers}}
        self.routers[name] = {
            "rule": guarded(self.layout, server_name_in(hosts)),
            "entryPoints": list(self.layout.postgres()),
            "service": name,
            "tls": {},
        }
