"""Addresses and ports for an environment: kept when it has them, chosen under a lock when it does not."""

from __future__ import annotations

from collections.abc import Mapping

from localenv.core.addresses import choose_ports, choose_subnets
from localenv.core.names import EnvironmentId
from localenv.core.observed import Observed
from localenv.core.wanted import Allocations
from localenv.ports.engine import Engine
from localenv.ports.host import Host
from localenv.ports.state import Ledger, Locks
from localenv.values import dataclass

__all__ = ["Allocate", "Needs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the rewritten model asks for: prefix length by network name, keys of loopback ports."""

    subnets: Mapping[str, int]
    ports: tuple[str, ...]


class Allocate:
    """Chooses from ``pool`` (CIDR); what is held stays, what is no longer needed is given back."""

    def __init__(self, engine: Engine, host: Host, ledger: Ledger, locks: Locks, *, pool: str) -> None:
        self._engine = engine
        self._host = host
        self._ledger = ledger
        self._locks = locks
        self._pool = pool

    def __call__(self, environment: EnvironmentId, needs: Needs, observed: Observed, *, keep: bool = True) -> Allocations:
        """Return what the environment holds from now on; with ``keep=False`` nothing is written (dry run).

        Raises ``AddressRangeExhausted`` when nothing is free.
        """
        told = self._ledger.allocations(environment)
        held = self._held(told, observed)
        if told == held and _fits(held, needs):
            return held
        with self._locks.allocations():
            chosen = self._choose(environment, held, needs)
            if keep:
                self._ledger.allocate(environment, chosen)
        return chosen

    def release_port(self, environment: EnvironmentId, port: int) -> bool:
        """Give one loopback port back, because something else on this machine has taken it; whether it was held."""
        with self._locks.allocations():
            held = self._ledger.allocations(environment)
            ports = {key: number for key, number in held.ports.items() if number != port}
            self._ledger.allocate(environment, Allocations(subnets=held.subnets, ports=ports))
        return len(ports) < len(held.ports)

    def _held(self, told: Allocations, observed: Observed) -> Allocations:
        """The ledger's word, and the engine's where the ledger has lost it."""
        subnets = {network.name: network.subnet for network in observed.networks if network.subnet}
        ports = {
            f"{container.service}:{port}/{protocol}": number
            for container in observed.containers
            for port, protocol, _address, number in container.ports
        }
        return Allocations(subnets={**subnets, **told.subnets}, ports={**ports, **told.ports})

    def _choose(self, environment: EnvironmentId, held: Allocations, needs: Needs) -> Allocations:
        own = {*held.subnets.values()}
        others = [cidr for cidr in self._ledger.all_subnets().values() if cidr not in own]
        in_use = [cidr for cidr in (*self._engine.networks_in_use(), *self._host.reserved_networks()) if cidr not in own]
        subnets = choose_subnets(needs.subnets, held=held.subnets, used=(*in_use, *others, *own), pool=self._pool)
        taken = {
            port for port, owner in self._ledger.all_ports().items() if not owner.startswith(f"{environment.compose_project} ")
        }
        busy = (self._host.used_ports() | self._engine.published_ports()) - set(held.ports.values())
        return Allocations(subnets=subnets, ports=choose_ports(needs.ports, held=held.ports, used=busy | taken))


def _fits(held: Allocations, needs: Needs) -> bool:
    enough = all(
        name in held.subnets and int(held.subnets[name].rpartition("/")[2]) <= prefix for name, prefix in needs.subnets.items()
    )
    return enough and held.subnets.keys() == needs.subnets.keys() and held.ports.keys() == set(needs.ports)
