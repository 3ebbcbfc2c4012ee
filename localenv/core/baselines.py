"""What a baseline is made of, and the hash that names it: pure functions of a resolved model and an environment's context."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from localenv.core.data.engines import data_engine
from localenv.core.plan.data import early_services
from localenv.core.plan.graph import closure, dependencies
from localenv.core.plan.value import DataFacts
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Service, items, mapping, unescaped, without
from localenv.core.wanted import ImageDetails, Model, VolumeWanted, Wanted
from localenv.values import dataclass

__all__ = [
    "BaselineParts",
    "baseline_key",
    "baseline_parts",
    "holds_own_data",
    "lasting_one_shots",
    "secrets_within",
    "service_digests",
]

_FORMAT = 1
"""Of what is hashed; another number makes every baseline anew."""
_LENGTH = 32
_NOT_IN_DATA = (
    *("build", "depends_on", "deploy", "develop", "profiles", "pull_policy", "attach", "ports", "expose", "networks", "links"),
    *("restart", "healthcheck", "container_name", "logging", "labels", "scale", "extra_hosts", "dns", "hostname", "image"),
    *("mem_limit", "cpus", "stop_grace_period", "stop_signal", "volumes", "secrets", "configs", "env_file"),
)
"""Keys of a service that do not change what it writes, or that are hashed in another form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineParts:
    """What of an environment its baseline holds."""

    services: tuple[str, ...]
    """Services that run while it is made: those with data, what they need, and the one-shots that work on it."""
    one_shots: tuple[str, ...]
    """Those of them that end by themselves: their work is in it."""
    volumes: tuple[VolumeWanted, ...]


def holds_own_data(volume: VolumeWanted) -> bool:
    """Whether a volume begins empty and is this environment's alone: no copy of source, of a bind or of another volume."""
    return not (volume.shared or volume.shareable or volume.seed is not None or volume.clone_of is not None)


def baseline_parts(wanted: Wanted, data: DataFacts | None, images: Mapping[str, ImageDetails]) -> BaselineParts | None:
    """What a baseline of this environment would hold; ``None`` when it has no data, or data that comes from elsewhere.

    Services with data are those that the profile fills, and databases with a volume of their own. What may be a job that
    ends, and nobody waits for, runs in every environment after that.
    """
    own = {volume.name for volume in wanted.volumes if holds_own_data(volume)}
    staying = [service for service in wanted.services if not (service.one_shot or service.may_end)]
    holders = {
        service.name
        for service in staying
        if own & set(service.volumes) and data_engine(service.image, images.get(service.image))
    }
    loaded = {name for name in (data.services if data else ()) if any(service.name == name for service in wanted.services)}
    early = early_services(wanted, dependencies(wanted.services, wanted.model), sorted(holders | loaded))
    mounted = {name for service in wanted.services if service.name in early for name in service.volumes}
    filled = set(data.volumes) if data else set()
    if any(volume.name in mounted and not (holds_own_data(volume) or volume.shareable) for volume in wanted.volumes):
        return None
    volumes = tuple(volume for volume in wanted.volumes if volume.name in (mounted | filled) & own)
    if not volumes:
        return None
    one_shots = tuple(sorted(service.name for service in wanted.services if service.one_shot and service.name in early))
    return BaselineParts(services=tuple(sorted(early)), one_shots=one_shots, volumes=volumes)


def lasting_one_shots(wanted: Wanted, parts: BaselineParts) -> tuple[str, ...]:
    """One-shots that need not run again on a clone: all that they write to is in its volumes.

    What they work on must have a volume there, and they must not write to a copy of source.
    """
    graph = dependencies(wanted.services, wanted.model)
    services = {service.name: service for service in wanted.services}
    inside = {volume.name for volume in parts.volumes}
    found: list[str] = []
    for name in parts.one_shots:
        others = [services[each] for each in closure(graph, name) if each in services and not services[each].one_shot]
        if set(services[name].volumes) <= inside and all(inside & set(other.volumes) for other in others):
            found.append(name)
    return tuple(found)


def service_digests(model: Model, wanted: Wanted, context: RewriteContext) -> dict[str, str]:
    """Hash by service of what decides the data it writes, the same in every environment of a project.

    Definition as resolved, image, content of what it mounts from the project, constant variables of the tier. The names
    of generated secrets stand for their values, and the environment's own name is taken out.
    """
    fixed = {name: value for name, value in context.tier.variables.items() if "{{" not in value and "{%" not in value}
    images = {service.name: service.image_id or service.image for service in wanted.services}
    masked = {value: f"secret {name}" for name, value in context.secrets.items() if value}
    masked[context.id.compose_project] = "project"
    return {
        name: _digest(
            {
                "service": without(service, *_NOT_IN_DATA),
                "image": images.get(name, ""),
                "content": _content(service, model, context),
                "variables": fixed,
            },
            masked,
        )
        for name, service in mapping(model, "services").items()
    }


def _content(service: Service, model: Model, context: RewriteContext) -> list[list[str]]:
    """Target and digest of what is mounted from the project; the name of what is mounted as a volume."""
    found: list[list[str]] = []
    for mount in items(service, "volumes"):
        source, target = unescaped(str(mount.get("source", ""))), str(mount.get("target", ""))
        facts = context.binds.get(source)
        found.append([target, str(mount.get("type")), facts.digest if facts else source if mount.get("type") == "volume" else ""])
    for part in ("secrets", "configs"):
        for entry in items(service, part):
            definition = mapping(mapping(model, part), str(entry.get("source")))
            facts = context.binds.get(unescaped(str(definition.get("file", ""))))
            name = str(definition.get("environment", ""))
            told = context.variables.get(name, "") if name and name not in context.secrets else name
            found.append([str(entry.get("target", "")), facts.digest if facts else "", str(definition.get("content", told))])
    return sorted(found)


def baseline_key(parts: BaselineParts, digests: Mapping[str, str], profile: str | None) -> str:
    """Name of the baseline: ``profile`` is the hash of a data profile with all files that it refers to."""
    value = {
        "format": _FORMAT,
        "profile": profile,
        "services": {name: digests.get(name, "") for name in parts.services},
        "volumes": sorted(volume.key for volume in parts.volumes),
    }
    return _digest(value, {})


def secrets_within(model: Model, services: Iterable[str], secrets: Mapping[str, str]) -> dict[str, str]:
    """The generated values that these services of a resolved model are given: their data may hang on them."""
    named = {name: str(entry.get("environment", "")) for name, entry in mapping(model, "secrets").items()}
    found: dict[str, str] = {}
    for name in services:
        service = mapping(mapping(model, "services"), name)
        text = json.dumps([service.get("environment"), service.get("command"), service.get("entrypoint")], ensure_ascii=False)
        given = {named.get(str(entry.get("source"))) for entry in items(service, "secrets")}
        found |= {secret: value for secret, value in secrets.items() if secret in given or (value and value in text)}
    return found


def _digest(value: Any, masked: Mapping[str, str]) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    for secret, name in sorted(masked.items(), key=lambda item: (-len(item[0]), item[0])):
        text = text.replace(json.dumps(secret)[1:-1], f"<{name}>")
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
