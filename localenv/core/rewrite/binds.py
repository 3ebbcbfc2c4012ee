"""Bind mounts: live in one development environment, private or captured elsewhere, and never shared data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Literal

from localenv.core.findings import Note
from localenv.core.rewrite.bind_kinds import (
    BindMount,
    bind_mounts,
    data_sources,
    holds_data,
    is_inside,
    left_out,
    outlives_source,
)
from localenv.core.rewrite.context import BindFacts, RewriteContext
from localenv.core.rewrite.model import (
    Change,
    Service,
    each_service,
    escaped,
    items,
    mapping,
    unescaped,
    unique_slugs,
    without,
)
from localenv.core.rewrite.volumes import with_volumes
from localenv.core.wanted import BindSeed, FileCopy, Model, Rewritten, VolumeWanted
from localenv.values import dataclass

__all__ = ["hashed_paths", "is_captured", "mounted_paths", "rewrite_binds"]

_DIGEST_SHOWN = 12
_CLOCK = frozenset({"/etc/localtime", "/etc/timezone"})

Kind = Literal["keep", "live", "data", "copy-file", "copy-directory", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Treatment:
    """What becomes of one path of the client, for every service that mounts it."""

    kind: Kind
    source: str
    read_only: bool
    """Whether no service may write to it."""
    volume: VolumeWanted | None = None
    copy: FileCopy | None = None


def mounted_paths(model: Model) -> tuple[str, ...]:
    """Absolute paths whose ``BindFacts`` rewriting asks for: binds, and files of secrets and configs."""
    files = {
        unescaped(str(entry["file"]))
        for part in ("secrets", "configs")
        for entry in mapping(model, part).values()
        if isinstance(entry, Mapping) and entry.get("file")
    }
    return tuple(sorted(files | {mount.source for mount in bind_mounts(model)}))


def hashed_paths(model: Model, directory: str) -> dict[str, tuple[str, ...]]:
    """Those of ``mounted_paths`` whose content is hashed, each with the paths below it that stay out of the hash.

    What a database writes is none of them: it changes all the time, may be unreadable, and is never captured. Nor is
    what a grant lets in from outside ``directory``, the project's.
    """
    data = data_sources(model)
    return {path: left_out(path, data) for path in mounted_paths(model) if path not in data and is_inside(path, directory)}


def is_captured(path: str, context: RewriteContext) -> bool:
    """Whether a file that is only read is copied at this content, instead of mounted from the project."""
    return is_inside(path, context.directory) and not _stays(read_only=True, context=context)


def rewrite_binds(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Decide once per path, so that services which share a path go on sharing it, and change every mount of it."""
    mounts = bind_mounts(draft.model)
    slugs = unique_slugs(_relative(mount.source, context.directory) for mount in mounts)
    taken = set(mapping(draft.model, "volumes"))
    data = {mount.source for mount in mounts if _is_data(mount, draft.model, context)}
    treatments: dict[str, _Treatment] = {}
    for source in sorted({mount.source for mount in mounts}):
        key = f"bind-{slugs[_relative(source, context.directory)]}"
        mine = [mount for mount in mounts if mount.source == source]
        key = f"{key}-own" if key in taken else key
        treatments[source] = _treatment(mine, context, key, data)
    changed = each_service(draft, lambda name, service: _with_mounts(name, service, treatments))
    notes = [note for treatment in treatments.values() if (note := _told(treatment, context)) is not None]
    volumes = tuple(item.volume for item in treatments.values() if item.volume is not None)
    copies = tuple(item.copy for item in treatments.values() if item.copy is not None)
    shared = frozenset(source for source in treatments if _is_shared(source, context))
    changed = replace(changed, copies=(*changed.copies, *copies), shared_paths=shared, notes=(*changed.notes, *notes))
    return with_volumes(changed, volumes)


def _is_shared(source: str, context: RewriteContext) -> bool:
    """Whether it is a place of the machine where what one container writes meets what another one does."""
    facts = context.binds.get(source, BindFacts())
    return source not in _CLOCK and facts.kind != "other" and not is_inside(source, context.directory)


def _is_data(mount: BindMount, model: Model, context: RewriteContext) -> bool:
    return is_inside(mount.source, context.directory) and holds_data(
        mount, context.binds.get(mount.source, BindFacts()), model, context
    )


def _treatment(mounts: list[BindMount], context: RewriteContext, key: str, data: set[str]) -> _Treatment:
    source = mounts[0].source
    facts = context.binds.get(source, BindFacts())
    read_only = all(mount.read_only for mount in mounts)
    if source in _CLOCK or not is_inside(source, context.directory) or facts.kind == "other":
        return _Treatment(kind="keep", source=source, read_only=read_only)
    if source in data:
        volume = VolumeWanted(
            key=key,
            name=context.id.object_name(key),
            classification=context.data_class,
            profile=context.data_profile,
            why=f"data bound from {_relative(source, context.directory)}",
        )
        return _Treatment(kind="data", source=source, read_only=False, volume=volume)
    if _stays(read_only=read_only, context=context):
        return _Treatment(kind="keep" if read_only else "live", source=source, read_only=read_only)
    if facts.kind == "file":
        return _Treatment(kind="copy-file", source=source, read_only=read_only, copy=_copy(source, facts, context))
    return _copied_directory(source, context, key, left_out(source, data), read_only=read_only)


def _stays(*, read_only: bool, context: RewriteContext) -> bool:
    """Whether the path itself is mounted."""
    if context.tier.binds == "worktree":
        return True
    return context.tier.binds == "live" and (read_only or context.holds_binds)


def _copy(source: str, facts: BindFacts, context: RewriteContext) -> FileCopy:
    target = f"{context.state_directory}/binds/{facts.digest[:_DIGEST_SHOWN] or 'unknown'}/{PurePosixPath(source).name}"
    return FileCopy(target=target, digest=facts.digest, source=source)


def _copied_directory(source: str, context: RewriteContext, key: str, exclude: tuple[str, ...], *, read_only: bool) -> _Treatment:
    """A volume filled from the directory: a new one for new content, except where programs keep what they write."""
    facts = context.binds.get(source, BindFacts())
    empty = facts.kind == "missing"
    follows = not empty and facts.digest and (read_only or not outlives_source(source, facts))
    name = f"{key}-{facts.digest[:_DIGEST_SHOWN]}" if follows else key
    volume = VolumeWanted(
        key=key,
        name=context.id.object_name(name),
        classification=context.data_class,
        shareable=bool(follows),
        seed=None if empty else BindSeed(source=source, digest=facts.digest, exclude=exclude),
        why=f"content of {_relative(source, context.directory)}",
    )
    return _Treatment(kind="empty" if empty else "copy-directory", source=source, read_only=read_only, volume=volume)


def _with_mounts(name: str, service: Service, treatments: Mapping[str, _Treatment]) -> Change:
    del name
    mounts = items(service, "volumes")
    if not mounts:
        return service, ()
    return {**service, "volumes": list(_mounted(mounts, treatments))}, ()


def _mounted(mounts: Iterable[dict[str, Any]], treatments: Mapping[str, _Treatment]) -> Iterable[dict[str, Any]]:
    for mount in mounts:
        treatment = treatments.get(unescaped(str(mount.get("source", "")))) if mount.get("type") == "bind" else None
        if treatment is None or (treatment.volume is None and treatment.copy is None):
            yield mount
        elif treatment.copy is not None:
            yield {**mount, "source": escaped(treatment.copy.target), "bind": {"create_host_path": False}}
        else:
            volume = {"nocopy": True} if treatment.kind == "copy-directory" else {}
            key = treatment.volume.key if treatment.volume else ""
            yield {**without(mount, "bind", "consistency"), "type": "volume", "source": key, "volume": volume}


def _told(treatment: _Treatment, context: RewriteContext) -> Note | None:
    path = _relative(treatment.source, context.directory)
    inside = is_inside(treatment.source, context.directory)
    place = "the branch's own worktree" if context.tier.binds == "worktree" else "the working tree"
    by_kind: dict[Kind, tuple[str, str]] = {
        "live": ("bind-live", f"{path} is mounted live from {place}: what the containers write is written there"),
        "data": ("bind-data", f"{path} holds data: a volume of this environment's own takes its place, and nothing is copied"),
        "copy-file": ("bind-copy", f"{path} is a copy of its own here, taken at this content"),
        "copy-directory": ("bind-copy", f"{path} is a private copy in a volume here, taken at this content"),
        "empty": ("bind-missing", f"{path} does not exist: an empty volume takes its place"),
    }
    if treatment.kind == "keep":
        if treatment.source in _CLOCK or inside:
            return None
        return Note(code="bind-granted", message=f"{treatment.source} of this machine is mounted as it is, as granted")
    code, message = by_kind[treatment.kind]
    if treatment.kind == "copy-file" and not context.platform.sees_files:
        message += "; the engine is remote and cannot see it"
    return Note(code=code, message=message)


def _relative(source: str, directory: str) -> str:
    """A path as people of the project say it; the project's own directory is ``project``."""
    if source == directory:
        return "project"
    return source[len(directory.rstrip("/")) + 1 :] if is_inside(source, directory) else source
