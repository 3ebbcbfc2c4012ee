"""The Compose file from which ``run`` makes one more container of a service. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from localenv.core import labels
from localenv.core.rewrite.model import escaped, items, mapping, text_list, unescaped, without
from localenv.core.wanted import FileCopy, InjectedFile, Model, Rewritten

__all__ = ["RunModel", "injected_copies", "needed_services", "run_model", "used_volumes"]

RunModel = Model

_NOT_FOR_ONE_RUN = (
    *("ports", "expose", "restart", "build", "scale", "develop", "depends_on", "profiles", "container_name"),
    *("pre_start", "post_start", "pre_stop", "healthcheck", "x-localenv"),
)
_SHARED_NAMESPACES = ("network_mode", "pid", "ipc", "uts", "cgroup")
_PREFIX = "service:"


def needed_services(model: Model, name: str) -> frozenset[str]:
    """The service itself and those whose namespaces or volumes it shares, however far that goes."""
    found, waiting = {name}, [name]
    while waiting:
        service = mapping(mapping(model, "services"), waiting.pop())
        shared = [str(service.get(key, "")).removeprefix(_PREFIX) for key in _SHARED_NAMESPACES if _shares(service.get(key))]
        mounted = [text.partition(":")[0] for text in text_list(service.get("volumes_from")) if not text.startswith("container:")]
        for other in (*shared, *mounted):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return frozenset(found)


def injected_copies(files: tuple[InjectedFile, ...], *, state_directory: str, digest: Mapping[str, str]) -> tuple[FileCopy, ...]:
    """Files in the state directory for what ``up`` puts into a created container: ``run`` starts its own at once.

    ``digest`` has the hash of each file's content by target.
    """
    return tuple(
        FileCopy(
            target=f"{state_directory}/binds/{digest[file.target][:12]}/{PurePosixPath(file.target).name}",
            digest=digest[file.target],
            content=file.content,
            mode=file.mode,
        )
        for file in files
    )


def run_model(rewritten: Rewritten, name: str, *, mounts: Mapping[str, str], tier: Mapping[str, str]) -> RunModel:
    """What is left for one run of ``name``: no ports, replicas, addresses or dependencies.

    ``mounts`` has the path in the state directory by target of what is injected; ``tier`` are the labels of the
    environment's objects. The container is marked as a run, so that it is no replica and goes with the environment.
    """
    model = rewritten.model
    needed = needed_services(model, name)
    services = {other: _stripped(mapping(mapping(model, "services"), other)) for other in sorted(needed)}
    own = services[name]
    own["labels"] = {**mapping(own, "labels"), **{key: escaped(value) for key, value in tier.items()}, labels.ROLE: labels.RUN}
    if mounts:
        own["volumes"] = [*items(own, "volumes"), *(_bind(path, target) for target, path in sorted(mounts.items()))]
    kept = {"name": model.get("name"), "services": services}
    text = json.dumps(services, default=str)
    for part in ("networks", "volumes", "secrets", "configs"):
        if used := {key: value for key, value in mapping(model, part).items() if json.dumps(key) in text}:
            kept[part] = used
    return {key: value for key, value in kept.items() if value is not None}


def used_volumes(model: RunModel) -> frozenset[str]:
    """Names on the engine of the volumes that the run mounts."""
    return frozenset(
        unescaped(str(mapping(mapping(model, "volumes"), key).get("name", key))) for key in mapping(model, "volumes")
    )


def _shares(value: object) -> bool:
    return isinstance(value, str) and value.startswith(_PREFIX)


def _stripped(service: Mapping[str, Any]) -> dict[str, Any]:
    deploy = without(mapping(service, "deploy"), "replicas", "mode", "restart_policy", "update_config", "placement")
    kept = without(service, *_NOT_FOR_ONE_RUN, "deploy")
    networks = {key: without(value, "ipv4_address", "ipv6_address") or None for key, value in _networks(service).items()}
    return {**kept, **({"deploy": deploy} if deploy else {}), **({"networks": networks} if networks else {})}


def _networks(service: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: value if isinstance(value, dict) else {} for key, value in mapping(service, "networks").items()}


def _bind(path: str, target: str) -> dict[str, Any]:
    return {
        "type": "bind",
        "source": escaped(path),
        "target": escaped(target),
        "read_only": True,
        "bind": {"create_host_path": False},
    }
