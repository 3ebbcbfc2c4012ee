"""What a bind mount holds: source that people write, or data that programs write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from localenv.core.rewrite.context import BindFacts, RewriteContext
from localenv.core.rewrite.data_paths import is_known_data_path
from localenv.core.rewrite.extension import extension_of
from localenv.core.rewrite.images import image_details
from localenv.core.rewrite.model import items, mapping, services, unescaped
from localenv.core.wanted import Model
from localenv.values import dataclass

__all__ = ["BindMount", "bind_mounts", "data_sources", "holds_data", "is_inside", "left_out", "outlives_source"]

_KEPT_BY_PROGRAMS: Final = frozenset(
    {
        *("data", "db", "database", "dbdata", "pgdata", "storage", "uploads", "upload", "media", "files", "attachments"),
        *("backup", "backups", "cache", "logs", "log", "tmp", "var", "state", "volumes", "library", "instance"),
    }
)
"""Names of folders in which programs keep what they write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BindMount:
    """One bind mount of one service."""

    service: str
    source: str
    """Absolute path on the client."""
    target: str
    read_only: bool


def bind_mounts(model: Model) -> tuple[BindMount, ...]:
    """Every bind mount of the model."""
    return tuple(
        BindMount(
            service=name,
            source=unescaped(str(mount["source"])),
            target=unescaped(str(mount.get("target", ""))),
            read_only=mount.get("read_only") is True,
        )
        for name, service in services(model)
        for mount in items(service, "volumes")
        if mount.get("type") == "bind" and mount.get("source")
    )


def is_inside(path: str, directory: str) -> bool:
    """Whether an absolute path is the directory or below it."""
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")


def holds_data(mount: BindMount, facts: BindFacts, model: Model, context: RewriteContext) -> bool:
    """Whether a data engine keeps its files there, so that two environments on it would lose each other's rows.

    That is a writable directory onto a path that the image declares as ``VOLUME`` or that a known engine uses.
    A folder that holds the source of a build is never one. ``x-localenv: {binds: ...}`` decides otherwise.
    """
    service = mapping(mapping(model, "services"), mount.service)
    if (said := extension_of(mount.service, service).binds.get(mount.target)) is not None:
        return said == "data"
    if mount.read_only or facts.kind == "file" or _is_source(mount.source, model, context):
        return False
    details = image_details(service, context)
    declared = {path.rstrip("/") for path in details.volumes} if details else set()
    return mount.target.rstrip("/") in declared or is_known_data_path(str(service.get("image", "")), mount.target)


def data_sources(model: Model) -> frozenset[str]:
    """Paths onto which a known data engine writes, as far as the model alone tells: nothing there is hashed or captured."""
    return frozenset(
        mount.source
        for mount in bind_mounts(model)
        if not mount.read_only
        and is_known_data_path(str(mapping(mapping(model, "services"), mount.service).get("image", "")), mount.target)
    )


def left_out(source: str, data: Iterable[str]) -> tuple[str, ...]:
    """What of a captured directory stays out, relative to it: data that a database below it writes, and ``.git``."""
    below = sorted(path[len(source.rstrip("/")) + 1 :] for path in data if path != source and is_inside(path, source))
    return (".git", *below)


def outlives_source(source: str, facts: BindFacts) -> bool:
    """Whether what programs wrote there counts for more than new content of the project: git ignores it, or its name says so."""
    return facts.ignored or PurePosixPath(source).name.lower() in _KEPT_BY_PROGRAMS


def _is_source(source: str, model: Model, context: RewriteContext) -> bool:
    contexts = (mapping(service, "build").get("context") for _, service in services(model))
    built = {unescaped(path) for path in contexts if isinstance(path, str)}
    return any(is_inside(path, source) for path in {context.directory, *built})
