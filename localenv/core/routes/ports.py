"""Which ports the router takes: the usual ones, what it had before, or the next pair that is free."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from localenv.errors import Unavailable
from localenv.values import dataclass

__all__ = ["PortChoice", "PortWishes", "choose_ports"]

_USUAL = (80, 443)
_OTHERS_FROM = (8080, 8443)
_POSTGRES = 5432
_POSTGRES_OTHERS_FROM = 15432
_TRIED = 100

Holder = Callable[[int], str | None]
"""Says who holds a port; ``None`` when it is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortWishes:
    """Ports that a person asked for; ``None`` leaves the choice to localenv."""

    http: int | None = None
    https: int | None = None
    postgres: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortChoice:
    """The ports, and what a person should be told about them."""

    http: int
    https: int
    postgres: int
    notes: tuple[str, ...] = ()


def choose_ports(wishes: PortWishes, before: PortWishes, holder: Holder) -> PortChoice:
    """Wished ports, else those of ``before``, else 80 and 443, else the first free pair from 8080 and 8443.

    A pair is kept together so that its two numbers can be guessed from each other. Raises ``Unavailable`` naming the
    holder when a wished port is taken, or when nothing is free.
    """
    for port in (wishes.http, wishes.https, wishes.postgres):
        if port is not None and (found := holder(port)):
            raise Unavailable(
                f"port {port} is held by {found}",
                hints=("stop it", "localenv router up --http-port 8080 --https-port 8443"),
                code="port-taken",
            )
    pair, notes = _pair(wishes, before, holder)
    return PortChoice(
        http=pair[0],
        https=pair[1],
        postgres=wishes.postgres or _first_free(_postgres_candidates(before), holder, "PostgreSQL"),
        notes=notes,
    )


def _pair(wishes: PortWishes, before: PortWishes, holder: Holder) -> tuple[tuple[int, int], tuple[str, ...]]:
    notes: list[str] = []
    for http, https in _pairs(before):
        pair = (wishes.http or http, wishes.https or https)
        held = [(port, found) for port in pair if (found := holder(port))]
        if not held and pair[0] != pair[1]:
            return pair, tuple(f"{note}: {pair[0]} and {pair[1]} are used and remembered" for note in notes)
        if (http, https) in {_USUAL, (before.http, before.https)}:
            notes += [f"port {port} is held by {found}" for port, found in held]
    raise Unavailable(f"no pair of ports is free for the router ({'; '.join(notes)})", code="port-taken")


def _pairs(before: PortWishes) -> Iterator[tuple[int, int]]:
    if before.http is not None and before.https is not None:
        yield before.http, before.https
    if (before.http, before.https) != _USUAL:
        yield _USUAL
    for step in range(_TRIED):
        yield _OTHERS_FROM[0] + step, _OTHERS_FROM[1] + step


def _postgres_candidates(before: PortWishes) -> Iterator[int]:
    if before.postgres is not None:
        yield before.postgres
    yield _POSTGRES
    yield from range(_POSTGRES_OTHERS_FROM, _POSTGRES_OTHERS_FROM + _TRIED)


def _first_free(candidates: Iterator[int], holder: Holder, what: str) -> int:
    found = next((port for port in candidates if holder(port) is None), None)
    if found is None:
        raise Unavailable(f"no port is free for {what} through the router", code="port-taken")
    return found
