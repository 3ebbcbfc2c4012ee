"""Mounts of a service: what of the machine's disk a container gets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, Final

from localenv.core.check.context import CheckContext, items, mapping, plain
from localenv.core.documents import Path
from localenv.core.findings import Refusal
from localenv.core.paths import grantable, inside, shown

__all__ = ["bind_sources", "check_mounts", "reaches_engine"]

_CLOCK_FILES: Final = frozenset({"/etc/localtime", "/etc/timezone"})
_KNOWN_TYPES: Final = frozenset({"bind", "volume", "tmpfs", "image"})
_OWN_PROPAGATION: Final = frozenset({"", "private", "rprivate"})
_ENGINE: Final = "gives the container the engine, and with it the whole machine"


def bind_sources(service: Mapping[str, Any]) -> Iterator[str]:
    """Paths of the machine that the service mounts."""
    for mount in items(service.get("volumes")):
        if mapping(mount).get("type") == "bind" and mount.get("source"):
            yield plain(mount["source"])


def check_mounts(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """``volumes`` of a service. A bind may lead to files and folders of the project, and to the machine's clock files."""
    for index, entry in enumerate(items(service.get("volumes"))):
        mount = mapping(entry)
        path = ("services", name, "volumes", index)
        kind = str(mount.get("type") or "volume")
        target = plain(mount.get("target") or "")
        if kind not in _KNOWN_TYPES:
            yield context.refuse("unknown-mount", path, f"is a mount of type {kind}", value=kind, hints=(target,), granted=False)
        if kind == "bind":
            yield from _bind(mount, path, context)
        yield from _subpath(mount, path, context)


def reaches_engine(path: str, context: CheckContext) -> bool:
    """Whether ``path`` is an engine's socket, leads to one, or is a folder that one lies in."""
    real = context.real(path)
    lexical = posixpath.normpath(path)
    return any(inside(socket, leads) for socket in context.sockets for leads in (real, lexical, context.real(lexical)))


def _bind(mount: Mapping[str, Any], path: Path, context: CheckContext) -> Iterator[Refusal]:
    source, target = plain(mount.get("source") or ""), plain(mount.get("target") or "")
    written = shown(source, context.root)
    value = f"{written} -> {target}"
    hints = (target, written, source)
    granting = grantable(source, context.directory)
    facts = context.facts.get(source)
    kind = facts.kind if facts else "missing"
    if reaches_engine(source, context) or _named_like_an_engine(source, kind):
        yield context.refuse("docker-socket", path, _ENGINE, value=value, hints=hints, grant_value=granting)
    elif posixpath.normpath(source) in _CLOCK_FILES and mount.get("read_only"):
        pass
    elif not context.inside(source):
        real = context.real(source)
        led = f": it leads to {real}" if inside(source, context.root) else ""
        message = f"lies outside the project{led}"
        yield context.refuse("bind-outside-project", path, message, value=value, hints=hints, grant_value=granting)
    elif kind in {"socket", "device", "fifo"}:
        message = f"is a {kind} of the machine, which all copies would share"
        yield context.refuse("special-file", path, message, value=value, hints=hints, grant_value=granting)
    propagation = str(mapping(mount.get("bind")).get("propagation") or "")
    if propagation not in _OWN_PROPAGATION:
        message = "carries mounts between the container and the machine"
        yield context.refuse("bind-propagation", path, message, value=propagation, hints=hints, granted=False)


def _named_like_an_engine(source: str, kind: str) -> bool:
    """A socket in an unusual place, such as ``~/.docker/run/docker.sock`` or one of a rootless engine."""
    name = source.rpartition("/")[2]
    return kind in {"socket", "missing"} and name.startswith(("docker", "containerd", "podman")) and ".sock" in name


def _subpath(mount: Mapping[str, Any], path: Path, context: CheckContext) -> Iterator[Refusal]:
    for kind in ("volume", "image"):
        subpath = plain(mapping(mount.get(kind)).get("subpath") or "")
        if subpath.startswith("/") or ".." in subpath.split("/"):
            message = "climbs out of the volume"
            hints = (subpath, plain(mount.get("target") or ""))
            yield context.refuse("subpath", path, message, value=subpath, hints=hints, granted=False)
