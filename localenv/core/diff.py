"""How two environments of one project differ, told service by service. Pure; values of secrets never leave it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, Literal

from localenv.core.configuration.sensitive import HIDDEN, looks_secret, shown_value
from localenv.core.names import EnvironmentId
from localenv.core.rewrite.model import items, mapping, unescaped, without
from localenv.core.wanted import Model
from localenv.values import dataclass

__all__ = ["DiffSide", "Difference", "compare", "diff_document", "ways"]

Aspect = Literal["service", "image", "variable", "replicas", "limit", "setting", "mount", "data", "exposure"]

_HIDDEN = "not shown"
_OWN_VARIABLES = "LOCALENV_"
_NOT_COMPARED = (
    *("labels", "networks", "container_name", "hostname", "environment", "image", "build", "ports", "scale", "deploy", "volumes"),
    *("cpus", "mem_limit", "develop", "extra_hosts", "links", "profiles", "secrets", "configs", "annotations"),
)
"""Keys of a service that differ between any two environments, or that are compared by a rule of their own."""
_CAPTURED = re.compile(r"/binds/(?P<digest>[0-9a-f]{6,})(?:/|$)")
_SECRET_OPTION = re.compile(r"(--?[\w-]*(?:pass|secret|token|api-?key)[\w-]*[= ])\S+", re.IGNORECASE)
_LONGEST = 120
_SHORTEST_SECRET = 8
"""Characters; the configuration takes no shorter one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSide:
    """One of the two environments, as it runs."""

    id: EnvironmentId
    model: Model
    """The rendered Compose file."""
    domain: str = "localhost"
    image_ids: Mapping[str, str] = field(default_factory=dict)
    """ID of the image that each service's containers run."""
    replicas: Mapping[str, int] = field(default_factory=dict)
    """Containers that are there, by service; what the file says where a service has none."""
    data_class: str | None = None
    data_profile: str | None = None
    exposures: tuple[Mapping[str, Any], ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Generated values by name: each environment has its own, which is no difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One line of ``diff``. A side that has nothing is ``None``; a secret's value is never in it."""

    service: str | None
    """``None``: the environment as a whole."""
    aspect: Aspect
    name: str
    left: str | None
    right: str | None


def compare(left: DiffSide, right: DiffSide) -> tuple[Difference, ...]:
    """Every difference: the environment's own first, then by service."""
    names = sorted({*mapping(left.model, "services"), *mapping(right.model, "services")})
    return (*_data(left, right), *(found for name in names for found in _service(name, left, right)))


def ways(differences: Iterable[Difference]) -> tuple[tuple[tuple[str, ...], Difference], ...]:
    """What a person calls one difference: the same in several services counts once. Services, and the first of them."""
    found: dict[tuple[str, str, str | None, str | None], list[Difference]] = {}
    for each in differences:
        name = each.aspect if each.aspect == "service" else each.name
        key = (each.aspect, name, each.left, each.right)
        found.setdefault(key, []).append(each)
    merged = [(tuple(each.service for each in same if each.service), same[0]) for same in found.values()]
    return tuple(sorted(merged, key=lambda entry: entry[0]))


def diff_document(left: DiffSide, right: DiffSide, differences: tuple[Difference, ...]) -> dict[str, Any]:
    """``localenv.diff/1``."""
    return {
        "schema": "localenv.diff/1",
        "project": left.id.project,
        "left": left.id.name,
        "right": right.id.name,
        "differences": [
            {"service": each.service, "aspect": each.aspect, "name": each.name, "left": each.left, "right": each.right}
            for each in differences
        ],
    }


def _data(left: DiffSide, right: DiffSide) -> Iterator[Difference]:
    for name, a, b in (("class", left.data_class, right.data_class), ("profile", left.data_profile, right.data_profile)):
        if a != b:
            yield Difference(service=None, aspect="data", name=name, left=a, right=b)


def _service(name: str, left: DiffSide, right: DiffSide) -> Iterator[Difference]:
    here, there = mapping(mapping(left.model, "services"), name), mapping(mapping(right.model, "services"), name)
    if not here or not there:
        told = ("runs" if here else None, "runs" if there else None)
        yield Difference(service=name, aspect="service", name=name, left=told[0], right=told[1])
        return
    yield from _images(name, left, right)
    yield from _each(name, "replicas", {"replicas": _replicas(name, left)}, {"replicas": _replicas(name, right)})
    yield from _each(name, "variable", _environment(name, left), _environment(name, right))
    yield from _each(name, "limit", _limits(here), _limits(there))
    yield from _each(name, "mount", _mounts(name, left), _mounts(name, right))
    yield from _each(name, "exposure", _exposures(name, left), _exposures(name, right))
    yield from _each(name, "setting", _settings(name, left), _settings(name, right))


def _each(service: str, aspect: Aspect, left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[Difference]:
    """Compare the values themselves, tell them as they may be seen."""
    for name in sorted({*left, *right}):
        a, b = left.get(name), right.get(name)
        if a == b:
            continue
        shown = [_shown(name, value) for value in (a, b)]
        if shown[0] == shown[1]:
            shown = [None if value is None else _HIDDEN for value in (a, b)]
        yield Difference(service=service, aspect=aspect, name=name, left=shown[0], right=shown[1])


def _images(name: str, left: DiffSide, right: DiffSide) -> Iterator[Difference]:
    a, b = (str(mapping(mapping(side.model, "services"), name).get("image", "")) for side in (left, right))
    ids = left.image_ids.get(name), right.image_ids.get(name)
    if ids[0] and ids[1]:
        if ids[0] == ids[1]:
            return
        if a == b:
            a, b = f"{a} ({_short_id(ids[0])})", f"{b} ({_short_id(ids[1])})"
    yield from _each(name, "image", {"image": a}, {"image": b})


def _replicas(name: str, side: DiffSide) -> str:
    deploy = mapping(mapping(mapping(side.model, "services"), name), "deploy")
    return str(side.replicas.get(name) or deploy.get("replicas", 1))


def _environment(service: str, side: DiffSide) -> dict[str, str]:
    written = mapping(mapping(mapping(side.model, "services"), service), "environment")
    return {
        name: _common(unescaped(str(value)), side)
        for name, value in written.items()
        if value is not None and not name.startswith(_OWN_VARIABLES)
    }


def _shown(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    if looks_secret(name):
        return _HIDDEN
    told = _SECRET_OPTION.sub(rf"\1{HIDDEN}", shown_value(name, value))
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"


def _limits(service: Mapping[str, Any]) -> dict[str, str]:
    limits = mapping(mapping(mapping(service, "deploy"), "resources"), "limits")
    told = {"cpus": limits.get("cpus", service.get("cpus")), "memory": limits.get("memory", service.get("mem_limit"))}
    return {name: _size(str(value)) if name == "memory" else f"{float(value):g}" for name, value in told.items() if value}


def _size(text: str) -> str:
    """Compose prints bytes where the file says ``256M``."""
    if not text.isdigit():
        return text.lower()
    number = int(text)
    for unit in ("b", "k", "m"):
        if number % 1024 or not number:
            return f"{number}{unit}"
        number //= 1024
    return f"{number}g"


def _mounts(name: str, side: DiffSide) -> dict[str, str]:
    service = mapping(mapping(side.model, "services"), name)
    found = {unescaped(str(mount.get("target", ""))): _mount(mount, side) for mount in items(service, "volumes")}
    for part in ("secrets", "configs"):
        for entry in items(service, part):
            path = unescaped(str(mapping(mapping(side.model, part), str(entry.get("source"))).get("file", "")))
            found[f"{part[:-1]} {entry.get('source')}"] = _file(path)
    return found


def _mount(mount: Mapping[str, Any], side: DiffSide) -> str:
    kind = str(mount.get("type", ""))
    source = unescaped(str(mount.get("source") or ""))
    read_only = ", read-only" if mount.get("read_only") else ""
    if kind == "bind":
        return _file(_common(source, side)) + read_only
    return f"{kind} {_common(source, side)}".strip() + read_only


def _file(path: str) -> str:
    captured = _CAPTURED.search(path)
    return f"captured at {captured['digest'][:12]}" if captured else f"live {path}"


def _exposures(name: str, side: DiffSide) -> dict[str, str]:
    return {
        f"port {each.get('container_port')}": f"{each.get('protocol')}{' (main)' if each.get('primary') else ''}"
        for each in side.exposures
        if each.get("service") == name
    }


def _settings(name: str, side: DiffSide) -> dict[str, str]:
    service = mapping(mapping(side.model, "services"), name)
    deploy = without(mapping(service, "deploy"), "replicas", "resources", "labels", "placement")
    found = {
        key: value for key, value in {**without(service, *_NOT_COMPARED), "deploy": deploy}.items() if value not in (None, {}, [])
    }
    return {key: _value(value, side) for key, value in found.items()}


def _value(value: Any, side: DiffSide) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        text = " ".join(value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return _common(unescaped(text), side)


def _common(text: str, side: DiffSide) -> str:
    """The text with what is each environment's own put in one form: its names and its generated secrets."""
    for name, value in side.secrets.items():
        if len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, f"(secret {name})")
    text = text.replace(side.id.compose_project, f"{side.id.project}_ENV")
    return text.replace(side.id.host(side.domain), f"ENV.{side.id.project}.{side.domain}")


def _short_id(image: str) -> str:
    return image.removeprefix("sha256:")[:12]
