"""``run`` and ``watch`` with what they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from localenv.actions.configuration import Loaded
from localenv.actions.run import Run
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError
from localenv.ports.state import EnvironmentRecord
from localenv.wiring.environments import split_environment
from localenv.wiring.services import Services

__all__ = ["run", "split_run"]


def run(told: Services, project: Callable[[EnvironmentRecord], Loaded] | None = None) -> Run:
    """The action of ``run``. ``project``: another one than the environment's own, such as a release on its way there."""
    return Run(
        project=project or told.project_of,
        prepare=told.prepare,
        engine=told.engine,
        compose=told.compose,
        router=told.router,
        ledger=told.ledger,
        store=told.store,
        masking=told.masking,
    )


def split_run(told: Services, directory: Path, words: Sequence[str]) -> tuple[EnvironmentId, str, tuple[str, ...]]:
    """``[ENV] SERVICE [--] [COMMAND...]``. Raises ``LocalenvError`` when no service is named."""
    found, rest = split_environment(told, directory, words)
    if not rest:
        raise LocalenvError(
            "say which service", hints=(f"localenv run {found.name} SERVICE -- COMMAND",), code="missing-argument"
        )
    return found, rest[0], tuple(rest[2:] if rest[1:2] == ("--",) else rest[1:])
