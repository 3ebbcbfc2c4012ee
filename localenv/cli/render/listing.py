"""``ls`` and the overview: what runs, is it well, where do I click."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from localenv.cli.render.tables import grid
from localenv.cli.render.words import ago, cut, size, state_mark
from localenv.core.names import EnvironmentId
from localenv.core.previews import is_expired
from localenv.core.summary import EnvironmentSummary

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["environments_table"]

_NAME_WIDTH = 28
_COMMIT = 12


def environments_table(
    environments: tuple[EnvironmentSummary, ...],
    memory: Mapping[EnvironmentId, int],
    now: datetime,
    *,
    with_project: bool,
) -> Table:
    """One row an environment."""
    columns = ["ENVIRONMENT", "TIER", "STATE", "DATA", "RELEASE", "AGE", "MEMORY", "URL"]
    rows = [_row(summary, memory.get(summary.id), now) for summary in environments]
    if with_project:
        columns.insert(0, "PROJECT")
        rows = [[cut(summary.id.project, _NAME_WIDTH), *row] for summary, row in zip(environments, rows, strict=True)]
    return grid(columns, rows, flexible="URL", optional=("MEMORY", "AGE", "RELEASE"))


def _left(expires: str, now: datetime) -> str:
    return "its time is up" if is_expired(expires, now) else f"{ago(expires, now)} left"


def _row(summary: EnvironmentSummary, memory: int | None, now: datetime) -> list[str]:
    left = f"  [dim]{_left(summary.expires, now)}[/]" if summary.expires else ""
    told = [summary.data_profile or "", f"[dim]{summary.data_class}[/]" if summary.data_class else ""]
    data = " ".join(word for word in told if word) or "-"
    return [
        cut(summary.id.name, _NAME_WIDTH),
        summary.tier,
        state_mark(summary.state),
        f"{data}{left}",
        summary.release or (summary.revision[:_COMMIT] if summary.revision else "worktree"),
        ago(summary.created, now),
        size(memory) if memory else "-",
        summary.url or "-",
    ]
