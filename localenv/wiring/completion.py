"""What shells complete: names that exist. Whatever fails here, completion stays silent."""

from __future__ import annotations

from pathlib import Path

from localenv.errors import LocalenvError
from localenv.wiring.environments import Services, load, services, split_environment

__all__ = [
    "branch_names",
    "environment_names",
    "preview_names",
    "profile_names",
    "release_names",
    "service_names",
    "snapshot_names",
    "tier_names",
]


def environment_names() -> list[str]:
    """Environments of the project here and its tiers; ``PROJECT/ENV`` of the others."""
    try:
        with services() as told:
            return _environment_names(told)
    except LocalenvError:
        return []


def service_names(environment: str) -> list[str]:
    """Services of an environment, from the file that it was made from."""
    try:
        with services() as told:
            found, _rest = split_environment(told, Path.cwd(), (environment,))
            model = told.store.rendered(found) or {}
            return sorted(model.get("services") or {})
    except LocalenvError:
        return []


def profile_names() -> list[str]:
    """Data profiles of the project here."""
    try:
        with services() as told:
            return sorted(load(told, Path.cwd()).profiles)
    except LocalenvError:
        return []


def snapshot_names() -> list[str]:
    """Snapshots of the project here, by name where they have one."""
    try:
        with services() as told:
            project = load(told, Path.cwd()).settings.project
            return [each.name or each.id[:12] for each in told.snapshots.listed(project).snapshots if each.kind != "clone"]
    except LocalenvError:
        return []


def release_names() -> list[str]:
    """Releases of the project here, newest first."""
    try:
        with services() as told:
            return [each.name for each in told.releases.releases(load(told, Path.cwd()).settings.project)]
    except LocalenvError:
        return []


def tier_names() -> list[str]:
    """Tiers of the project here."""
    try:
        with services() as told:
            return list(load(told, Path.cwd()).settings.tiers)
    except LocalenvError:
        return []


def branch_names() -> list[str]:
    """Local branches of the repository here."""
    try:
        with services() as told:
            return [branch.name for branch in told.git.branches(told.git.repository(str(Path.cwd())))]
    except LocalenvError:
        return []


def preview_names() -> list[str]:
    """Previews of the project here."""
    try:
        with services() as told:
            project = load(told, Path.cwd()).settings.project
            return [each.id.name for each in told.ledger.records() if each.kind == "preview" and each.id.project == project]
    except LocalenvError:
        return []


def _environment_names(told: Services) -> list[str]:
    records = told.ledger.records()
    try:
        settings = load(told, Path.cwd()).settings
    except LocalenvError:
        return sorted(f"{record.id.project}/{record.id.name}" for record in records)
    here = {record.id.name for record in records if record.id.project == settings.project}
    others = {f"{record.id.project}/{record.id.name}" for record in records if record.id.project != settings.project}
    return [*sorted({*here, *settings.tiers, *settings.environments}), *sorted(others)]
