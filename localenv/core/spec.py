"""The hash that tells whether a container is still what is wanted, whichever Compose version made it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.environment import URL_PREFIX
from localenv.core.rewrite.model import Service, items, mapping, unescaped, without
from localenv.core.wanted import InjectedFile, Model

__all__ = ["mounted_content", "service_spec"]

_LENGTH = 32
"""Hexadecimal digits that are kept."""
_NOT_IN_A_CONTAINER = ("build", "depends_on", "develop", "profiles", "pull_policy", "attach")
"""Keys of a service that no container shows: changing one replaces nothing."""


def service_spec(
    service: Service,
    *,
    image_id: str | None,
    injected: tuple[InjectedFile, ...],
    content: Mapping[str, str],
    places: Mapping[str, str],
) -> str:
    """Hash of a service as placed: definition, image, files put into it.

    ``content`` is the digest of mounted files by path; ``places`` the engine's names of its volumes and the subnets of
    its networks: a container must be replaced when one of those is another. How many replicas there are does not count,
    nor do the URLs of the other services, so that a new service leaves its neighbours alone.
    """
    value = {
        "service": _of_container(service),
        "image": image_id,
        "injected": [[file.target, file.mode, file.uid, file.gid, hashlib.sha256(file.content).hexdigest()] for file in injected],
        "content": dict(content),
        "places": dict(places),
    }
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def mounted_content(service: Service, model: Model, context: RewriteContext, *, one_shot: bool) -> dict[str, str]:
    """Digests of what is mounted from the project and must replace the container when it changes.

    A container goes on seeing the old content of a single file that an editor has replaced, and reads a secret or
    configuration once. A directory is live, except for a one-shot: it runs again when its input is new.
    """
    paths = [
        unescaped(str(mount.get("source", "")))
        for mount in items(service, "volumes")
        if mount.get("type") == "bind" and (one_shot or mount.get("read_only") is True)
    ]
    found = {
        path: facts for path in paths if (facts := context.binds.get(path)) is not None and (one_shot or facts.kind == "file")
    }
    for part in ("secrets", "configs"):
        for entry in items(service, part):
            path = unescaped(str(mapping(mapping(model, part), str(entry.get("source"))).get("file", "")))
            if (facts := context.binds.get(path)) is not None:
                found[path] = facts
    return {path: facts.digest for path, facts in sorted(found.items())}


def _of_container(service: Service) -> dict[str, Any]:
    deploy = without(mapping(service, "deploy"), "replicas")
    environment = {name: value for name, value in mapping(service, "environment").items() if not name.startswith(URL_PREFIX)}
    return {**without(service, *_NOT_IN_A_CONTAINER), "deploy": deploy, "environment": environment}
