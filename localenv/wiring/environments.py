"""What commands about environments ask for: names on the command line made into things that exist."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from localenv.actions.configuration import Loaded
from localenv.actions.environments import exposures_of
from localenv.actions.project_identity import parse_environment
from localenv.core.configuration.environments import find_tier
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen
from localenv.errors import LocalenvError, NotFound
from localenv.ports.state import AuditEntry
from localenv.wiring.services import Services, services

__all__ = [
    "Services",
    "audit",
    "containers",
    "environment",
    "existing",
    "exposures",
    "kept_from_bulk",
    "load",
    "project_here",
    "rendered_path",
    "router_line",
    "running_container",
    "services",
    "split_environment",
    "split_words",
    "tier_of",
    "to_destroy",
]


def load(told: Services, directory: Path) -> Loaded:
    """The project around a directory, under the name that is its own on this installation."""
    return told.project(str(directory))


def project_here(told: Services, directory: Path) -> str | None:
    """Name of the project here, ``None`` where there is none."""
    try:
        return load(told, directory).settings.project
    except NotFound:
        return None


def environment(told: Services, directory: Path, text: str) -> EnvironmentId:
    """``ENV`` of the project here, or ``PROJECT/ENV``."""
    return parse_environment(text, None if "/" in text else project_here(told, directory))


def existing(told: Services, directory: Path, names: Sequence[str]) -> list[EnvironmentId]:
    """The named environments, each once. Raises ``NotFound`` for one that does not exist."""
    found = [environment(told, directory, name) for name in dict.fromkeys(names)]
    for one in found:
        if told.ledger.record(one) is None:
            told.environments.one(one)
    return found


def audit(
    told: Services, found: EnvironmentId, command: str, *, reason: str, outcome: str = "done", actor: str | None = None
) -> None:
    """Write to the audit log what was done, by whom, why and how it ended.

    Whoever says to be ``actor`` is written down with the user of this machine who said it.
    """
    user = told.host.user()
    told.ledger.audit(
        AuditEntry(
            at=told.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            actor=user if actor in {None, user} else f"{actor} ({user})",
            command=command,
            environment=found.compose_project,
            reason=reason,
            outcome=outcome,
        )
    )


def exposures(told: Services, found: EnvironmentId) -> list[dict[str, Any]]:
    """Where its services answer. Raises ``NotFound`` when it does not exist."""
    record = told.ledger.record(found)
    if record is None:
        told.environments.one(found)
        return []
    return exposures_of(record)


def split_environment(told: Services, directory: Path, words: Sequence[str]) -> tuple[EnvironmentId, tuple[str, ...]]:
    """``[ENV] REST...``: the first word is an environment when one of that name exists or is known, else development."""
    project = project_here(told, directory)
    if words and ("/" in words[0] or words[0] in _known_names(told, directory, project)):
        return parse_environment(words[0], project), tuple(words[1:])
    return parse_environment("development", project), tuple(words)


def split_words(told: Services, directory: Path, words: Sequence[str]) -> tuple[EnvironmentId, str, tuple[str, ...]]:
    """``[ENV] SERVICE [--] COMMAND...``. Raises ``LocalenvError`` when a part is missing."""
    found, rest = split_environment(told, directory, words)
    command = rest[2:] if rest[1:2] == ("--",) else rest[1:]
    if not rest or not command:
        raise LocalenvError(
            "say which service and which command",
            hints=(f"localenv exec {found.name} SERVICE -- COMMAND",),
            code="missing-argument",
        )
    return found, rest[0], command


def containers(told: Services, found: EnvironmentId, names: Sequence[str] = ()) -> tuple[ContainerSeen, ...]:
    """Containers of an environment, of some of its services when named."""
    summary = told.environments.one(found)
    services_there = {service.name: service for service in summary.services}
    for name in names:
        if name not in services_there:
            raise _no_service(told, found, name, services_there)
    chosen = [services_there[name] for name in names] if names else list(services_there.values())
    return tuple(container for service in chosen for container in service.containers)


def _no_service(told: Services, found: EnvironmentId, name: str, services_there: Iterable[str]) -> NotFound:
    """One-shots whose work came with a snapshot have no container, which is not to be taken for a wrong name."""
    record = told.ledger.record(found)
    if record is not None and name in json.loads(record.done):
        return NotFound(
            f"{name} has not run in {found}: what it does came with the data",
            hints=(f"localenv run {found.name} {name}",),
            code="no-service",
        )
    return NotFound(f"{found} has no service {name}", details=(f"services: {', '.join(services_there)}",), code="no-service")


def running_container(told: Services, found: EnvironmentId, service: str, index: int) -> str:
    """Name of one running replica. Raises ``NotFound`` when it does not run."""
    for container in containers(told, found, (service,)):
        if container.number == index and container.state == "running":
            return container.name
    raise NotFound(
        f"{service} {index} of {found} does not run",
        hints=(f"localenv start {found.name}", f"localenv run {found.name} {service} -- ..."),
        code="not-running",
    )


def tier_of(told: Services, found: EnvironmentId) -> TierProfile:
    """Rules of an existing environment: as its project says now, as shipped where the project is gone.

    What stands in or above the project's directory by now may be another project, whose rules are none of this one's.
    """
    record = told.ledger.record(found)
    summary = None if record else told.environments.one(found)
    name = record.tier if record else summary.tier if summary else ""
    directory = record.directory if record else summary.directory if summary else ""
    if directory:
        with suppress(LocalenvError):
            settings = told.project(directory).settings
            if settings.project == found.project:
                return find_tier(settings, name)
    return told.shipped_tier(name)


def to_destroy(told: Services, directory: Path, names: Sequence[str], *, every: bool) -> list[EnvironmentId]:
    """What ``destroy`` is about: the named ones, or all of the project that may be removed in bulk.

    Raises ``NotFound`` for all of no project: nobody means those of every project by it.
    """
    if not every:
        return existing(told, directory, names)
    return [one for one in _all_here(told, directory) if tier_of(told, one).lifetime.bulk_removal]


def kept_from_bulk(told: Services, directory: Path) -> list[str]:
    """Names of the project's environments that ``destroy --all`` leaves alone."""
    return [one.name for one in _all_here(told, directory) if not tier_of(told, one).lifetime.bulk_removal]


def _all_here(told: Services, directory: Path) -> list[EnvironmentId]:
    project = load(told, directory).settings.project
    return [summary.id for summary in told.environments.all(project)]


def rendered_path(told: Services, found: EnvironmentId) -> str | None:
    """Path of the Compose file that runs, ``None`` when it was lost."""
    path = Path(told.store.path(found)) / "compose.yaml"
    return str(path) if path.is_file() else None


def router_line(told: Services) -> str:
    """``https://*.localhost:443  running``."""
    status = told.router.status()
    return f"https://*.localhost:{status.https_port}  {status.state}"


def _known_names(told: Services, directory: Path, project: str | None) -> set[str]:
    if project is None:
        return set()
    settings = load(told, directory).settings
    existing = {record.id.name for record in told.ledger.records() if record.id.project == project}
    return {*settings.tiers, *settings.environments, *existing}
