"""``restart``: environments come back with the engine; a one-shot that ended well does not run again by itself."""

from __future__ import annotations

from dataclasses import replace

from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.extension import extension_of
from localenv.core.rewrite.model import Change, Service, each_service, items, mapping, services, without
from localenv.core.wanted import Rewritten

__all__ = ["find_one_shots", "rewrite_restart"]

_DONE = "service_completed_successfully"
_STAYS = frozenset({"no", "on-failure"})
_CONDITIONS = {"none": "no", "on-failure": "on-failure", "any": "always"}
"""``deploy.restart_policy.condition`` as a restart policy (Compose deploy specification)."""


def find_one_shots(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Services for which exit 0 is success: others wait for their end, the file says so, or the swarm mode is a job."""
    del context
    awaited = {name for _, service in services(draft.model) for name in _waits_for(service, _DONE)}
    found = {name for name, service in services(draft.model) if _is_one_shot(name, service, awaited)}
    return replace(draft, one_shots=frozenset(found))


def rewrite_restart(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """``always``, because ``unless-stopped`` stays down after an engine that was killed; ``no`` for one-shots.

    A written ``no`` or ``on-failure`` stays on a service that nobody can be waiting for (no port, no healthcheck, no
    dependent): it may be a job, which ``always`` would repeat for ever.
    """
    del context
    needed = {other for _, service in services(draft.model) for other in _needs(service)}

    def change(name: str, service: Service) -> Change:
        written = _written(service)
        rest = {**service, "deploy": without(mapping(service, "deploy"), "restart_policy")} if "deploy" in service else service
        if name in draft.one_shots:
            return {**rest, "restart": "no"}, _told(name, written, "no")
        policy = written.partition(":")[0]
        if policy in _STAYS and name not in needed and not items(service, "ports") and not service.get("healthcheck"):
            return {**rest, "restart": written}, (
                Note(code="restart-kept", service=name, message=f"restart {written} stays: it looks like a job that ends"),
            )
        return {**rest, "restart": "always"}, _told(name, written, "always")

    return each_service(draft, change)


def _is_one_shot(name: str, service: Service, awaited: set[str]) -> bool:
    said = extension_of(name, service).one_shot
    if said is not None:
        return said
    job = str(mapping(service, "deploy").get("mode", "")).endswith("-job")
    return job or (name in awaited and _written(service).partition(":")[0] in {"", *_STAYS})


def _waits_for(service: Service, condition: str) -> set[str]:
    return {name for name, entry in mapping(service, "depends_on").items() if entry and entry.get("condition") == condition}


def _needs(service: Service) -> set[str]:
    return set(mapping(service, "depends_on")) - _waits_for(service, _DONE)


def _written(service: Service) -> str:
    """The policy that Compose would use: ``deploy.restart_policy`` over ``restart``; empty when neither is there."""
    policy = mapping(mapping(service, "deploy"), "restart_policy")
    if policy:
        return _CONDITIONS.get(str(policy.get("condition", "any")), "always")
    return str(service.get("restart") or "")


def _told(name: str, written: str, chosen: str) -> tuple[Note, ...]:
    if written in {"", "unless-stopped", chosen}:
        return ()
    return (Note(code="restart", service=name, message=f"restart {written} becomes {chosen}"),)
