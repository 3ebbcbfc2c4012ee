"""``develop.watch``: which folders Compose copies from while it watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localenv.core.check.context import CheckContext, items, mapping, plain
from localenv.core.findings import Refusal
from localenv.core.paths import grantable, shown

__all__ = ["check_watch", "watched_paths"]


def watched_paths(service: Mapping[str, Any]) -> Iterator[str]:
    """Paths of the machine that are watched."""
    for entry in items(mapping(service.get("develop")).get("watch")):
        if mapping(entry).get("path"):
            yield plain(entry["path"])


def check_watch(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """Watched paths lie inside the project."""
    for index, source in enumerate(watched_paths(service)):
        if not context.inside(source):
            written = shown(source, context.root)
            yield context.refuse(
                "watch-outside-project",
                ("services", name, "develop", "watch", index),
                "is watched, and lies outside the project",
                value=written,
                hints=(source, written, source.rpartition("/")[2]),
                grant_value=grantable(source, context.directory),
            )
