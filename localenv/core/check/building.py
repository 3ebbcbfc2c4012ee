"""Builds: what of the machine a build may read, and what it may do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from localenv.core.check.context import CheckContext, items, mapping, plain
from localenv.core.documents import Path
from localenv.core.findings import Refusal
from localenv.core.paths import absolute, grantable, shown
from localenv.core.scan.references import is_remote

__all__ = ["build_paths", "check_build"]

_WITHOUT_FILES: Final = re.compile(r"docker-image://|service:|target:")
_LAYOUT: Final = "oci-layout://"
_REMOTE: Final = "is built from another machine's files"
_POWERS: Final = {
    "cache_to": "writes its cache somewhere else",
    "entitlements": "lets the build do what builds may not do by default",
    "privileged": "builds with the whole machine in its hands",
    "secrets": "hands secrets to the build",
    "ssh": "lends your SSH keys to the build",
}
_OWN_NETWORKS: Final = frozenset({"", "default", "none"})


def build_paths(service: Mapping[str, Any]) -> Iterator[str]:
    """Paths of the machine that a build reads: context, Dockerfile, additional contexts, local caches."""
    build = mapping(service.get("build"))
    context = plain(build.get("context") or "")
    if context and not is_remote(context):
        yield context
        if build.get("dockerfile"):
            yield absolute(plain(build["dockerfile"]), context)
    for source in _additional(build).values():
        if source.startswith(_LAYOUT) or not (is_remote(source) or _WITHOUT_FILES.match(source)):
            yield _layout(source)
    for cache in items(build.get("cache_from")):
        if folder := _cache_source(plain(cache)):
            yield folder


def check_build(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """``build`` of a service. Contexts are folders of the project; nothing of the machine is lent to the build."""
    build = mapping(service.get("build"))
    path: Path = ("services", name, "build")
    yield from _contexts(build, path, context)
    yield from _powers(build, path, context)
    yield from _caches(build, path, context)
    own = _repository(str(service.get("image") or ""))
    for index, tag in enumerate(items(build.get("tags"))):
        if own and _repository(str(tag)) != own:
            message = "gives the image a name that is not this service's"
            yield _refuse(context, "foreign-tag", (*path, "tags", index), message, str(tag))


def _contexts(build: Mapping[str, Any], path: Path, context: CheckContext) -> Iterator[Refusal]:
    folder = plain(build.get("context") or "")
    if folder:
        yield from _main_context(folder, plain(build.get("dockerfile") or ""), path, context)
    for key, source in _additional(build).items():
        inner = (*path, "additional_contexts", key)
        if _WITHOUT_FILES.match(source):
            continue
        if is_remote(source) and not source.startswith(_LAYOUT):
            yield _refuse(context, "remote-build", inner, _REMOTE, source)
        elif not context.inside(_layout(source)):
            message = _outside("is built from a folder", _layout(source), context)
            yield _refuse(context, "build-outside-project", inner, message, source)


def _main_context(folder: str, dockerfile: str, path: Path, context: CheckContext) -> Iterator[Refusal]:
    if is_remote(folder):
        yield _refuse(context, "remote-build", (*path, "context"), _REMOTE, folder)
    elif not context.inside(folder):
        message = _outside("is built from a folder", folder, context)
        yield _refuse(context, "build-outside-project", (*path, "context"), message, folder)
    elif dockerfile and not context.inside(file := absolute(dockerfile, folder)):
        message = _outside("is built by a Dockerfile", file, context)
        yield _refuse(context, "build-outside-project", (*path, "dockerfile"), message, file)


def _powers(build: Mapping[str, Any], path: Path, context: CheckContext) -> Iterator[Refusal]:
    for key, message in _POWERS.items():
        if build.get(key):
            yield _refuse(context, f"build-{key.replace('_', '-')}", (*path, key), message, key)
    network = str(build.get("network") or "")
    if network not in _OWN_NETWORKS:
        message = "builds inside another network than its own"
        yield _refuse(context, "build-network", (*path, "network"), message, network)


def _caches(build: Mapping[str, Any], path: Path, context: CheckContext) -> Iterator[Refusal]:
    for index, cache in enumerate(items(build.get("cache_from"))):
        source = _cache_source(plain(cache))
        if source is not None and not context.inside(source):
            message = _outside("reads a cache that lies", source, context)
            yield _refuse(context, "build-outside-project", (*path, "cache_from", index), message, source)


def _refuse(context: CheckContext, code: str, path: Path, message: str, value: str) -> Refusal:
    """A refusal within ``build``; the grant names ``build`` and ``value``."""
    written = shown(value, context.root) if value.startswith("/") else value
    granting = grantable(value, context.directory) if value.startswith("/") else value
    return context.refuse(code, path, message, value=written, hints=(value, written), grant_value=granting)


def _outside(what: str, path: str, context: CheckContext) -> str:
    real = context.real(path)
    return f"{what} outside the project" + (f" ({real})" if real != path else "")


def _additional(build: Mapping[str, Any]) -> dict[str, str]:
    written = build.get("additional_contexts")
    if isinstance(written, dict):
        return {str(key): plain(value) for key, value in written.items()}
    pairs = (plain(entry).partition("=") for entry in items(written))
    return {key: value for key, _, value in pairs}


def _layout(source: str) -> str:
    return source.removeprefix(_LAYOUT).partition("@")[0]


def _cache_source(cache: str) -> str | None:
    """The folder of a local cache (``type=local,src=...``)."""
    options = dict(part.partition("=")[::2] for part in cache.split(","))
    return options.get("src") if options.get("type") == "local" else None


def _repository(image: str) -> str:
    """``registry:5000/shop/web:1`` and ``registry:5000/shop/web@sha256:...`` are the repository ``registry:5000/shop/web``."""
    name = image.partition("@")[0]
    head, slash, tail = name.rpartition("/")
    return f"{head}{slash}{tail.partition(':')[0]}"
