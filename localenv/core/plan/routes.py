"""When the environment's hostnames are handed to the router, and when its URL is asked."""

from __future__ import annotations

from collections.abc import Iterator

from localenv.core.plan.steps import ConfirmRoute, ProbeUrl, PublishRoute, Step, WithdrawRoute
from localenv.core.plan.value import RouteFacts
from localenv.core.wanted import Exposure, Wanted

__all__ = ["plan_routes", "routed"]

_CHECKED, _UNCHECKED = 10.0, 60.0
"""Seconds that the main URL may fail, with and without a healthcheck of its service."""


def routed(wanted: Wanted) -> tuple[Exposure, ...]:
    """Exposures that the router serves by name."""
    return tuple(entry for entry in wanted.exposures if entry.host is not None and entry.protocol not in {"tcp", "udp"})


def plan_routes(wanted: Wanted, route: RouteFacts, *, started: frozenset[str]) -> Iterator[Step]:
    """Publish what differs and wait for it; ask the main URL when anything behind it was started."""
    exposures = routed(wanted)
    target = wanted.id.compose_project
    if not exposures:
        if route.published is not None:
            yield WithdrawRoute(target=target, cause="nothing is exposed any more")
        return
    touched = bool(started & {entry.service for entry in exposures})
    ready = tuple(f"await service {service}" for service in sorted({entry.service for entry in exposures}))
    cause = _cause(route, touched=touched)
    if cause is not None:
        yield PublishRoute(target=target, cause=cause, after=ready, domain=route.domain, exposures=exposures, inside=route.inside)
        yield ConfirmRoute(
            target=target, cause="until the router serves it", after=(f"publish route {target}",), domain=route.domain
        )
    if route.probe and (cause is not None or touched):
        yield from _probe(wanted, exposures, (*ready, f"confirm route {target}"))


def _cause(route: RouteFacts, *, touched: bool) -> str | None:
    if route.published is None:
        return "not published"
    if route.revision is None:
        return "its containers are started" if touched else None
    return None if route.published == route.revision else "changed"


def _probe(wanted: Wanted, exposures: tuple[Exposure, ...], after: tuple[str, ...]) -> Iterator[ProbeUrl]:
    asked = [entry for entry in exposures if entry.protocol in {"http", "https"}]
    main = next((entry for entry in asked if entry.primary), asked[0] if asked else None)
    if main is not None and main.host is not None:
        checked = any(item.health is not None or item.image_health for item in wanted.services if item.name == main.service)
        yield ProbeUrl(
            target=main.host,
            cause="until it answers",
            after=after,
            host=main.host,
            path=main.path,
            patience=_CHECKED if checked else _UNCHECKED,
        )
