"""``data`` with what it needs."""

from __future__ import annotations

from pathlib import Path

from localenv.actions.infer_profile import InferProfile, InferredProfile, InferRequest
from localenv.actions.read_schema import ReadSchema
from localenv.adapters.atomic_files import write_whole
from localenv.wiring.environments import containers, environment
from localenv.wiring.services import Services, services

__all__ = ["infer", "services", "write"]


def infer(told: Services, directory: Path, name: str, service: str | None, rows: int, profile: str) -> InferredProfile:  # noqa: PLR0917 - what the command line says
    """Infer a profile. Raises ``NotFound`` for an environment or service that is not there."""
    found = environment(told, directory, name)
    request = InferRequest(
        id=found, containers=containers(told, found, (service,) if service else ()), profile=profile, rows=rows
    )
    return InferProfile(told.engine, ReadSchema(told.engine))(request)


def write(path: Path, text: str) -> None:
    """Write a profile, whole, into a folder that may not be there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode(), mode=0o644)
