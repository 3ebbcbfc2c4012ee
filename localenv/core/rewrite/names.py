"""``name`` and ``container_name``: one project per environment, and the fixed name as an alias on its networks."""

from __future__ import annotations

from dataclasses import replace

from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, mapping, services, with_top, without
from localenv.core.wanted import Rewritten

__all__ = ["rewrite_container_names", "rewrite_project_name"]

_SETTLED = ("x-localenv", "profiles", "env_file", "label_file")
"""Keys of a service that are settled by the time it is rewritten."""


def rewrite_project_name(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Set ``name``, and drop what has done its work: ``version``, extensions, profiles, files already read."""
    kept = {key: value for key, value in draft.model.items() if key != "version" and not key.startswith("x-")}
    cleaned = {name: without(service, *_SETTLED) for name, service in services(draft.model)}
    return with_top(replace(draft, model={**kept, "name": context.id.compose_project}), "services", cleaned)


def rewrite_container_names(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Drop ``container_name``, which can exist once per engine; other services still find it by that name."""
    del context

    def change(name: str, service: Service) -> Change:
        fixed = service.get("container_name")
        if not isinstance(fixed, str):
            return service, ()
        note = Note(
            code="container-name", service=name, message=f"container_name {fixed} is a name on this environment's networks"
        )
        rest = without(service, "container_name")
        if fixed == name or "network_mode" in service:
            return rest, (note,)
        networks = {key: with_alias(value, fixed) for key, value in mapping(service, "networks").items()}
        return {**rest, "networks": networks}, (note,)

    return each_service(draft, change)


def with_alias(endpoint: object, alias: str) -> dict[str, object]:
    """A service's settings on one network with one more alias."""
    settings = dict(endpoint) if isinstance(endpoint, dict) else {}
    aliases = [*(settings.get("aliases") or []), alias]
    return {**settings, "aliases": list(dict.fromkeys(aliases))}
