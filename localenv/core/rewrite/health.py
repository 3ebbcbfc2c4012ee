"""``healthcheck``: as written, less what this engine refuses."""

from __future__ import annotations

from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, mapping, without
from localenv.core.wanted import Rewritten

__all__ = ["rewrite_health"]

_START_INTERVAL_SINCE = 25
"""Engine version (Compose refuses the key for older ones)."""


def rewrite_health(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Drop ``start_interval`` where the engine does not know it, or where no ``start_period`` gives it a meaning."""
    engine = context.platform.engine_major
    too_old = engine is not None and engine < _START_INTERVAL_SINCE

    def change(name: str, service: Service) -> Change:
        health = mapping(service, "healthcheck")
        if "start_interval" not in health or ("start_period" in health and not too_old):
            return service, ()
        reason = f"Engine {engine} does not know it" if too_old else "it counts only beside start_period"
        note = Note(code="start-interval", service=name, message=f"start_interval is left out: {reason}")
        return {**service, "healthcheck": without(health, "start_interval")}, (note,)

    return each_service(draft, change)
