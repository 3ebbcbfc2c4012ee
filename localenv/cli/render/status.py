"""``status``: one environment in full, as a screen and as ``localenv.status/1``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from localenv.cli.render.exposures import exposures_table
from localenv.cli.render.tables import grid, show
from localenv.cli.render.words import ago, plain, size, state_mark
from localenv.core.documents_json import summary_document
from localenv.core.observed import VolumeSeen
from localenv.core.summary import EnvironmentSummary, ServiceSummary
from localenv.ports.engine import Usage
from localenv.ports.state import AuditEntry
from localenv.values import dataclass

if TYPE_CHECKING:
    from rich.table import Table

    from localenv.actions.volumes import VolumeData

__all__ = ["StatusFacts", "show_status", "status_document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFacts:
    """Everything that the screen tells."""

    summary: EnvironmentSummary
    usage: Mapping[str, Usage]
    """By container ID."""
    exposures: Sequence[dict[str, Any]]
    volumes: Sequence[VolumeSeen]
    data: Mapping[str, VolumeData]
    """By volume's name: where its content comes from and what it takes."""
    audit: Sequence[AuditEntry]
    notes: Sequence[str] = ()
    """What a person should know: single points of failure, drift from production, shared volumes."""
    rendered: str | None = None
    """Path of the rendered Compose file."""


def status_document(facts: StatusFacts) -> dict[str, Any]:
    """``localenv.status/1``: the line of ``ls`` with services, exposures, volumes, notes and events."""
    memory = sum(usage.memory for usage in facts.usage.values())
    return {
        "schema": "localenv.status/1",
        **summary_document(facts.summary, memory),
        "services": [_service_document(service, facts.usage) for service in facts.summary.services],
        "exposures": list(facts.exposures),
        "volumes": [
            {
                "name": volume.name,
                "class": volume.classification,
                "profile": volume.profile,
                "created": volume.created,
                "snapshot": facts.data[volume.name].snapshot if volume.name in facts.data else None,
                "own_bytes": facts.data[volume.name].own if volume.name in facts.data else None,
                "shared_bytes": facts.data[volume.name].shared if volume.name in facts.data else None,
            }
            for volume in facts.volumes
        ],
        "notes": list(facts.notes),
        "compose_file": facts.rendered,
        "events": [
            {"at": entry.at, "actor": entry.actor, "command": entry.command, "reason": entry.reason, "outcome": entry.outcome}
            for entry in facts.audit
        ],
    }


def show_status(facts: StatusFacts, now: datetime) -> None:
    """Print the screen."""
    summary = facts.summary
    source = _source(summary)
    name = f"[bold]{summary.id.name}[/] of {summary.id.project}"
    show(f"{name}   tier {summary.tier}   {state_mark(summary.state)}   [dim]{source}[/]")
    show(f"[dim]{summary.directory or 'directory unknown'}   up since {ago(summary.created, now) or '-'}[/]\n")
    show(_services_table(facts, now))
    if facts.exposures:
        show("")
        show(exposures_table(facts.exposures))
    if facts.volumes:
        show("")
        show(_volumes_table(facts, now))
    if facts.notes:
        show("")
    for note in facts.notes:
        show(f"[dim]note[/]  {note}")
    if facts.audit:
        show("")
        rows = [[ago(entry.at, now), entry.actor, entry.command, entry.reason, entry.outcome] for entry in facts.audit]
        show(grid(["AGO", "WHO", "DID", "REASON", "OUTCOME"], rows, flexible="REASON"))


def _source(summary: EnvironmentSummary) -> str:
    if summary.release:
        return f"release {summary.release}"
    return f"commit {summary.revision[:12]}" if summary.revision else "from the working tree, not a release"


def _services_table(facts: StatusFacts, now: datetime) -> Table:
    rows = [_service_row(service, facts.usage, now) for service in facts.summary.services]
    columns = ["SERVICE", "STATE", "REPLICAS", "MEMORY", "RESTARTS", "RUNS FOR", "IMAGE"]
    return grid(columns, rows, flexible="IMAGE", optional=("RESTARTS", "RUNS FOR", "MEMORY"))


def _service_row(service: ServiceSummary, usage: Mapping[str, Usage], now: datetime) -> list[str]:
    used = [usage[container.id] for container in service.containers if container.id in usage]
    memory = sum(item.memory for item in used)
    limit = min((item.memory_limit for item in used), default=0)
    started = max((container.started for container in service.containers if container.started), default=None)
    return [
        service.name,
        state_mark(service.state),
        f"{service.ready}/{service.replicas}",
        f"{size(memory)} [dim]of {size(limit * len(used))}[/]" if used else "-",
        str(service.restarts) if service.restarts else "-",
        ago(started, now) if service.state not in {"done", "stopped"} else "-",
        service.image,
    ]


def _volumes_table(facts: StatusFacts, now: datetime) -> Table:
    rows = [
        [
            volume.name,
            volume.classification,
            _origin(volume, facts.data.get(volume.name)),
            _sizes(facts.data.get(volume.name)),
            ago(volume.created, now),
        ]
        for volume in facts.volumes
    ]
    return grid(["VOLUME", "CLASS", "FROM", "SIZE", "AGE"], rows, optional=("AGE", "FROM"))


def _origin(volume: VolumeSeen, data: VolumeData | None) -> str:
    return plain(data.origin) if data and data.origin else volume.profile or "-"


def _sizes(data: VolumeData | None) -> str:
    if data is None:
        return "-"
    return f"{size(data.own)} of its own on {size(data.shared)} shared" if data.shared else size(data.own)


def _service_document(service: ServiceSummary, usage: Mapping[str, Usage]) -> dict[str, Any]:
    return {
        "name": service.name,
        "state": service.state,
        "image": service.image,
        "restarts": service.restarts,
        "replicas": [
            {
                "number": container.number,
                "container": container.name,
                "state": container.state,
                "health": container.health,
                "exit_code": container.exit_code,
                "memory": usage[container.id].memory if container.id in usage else None,
                "memory_limit": usage[container.id].memory_limit if container.id in usage else None,
                "addresses": dict(container.addresses),
            }
            for container in service.containers
        ],
    }
