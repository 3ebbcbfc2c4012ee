"""Which address blocks and loopback ports an environment gets: pure choices, made under the allocation lock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Final

from localenv.errors import LocalenvError
from localenv.values import dataclass

__all__ = [
    "DEFAULT_POOL",
    "FIRST_PORT",
    "LAST_PORT",
    "AddressRangeExhausted",
    "Block",
    "block",
    "choose_ports",
    "choose_subnets",
    "prefix_for",
]

DEFAULT_POOL: Final = "10.231.0.0/16"
"""Room for a thousand environments; configurable, because somebody's VPN may be there."""
FIRST_PORT: Final = 41000
LAST_PORT: Final = 46999

_SMALLEST: Final = 27
"""Longest prefix that is given: 14 static addresses."""
_LARGEST: Final = 22
_ROOM: Final = 4
"""Containers that may come to a network beyond those planned: replacements, ``run``, the router."""


class AddressRangeExhausted(LocalenvError):
    """Nothing is free in the range that localenv may use."""

    code = "address-range-exhausted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One environment network's addresses: Docker chooses in the lower half, localenv in the upper one."""

    subnet: str
    gateway: str
    ip_range: str
    """Lower half, for dynamic addresses; the gateway is its first one."""
    static: tuple[str, ...]
    """Upper half without the broadcast address, in order."""


def block(subnet: str) -> Block:
    """Divide a CIDR; the same one always gives the same addresses."""
    network = IPv4Network(subnet)
    lower, upper = network.subnets(prefixlen_diff=1)
    static = tuple(str(address) for address in upper if address != network.broadcast_address)
    return Block(subnet=str(network), gateway=str(network.network_address + 1), ip_range=str(lower), static=static)


def prefix_for(containers: int, static: int = 0) -> int:
    """Prefix length of a block for so many containers at once, of which ``static`` have an address of localenv's.

    Each half must hold its own: the lower one loses the network's address and the gateway, the upper the broadcast.
    """
    for prefix in range(_SMALLEST, _LARGEST, -1):
        half = 2 ** (31 - prefix)
        if containers - static + _ROOM <= half - 2 and static + _ROOM <= half - 1:
            return prefix
    return _LARGEST


def choose_subnets(
    wanted: Mapping[str, int],
    *,
    held: Mapping[str, str] | None = None,
    used: Collection[str] = (),
    pool: str = DEFAULT_POOL,
) -> dict[str, str]:
    """CIDR by network name, for prefix lengths by network name.

    ``held`` is what the environment has already: it is kept where it is large enough, so addresses stay. ``used`` is
    every block that something else has: host routes, name servers, Docker's networks, other environments. IPv6 blocks
    in it are passed over. Raises ``AddressRangeExhausted``.
    """
    held = held or {}
    chosen = {name: held[name] for name, prefix in wanted.items() if name in held and IPv4Network(held[name]).prefixlen <= prefix}
    taken = [*_ipv4(used), *(IPv4Network(cidr) for cidr in chosen.values())]
    for name in sorted(set(wanted) - set(chosen), key=lambda name: (wanted[name], name)):
        free = _first_free(IPv4Network(pool), wanted[name], taken)
        if free is None:
            raise AddressRangeExhausted(
                f"no /{wanted[name]} block is free in {pool} for network {name}",
                hints=("localenv ls   # environments that could go", "localenv doctor   # shows what takes the range"),
            )
        taken.append(free)
        chosen[name] = str(free)
    return dict(sorted(chosen.items()))


def choose_ports(
    keys: Collection[str],
    *,
    held: Mapping[str, int] | None = None,
    used: Collection[int] = (),
    first: int = FIRST_PORT,
    last: int = LAST_PORT,
) -> dict[str, int]:
    """Loopback port by key (``service:port/protocol``); what is held already is kept.

    Raises ``AddressRangeExhausted``.
    """
    chosen = {key: port for key, port in (held or {}).items() if key in keys}
    taken = {*used, *chosen.values()}
    free = (port for port in range(first, last + 1) if port not in taken)
    for key in sorted(set(keys) - set(chosen)):
        port = next(free, None)
        if port is None:
            raise AddressRangeExhausted(f"no loopback port is free between {first} and {last} for {key}")
        chosen[key] = port
    return dict(sorted(chosen.items()))


def _ipv4(blocks: Collection[str]) -> Iterator[IPv4Network]:
    for text in blocks:
        network = ip_network(text, strict=False)
        if isinstance(network, IPv4Network):
            yield network


def _first_free(pool: IPv4Network, prefix: int, taken: list[IPv4Network]) -> IPv4Network | None:
    """First aligned block of this length that overlaps nothing; jumps behind whatever is in the way."""
    size = 2 ** (32 - prefix)
    start, end = int(pool.network_address), int(pool.broadcast_address) + 1
    for begin, stop in sorted((int(network.network_address), int(network.broadcast_address) + 1) for network in taken):
        if begin >= start + size:
            break
        if stop > start:
            start = -(-stop // size) * size
    return IPv4Network((IPv4Address(start), prefix)) if start + size <= end else None
