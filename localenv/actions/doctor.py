"""Looking at this machine: what localenv needs, how it is, and how to mend it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from localenv.errors import LocalenvError
from localenv.ports.compose import Compose
from localenv.ports.engine import Engine, EngineInfo
from localenv.ports.host import Host
from localenv.ports.router import Router
from localenv.ports.state import Ledger
from localenv.values import dataclass

__all__ = ["Doctor", "Finding"]

_BLOCK_PREFIX = 27
_LOW_DISK = 5 * 1024**3
_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of ``doctor``."""

    subject: str
    state: Literal["ok", "look", "mend"]
    """``look``: works, but a person may want to know; ``mend``: something will fail."""
    text: str
    fix: str | None = None


class Doctor:
    """Runs every check; one that cannot be made is a finding, never the end of the others."""

    def __init__(  # noqa: PLR0913 - everything that is looked at
        self,
        engine: Engine,
        compose: Compose,
        host: Host,
        router: Router,
        ledger: Ledger,
        *,
        pool: str,
        home: str,
        trust: Callable[[], Iterator[Finding]],
        more: Mapping[str, Callable[[], Iterator[Finding]]] | None = None,
        holder: Callable[[int], str | None] = lambda _port: None,
    ) -> None:
        """``more``: further checks by subject; ``holder`` says who has a port of the loopback address."""
        self._engine = engine
        self._compose = compose
        self._host = host
        self._router = router
        self._ledger = ledger
        self._pool = pool
        self._home = home
        self._trust = trust
        self._more = more or {}
        self._holder = holder

    def __call__(self) -> Iterator[Finding]:
        """Yield each finding as soon as it is known."""
        yield from self._told("engine", self._look_at_engine)
        yield from self._told("compose", self._look_at_compose)
        for subject, look in self._more.items():
            yield from self._told(subject, look)
        yield from self._told("router", self._look_at_router)
        yield from self._told("names", self._look_at_names)
        yield from self._told("trust", self._trust)
        yield from self._told("addresses", self._look_at_addresses)
        yield from self._told("disk", self._look_at_disk)

    def _told(self, subject: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
        try:
            yield from look()
        except LocalenvError as error:
            yield Finding(subject=subject, state="mend", text=error.message, fix=next(iter(error.hints), None))

    def _look_at_engine(self) -> Iterator[Finding]:
        info = self._engine.info()
        reach = "native Linux" if info.native_linux else "reached through published ports"
        yield Finding(
            subject="engine", state="ok", text=f"Docker {info.version}, {reach}, {info.storage_driver}, {_machine(info)}"
        )

    def _look_at_compose(self) -> Iterator[Finding]:
        yield Finding(subject="compose", state="ok", text=self._compose.version())

    def _look_at_router(self) -> Iterator[Finding]:
        status = self._router.status()
        where = f"https {status.https_port}, http {status.http_port}, {status.mode} mode"
        if status.state == "running":
            yield Finding(
                subject="router",
                state="ok",
                text=f"Traefik {status.version.removeprefix('v')} on {where}, {_counted(len(status.environments))}",
            )
        elif status.state == "failed":
            yield Finding(
                subject="router", state="mend", text="; ".join(status.details) or "does not run", fix="localenv router up"
            )
        elif held := [(port, found) for port in (status.http_port, status.https_port) if (found := self._holder(port))]:
            yield Finding(
                subject="router",
                state="look",
                text="; ".join(f"port {port} is used by {found}" for port, found in held) + ": the next free pair is taken",
                fix="stop it, or choose: localenv router up --http-port 8080 --https-port 8443",
            )
        else:
            yield Finding(subject="router", state="ok", text=f"{status.state}: starts with the first environment, on {where}")

    def _look_at_names(self) -> Iterator[Finding]:
        addresses = self._host.resolves("localenv-check.localhost")
        if addresses and all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses):
            yield Finding(subject="names", state="ok", text="*.localhost resolves to this machine for every program")
        else:
            yield Finding(
                subject="names",
                state="look",
                text="curl, Chrome and Firefox resolve *.localhost; Python, Node and Java here do not",
                fix="localenv hosts --write",
            )

    def _look_at_addresses(self) -> Iterator[Finding]:
        pool = ipaddress.ip_network(self._pool)
        held = self._ledger.all_subnets()
        foreign = {*self._host.reserved_networks(), *self._engine.networks_in_use()} - set(held.values())
        clashes = sorted(cidr for cidr in foreign if _meets(cidr, self._pool))
        total = 2 ** (_BLOCK_PREFIX - pool.prefixlen)
        used = sum(max(1, ipaddress.ip_network(cidr).num_addresses // 2 ** (32 - _BLOCK_PREFIX)) for cidr in held.values())
        text = f"{self._pool}: {total - used:,} of {total:,} blocks left"
        if clashes:
            yield Finding(
                subject="addresses",
                state="look",
                text=f"{text}; used by others too: {', '.join(clashes[:3])}",
                fix="set LOCALENV_ADDRESS_POOL",
            )
        else:
            yield Finding(subject="addresses", state="ok", text=text)

    def _look_at_disk(self) -> Iterator[Finding]:
        root = self._engine.info().root_directory
        free = min(self._host.free_bytes(self._home), self._host.free_bytes(root))
        state: Literal["ok", "mend"] = "mend" if free < _LOW_DISK else "ok"
        fix = "docker image prune and docker builder prune free what nothing uses" if state == "mend" else None
        yield Finding(subject="disk", state=state, text=f"{free / _GIB:.0f} GB free", fix=fix)


def _meets(cidr: str, pool: str) -> bool:
    one, other = ipaddress.ip_network(cidr), ipaddress.ip_network(pool)
    return isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network) and one.overlaps(other)


def _counted(environments: int) -> str:
    return "1 environment" if environments == 1 else f"{environments} environments"


def _machine(info: EngineInfo) -> str:
    return f"{info.cpus} CPUs, {info.memory / _GIB:.0f} GB"
