"""``restart``: environments come back with the engine; what has ended well does not run again by itself."""

from __future__ import annotations

from dataclasses import replace

from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.data_paths import is_known_data_path
from localenv.core.rewrite.extension import extension_of
from localenv.core.rewrite.images import image_details
from localenv.core.rewrite.model import Change, Service, each_service, items, mapping, services, text_list, without
from localenv.core.rewrite.protocols import guess_protocol
from localenv.core.wanted import Rewritten

__all__ = ["find_one_shots", "rewrite_restart"]

_DONE = "service_completed_successfully"
_CONDITIONS = {"none": "no", "on-failure": "on-failure", "any": "always"}
"""``deploy.restart_policy.condition`` as a restart policy (Compose deploy specification)."""
_CLIENTS = frozenset(
    {
        *("psql", "pg_dump", "pg_restore", "createdb", "mysql", "mariadb", "mysqldump", "mariadb-dump"),
        *("redis-cli", "valkey-cli", "mongosh", "mongoimport", "mongorestore", "cqlsh", "clickhouse-client"),
    }
)
"""Programs that come with a database's image and end when they have done what they were told."""


def find_one_shots(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Services for which exit 0 is success, and those for which it is as good as running.

    A one-shot is one whose end others wait for, of which the file says so, or that is a job in Swarm's terms. What is
    reached by nobody (no port, no healthcheck, no dependent, nothing that its image serves or keeps) and is not said to
    restart may be a job as well: ``always`` would repeat it for ever, and a job may empty what it fills.
    """
    awaited = {name for _, service in services(draft.model) for name in _waits_for(service, _DONE)}
    one_shots = {name for name, service in services(draft.model) if _is_one_shot(name, service, awaited)}
    needed = {other for _, service in services(draft.model) for other in mapping(service, "depends_on")}
    may_end = {name for name, service in services(draft.model) if _may_be_job(name, service, needed, context)}
    return replace(draft, one_shots=frozenset(one_shots), may_end=frozenset(may_end - one_shots))


def rewrite_restart(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """``always``, because ``unless-stopped`` stays down after an engine that was killed; ``no`` for one-shots.

    What may be a job keeps what is written, less a number of attempts, or restarts after a failure alone.
    """
    del context

    def change(name: str, service: Service) -> Change:
        written = _written(service)
        rest = {**service, "deploy": without(mapping(service, "deploy"), "restart_policy")} if "deploy" in service else service
        if name in draft.one_shots:
            return {**rest, "restart": "no"}, _told(name, written, "no")
        if name in draft.may_end:
            policy = written.partition(":")[0] or "on-failure"
            message = f"restarts by {policy}: nothing reaches it, so it may be a job that ends"
            return {**rest, "restart": policy}, (Note(code="restart-kept", service=name, message=message),)
        return {**rest, "restart": "always"}, _told(name, written, "always")

    return each_service(draft, change)


def _is_one_shot(name: str, service: Service, awaited: set[str]) -> bool:
    said = extension_of(name, service).one_shot
    if said is not None:
        return said
    job = str(mapping(service, "deploy").get("mode", "")).endswith("-job")
    return job or (name in awaited and _ends(_written(service)))


def _may_be_job(name: str, service: Service, needed: set[str], context: RewriteContext) -> bool:
    written = _written(service)
    if not _ends(written) or name in needed or extension_of(name, service).one_shot is False:
        return False
    health = mapping(service, "healthcheck")
    checked = bool(health.get("test")) and health.get("disable") is not True
    reached = bool(items(service, "ports")) or bool(service.get("expose")) or name in context.settings.expose
    return not (checked or reached or (not written and (_keeps_data(service) or _serves(service, context))))


def _keeps_data(service: Service) -> bool:
    """Whether it writes where a data engine keeps its files: told by the mount, also while the image is not there."""
    image = str(service.get("image", ""))
    mounts = (mount for mount in items(service, "volumes") if not mount.get("read_only"))
    return any(is_known_data_path(image, str(mount.get("target", ""))) for mount in mounts)


def _serves(service: Service, context: RewriteContext) -> bool:
    """Whether the image tells that its container stays: a healthcheck, data, or a port that its command may serve."""
    details = image_details(service, context)
    if details is None or _program(service) in _CLIENTS:
        return False
    own_command = not text_list(service.get("command")) and not text_list(service.get("entrypoint"))
    databases = [port for port in details.exposed if _speaks(port) != "http"]
    return details.healthcheck or bool(details.volumes) or bool(databases) or (own_command and bool(details.exposed))


def _program(service: Service) -> str:
    """Name of the program that the file has it run, empty when that is the image's."""
    words = (*text_list(service.get("entrypoint")), *text_list(service.get("command")))
    return words[0].rpartition("/")[2] if words else ""


def _speaks(port: int) -> str:
    return guess_protocol(port, transport="tcp", said=None, image="", alone=True)


def _ends(policy: str) -> bool:
    return policy.partition(":")[0] in {"", "no", "on-failure"}


def _waits_for(service: Service, condition: str) -> set[str]:
    return {name for name, entry in mapping(service, "depends_on").items() if entry and entry.get("condition") == condition}


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
