"""``logging``: logs stay on this machine, where ``localenv logs`` reads them."""

from __future__ import annotations

from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, mapping
from localenv.core.wanted import Rewritten

__all__ = ["rewrite_logging"]

_LOCAL = frozenset({"", "json-file", "local", "none"})


def rewrite_logging(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Replace a driver that sends logs to another machine, or to the host's journal, by the local one."""
    del context

    def change(name: str, service: Service) -> Change:
        driver = str(mapping(service, "logging").get("driver") or "")
        if driver in _LOCAL:
            return service, ()
        note = Note(code="logging", service=name, message=f"logging by {driver} is replaced by the local driver")
        return {**service, "logging": {"driver": "local"}}, (note,)

    return each_service(draft, change)
