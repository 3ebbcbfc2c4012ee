"""What a probe inside one environment saw of another, judged attempt by attempt. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from localenv.values import dataclass

__all__ = ["Attempt", "IsolationReport", "ProbeSeen", "Side", "bridge_of", "judge", "report_document"]

Group = Literal["control", "addresses", "names", "volumes", "secrets", "router"]
_CLOSED = frozenset({"refused", "no answer", "no route", "no such name"})


class ProbeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What the probe prints (``compose/isolation/programs/probe.py``)."""

    fetched: tuple[tuple[str, int, str], ...]
    """Host, port, what answered."""
    resolved: tuple[tuple[str, tuple[str, ...]], ...]
    scanned: tuple[tuple[str, tuple[int, ...]], ...]
    """Address and its open ports, of all 65,535."""
    gates: tuple[tuple[str, int, str], ...]
    """Gateway or address of the host, port, how the connection ended."""
    routed: tuple[tuple[str, int, str, str], ...]
    """Gateway, port, hostname asked for, what answered."""
    secrets: tuple[bool, ...]
    volumes: tuple[bool, ...]
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two environments as it is on the engine."""

    name: str
    addresses: Mapping[str, str]
    """By service."""
    ports: Mapping[str, int]
    """Port that each service serves."""
    containers: tuple[str, ...]
    volumes: tuple[str, ...]
    hosts: tuple[str, ...]
    """On the router."""

    @property
    def greeting(self) -> str:
        """What its services answer."""
        return f"I am {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One thing that was tried, and what was seen."""

    group: Group
    tried: str
    seen: str
    holds: bool
    """Of a control: it got through, as it should; of all others: it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationReport:
    """All attempts, in the order in which they are told."""

    attempts: tuple[Attempt, ...]
    mode: str
    """How the router reaches containers: ``host`` or ``attached``."""

    @property
    def holds(self) -> bool:
        """Whether every control got through and nothing else did."""
        return all(attempt.holds for attempt in self.attempts)


def bridge_of(subnet: str) -> str:
    """The address of this machine's bridge on a network: the first one, unless the network says otherwise."""
    return str(next(ipaddress.ip_network(subnet).hosts()))


def report_document(report: IsolationReport) -> dict[str, Any]:
    """``localenv.isolation/1``."""
    return {
        "schema": "localenv.isolation/1",
        "holds": report.holds,
        "router_mode": report.mode,
        "attempts": [
            {"group": each.group, "tried": each.tried, "seen": each.seen, "holds": each.holds} for each in report.attempts
        ],
    }


def judge(seen: ProbeSeen, own: Side, other: Side, *, service: str) -> tuple[Attempt, ...]:
    """Attempts of one probe, which ran in ``service`` of ``own``."""
    prefix = f"{own.name}/{service}"
    return (
        *_controls(seen, own, prefix),
        *_addresses(seen, other, prefix),
        *_names(seen, own, other, prefix),
        *_things("volumes", other.volumes, seen.volumes, prefix=prefix, words=("is mounted", "not mounted")),
        Attempt(group="volumes", tried=f"{prefix} reads its volume", seen=seen.mark, holds=seen.mark == own.greeting),
        *_things("secrets", (f"the secret of {other.name}",), seen.secrets[1:], prefix=prefix, words=("is here", "nowhere")),
        *_router(seen, own, other, prefix),
    )


def _controls(seen: ProbeSeen, own: Side, prefix: str) -> Iterator[Attempt]:
    own_hosts = {*own.addresses, *own.addresses.values()}
    for host, port, answer in seen.fetched:
        if host in own_hosts and port in own.ports.values():
            yield Attempt(group="control", tried=f"{prefix} -> {host}:{port}, its own", seen=answer, holds=answer == own.greeting)
    for address, ports in seen.scanned:
        if address in own.addresses.values():
            wanted = {own.ports[name] for name, each in own.addresses.items() if each == address}
            told = f"open: {_listed(ports)}"
            yield Attempt(group="control", tried=f"{prefix} scans {address}, its own", seen=told, holds=wanted <= set(ports))
    yield Attempt(
        group="control",
        tried=f"{prefix} looks for its own secret",
        seen="found" if seen.secrets[0] else "nowhere",
        holds=seen.secrets[0],
    )


def _addresses(seen: ProbeSeen, other: Side, prefix: str) -> Iterator[Attempt]:
    theirs = {address: name for name, address in other.addresses.items()}
    for host, port, answer in seen.fetched:
        if host in theirs:
            tried = f"{prefix} -> {host}:{port}, {theirs[host]} of {other.name}"
            yield Attempt(group="addresses", tried=tried, seen=answer, holds=answer in _CLOSED)
    for address, ports in seen.scanned:
        if address in theirs:
            tried = f"{prefix} scans all ports of {address}, {theirs[address]} of {other.name}"
            yield Attempt(group="addresses", tried=tried, seen=f"open: {_listed(ports)}", holds=not ports)


def _names(seen: ProbeSeen, own: Side, other: Side, prefix: str) -> Iterator[Attempt]:
    """A name may lead to the own environment or to nothing, never to an address of the other one."""
    theirs = set(other.addresses.values())
    for name, found in seen.resolved:
        own_ones = set(found) <= set(own.addresses.values())
        told = ", ".join(found) or "no such name"
        yield Attempt(
            group="names",
            tried=f"{prefix} looks up {name}",
            seen=f"{told} (its own)" if found and own_ones else told,
            holds=not theirs & set(found),
        )


def _things(
    group: Group, names: Sequence[str], found: Sequence[bool], *, prefix: str, words: tuple[str, str]
) -> Iterator[Attempt]:
    for name, here in zip(names, found, strict=True):
        yield Attempt(group=group, tried=f"{prefix} looks for {name}", seen=words[0] if here else words[1], holds=not here)


def _router(seen: ProbeSeen, own: Side, other: Side, prefix: str) -> Iterator[Attempt]:
    """No gateway leads to the router's ports; where one answers, it must not serve the other environment."""
    routed = {(gate, port) for gate, port, _host, answer in seen.routed if answer not in _CLOSED}
    by_port: dict[int, list[tuple[str, str]]] = {}
    for gate, port, how in seen.gates:
        if (gate, port) not in routed:
            by_port.setdefault(port, []).append((gate, how))
    for port, ends in by_port.items():
        open_ones = [gate for gate, how in ends if how not in _CLOSED]
        told = f"open at {', '.join(open_ones)}" if open_ones else ", ".join(sorted({how for _gate, how in ends}))
        tried = f"{prefix} -> port {port} of {len(ends)} gateways and host addresses"
        yield Attempt(group="router", tried=tried, seen=told, holds=not open_ones)
    for host in dict.fromkeys(host for _gate, _port, host, _answer in seen.routed):
        closed = [answer for gate, port, name, answer in seen.routed if name == host and (gate, port) not in routed]
        if closed:
            tried = f"{prefix} asks the router for {host}, at {len(closed)} addresses"
            yield Attempt(group="router", tried=tried, seen=", ".join(sorted(set(closed))), holds=True)
    for gate, port, host, answer in seen.routed:
        if (gate, port) in routed:
            tried = f"{prefix} -> {gate}:{port} as {host}"
            served = answer in {own.greeting, other.greeting}
            yield Attempt(
                group="router", tried=tried, seen=answer, holds=not served or (answer == own.greeting and host in own.hosts)
            )


def _listed(ports: Iterable[int]) -> str:
    return ", ".join(str(port) for port in sorted(ports)) or "none"
