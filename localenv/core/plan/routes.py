"""When the environment's hostnames are handed to the router, and when its URL is asked."""

from __future__ import annotations

from collections.abc import Iterator

from localenv.core.plan.containers import Fates
from localenv.core.plan.rolling_steps import ConfirmShare, ShareRoute
from localenv.core.plan.steps import ConfirmRoute, ProbeUrl, PublishRoute, Step, WithdrawRoute
from localenv.core.plan.value import RouteFacts
from localenv.core.wanted import Exposure, Wanted

__all__ = ["plan_routes", "routed"]

_CHECKED, _UNCHECKED = 10.0, 60.0
"""Seconds that the main URL may fail, with and without a healthcheck of its service."""


def routed(wanted: Wanted) -> tuple[Exposure, ...]:
    """Exposures that the router serves by name."""
    return tuple(entry for entry in wanted.exposures if entry.host is not None and entry.protocol not in {"tcp", "udp"})


def plan_routes(wanted: Wanted, route: RouteFacts, fates: Fates, *, started: frozenset[str]) -> Iterator[Step]:
    """Publish what differs and wait for it; ask the main URL when anything behind it was started.

    Where new containers stand beside old ones, the router first gets both and then the new ones alone: no request is
    sent to anybody who is not there yet, or not any more.
    """
    exposures = routed(wanted)
    target = wanted.id.compose_project
    if not exposures:
        if route.published is not None:
            yield WithdrawRoute(target=target, cause="nothing is exposed any more")
        return
    touched = bool(started & {entry.service for entry in exposures})
    behind = sorted({entry.service for entry in exposures})
    ready = tuple(f"{action} service {service}" for service in behind for action in ("await", "name"))
    leaving = tuple(removal.container.id for removal in fates.late)
    cause = _cause(route, touched=touched or bool(leaving))
    if cause is not None:
        publish = PublishRoute(
            target=target,
            cause=cause,
            after=(*ready, f"confirm share {target}"),
            domain=route.domain,
            exposures=exposures,
            inside=route.inside,
            leaving=leaving,
        )
        if fates.beside and route.published is not None:
            yield _shared(publish, ready)
            yield ConfirmShare(
                target=target, cause="until the router serves it", after=(f"share route {target}",), domain=route.domain
            )
        yield publish
        yield ConfirmRoute(
            target=target, cause="until the router serves it", after=(f"publish route {target}",), domain=route.domain
        )
    if route.probe and (cause is not None or touched):
        yield from _probe(wanted, exposures, (*ready, f"confirm route {target}"))


def _shared(publish: PublishRoute, ready: tuple[str, ...]) -> ShareRoute:
    return ShareRoute(
        target=publish.target,
        cause="to old and new containers",
        after=ready,
        domain=publish.domain,
        exposures=publish.exposures,
        inside=publish.inside,
        leaving=publish.leaving,
    )


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
