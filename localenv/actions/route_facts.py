"""What the router serves of an environment, and whether that is what it will serve once the plan was carried out."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from localenv.actions.prepare import Prepared
from localenv.core.plan import RouteFacts, serving
from localenv.core.routing import routes_of
from localenv.ports.router import Router

__all__ = ["route_facts"]


def route_facts(
    router: Router, prepared: Prepared, *, domain: str, mode: Literal["host", "attached"], inside: tuple[str, ...]
) -> RouteFacts:
    """Read route file and what was observed; the engine is not asked again."""
    facts = RouteFacts(domain=domain, published=router.published(prepared.id), inside=inside)
    served = serving(prepared.wanted, prepared.observed)
    if facts.published is None or served is None:
        return facts
    current = router.is_current(prepared.id, domain, routes_of(prepared.wanted, served, mode), inside=inside)
    return replace(facts, revision=facts.published if current else "to be written")
