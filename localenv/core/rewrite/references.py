"""References to services that no chosen profile switched on, and ``develop``."""

from __future__ import annotations

from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, mapping, without
from localenv.core.wanted import Rewritten

__all__ = ["drop_absent_references"]


def drop_absent_references(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Drop optional dependencies on services that are not there, and ``develop`` where the source is not live."""
    present = set(mapping(draft.model, "services"))
    live = context.tier.binds == "live"

    def change(name: str, service: Service) -> Change:
        del name
        rest = service if live else without(service, "develop")
        if "depends_on" not in service:
            return rest, ()
        kept = {other: entry for other, entry in mapping(service, "depends_on").items() if other in present}
        return {**without(rest, "depends_on"), **({"depends_on": kept} if kept else {})}, ()

    return each_service(draft, change)
