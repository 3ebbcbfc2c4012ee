"""Addresses and ports for an environment: kept when it has them, chosen under a lock when it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localenv.core.addresses import choose_ports, choose_subnets
from localenv.core.names import EnvironmentId
from localenv.core.observed import Observed
from localenv.core.wanted import Allocations, Exposure, NetworkWanted, Rewritten
from localenv.ports.engine import Engine
from localenv.ports.host import Host
from localenv.ports.state import Ledger, Locks

__all__ = ["Allocate", "port_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needs:
    networks: Mapping[str, NetworkWanted]
    ports: frozenset[str]


class Allocate:
    """Chooses from ``pool`` (CIDR); what is held stays, what is no longer needed is given back."""

    def __init__(self, engine: Engine, host: Host, ledger: Ledger, locks: Locks, *, pool: str) -> None:
        self._engine = engine
        self._host = host
        self._ledger = ledger
        self._locks = locks
        self._pool = pool

    def __call__(self, environment: EnvironmentId, rewritten: Rewritten, observed: Observed, *, keep: bool = True) -> Allocations:
        """Return what the environment holds from now on; with ``keep=False`` nothing is written (dry run).

        Raises ``LocalenvError`` (code ``addresses-exhausted``) when the pool has no room.
        """
        needs = _Needs(
            networks={network.name: network for network in rewritten.networks},
            ports=frozenset(port_key(exposure) for exposure in rewritten.exposures if _wants_port(exposure)),
        )
        held = _still_needed(self._held(environment, observed), needs)
        if _covers(held, needs):
            return held
        with self._locks.allocations():
            chosen = self._choose(environment, held, needs)
            if keep:
                self._ledger.allocate(environment, chosen)
        return chosen

    def _held(self, environment: EnvironmentId, observed: Observed) -> Allocations:
        """The ledger's word, and the engine's where the ledger has lost it."""
        told = self._ledger.allocations(environment)
        subnets = {network.name: network.subnet for network in observed.networks if network.subnet}
        return Allocations(subnets={**subnets, **told.subnets}, ports=told.ports)

    def _choose(self, environment: EnvironmentId, held: Allocations, needs: _Needs) -> Allocations:
        missing = {name: network for name, network in needs.networks.items() if name not in held.subnets}
        taken = (
            *self._engine.networks_in_use(),
            *self._host.reserved_networks(),
            *self._ledger.all_subnets().values(),
            *held.subnets.values(),
        )
        subnets = choose_subnets({name: network.static_addresses for name, network in missing.items()}, pool=self._pool, used=taken)
        others = {port for port, owner in self._ledger.all_ports().items() if not owner.startswith(f"{environment.compose_project} ")}
        ports = choose_ports(
            sorted(needs.ports - held.ports.keys()),
            used=self._host.used_ports() | self._engine.published_ports() | others | set(held.ports.values()),
        )
        return Allocations(subnets={**held.subnets, **subnets}, ports={**held.ports, **ports})


def port_key(exposure: Exposure) -> str:
    """``db:5432/tcp``: what a loopback port is remembered by."""
    return f"{exposure.service}:{exposure.port}/{'udp' if exposure.protocol == 'udp' else 'tcp'}"


def _wants_port(exposure: Exposure) -> bool:
    return exposure.protocol in {"tcp", "udp", "postgres"} and exposure.host_port is None


def _still_needed(held: Allocations, needs: _Needs) -> Allocations:
    return Allocations(
        subnets={name: cidr for name, cidr in held.subnets.items() if name in needs.networks},
        ports={key: port for key, port in held.ports.items() if key in needs.ports},
    )


def _covers(held: Allocations, needs: _Needs) -> bool:
    return held.subnets.keys() >= needs.networks.keys() and held.ports.keys() >= needs.ports
