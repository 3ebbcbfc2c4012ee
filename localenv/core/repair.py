"""What ``repair`` concludes from what is there: records, allocations and what is left of nothing. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, NetworkSeen, Observed
from localenv.core.releases.model import Release
from localenv.core.rewrite.model import items, mapping, unescaped
from localenv.core.summary import EnvironmentSummary, summarise
from localenv.core.wanted import Allocations, Model
from localenv.values import dataclass

__all__ = [
    "Leftover",
    "allocations_of",
    "domain_of",
    "environment_of",
    "exposures_of_model",
    "holds_binds",
    "leftovers",
    "release_of",
]

_URL = "LOCALENV_URL"
_DEFAULT_DOMAIN = "localhost"
_HTTPS = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Something that belongs to no environment that is there."""

    kind: Literal["network", "folder", "route", "record"]
    id: EnvironmentId
    text: str


def environment_of(name: str) -> EnvironmentId | None:
    """The environment that a folder or a route file is named after (``project_environment``)."""
    project, _, environment = name.partition("_")
    return EnvironmentId(project=project, name=environment) if project and environment and "_" not in environment else None


def leftovers(
    observed: Observed, *, folders: Iterable[str], routes: Iterable[str], records: Iterable[EnvironmentId]
) -> tuple[Leftover, ...]:
    """What can go without losing anything that a person made: no container and no volume stands behind it."""
    kept = {summary.id for summary in summarise(replace(observed, networks=()))}
    found = [
        Leftover(kind="network", id=environment, text=f"network {network.name} has no containers")
        for network in observed.networks
        if (environment := _of(network)) not in kept
    ]
    there = kept | {leftover.id for leftover in found}
    for kind, names, what in (("folder", folders, "state folder"), ("route", routes, "route file")):
        for name in names:
            environment_named = environment_of(name)
            if environment_named is not None and environment_named not in there:
                found.append(Leftover(kind=kind, id=environment_named, text=f"{what} {name}: nothing of it is there"))  # type: ignore[arg-type] # the two words above
    found += [
        Leftover(kind="record", id=environment, text=f"record of {environment}: nothing of it is there")
        for environment in records
        if environment not in there
    ]
    return tuple(found)


def allocations_of(observed: Observed, model: Model | None) -> Allocations:
    """Addresses that networks have, and ports that containers publish now or, while they are stopped, when they start."""
    subnets = {network.name: network.subnet for network in observed.networks if network.subnet}
    written = {
        f"{name}:{port['target']}/{port.get('protocol', 'tcp')}": int(port["published"])
        for name, service in mapping(model or {}, "services").items()
        for port in items(service, "ports")
        if port.get("host_ip") == "127.0.0.1" and str(port.get("published", "")).isdigit()
    }
    published = {
        f"{container.service}:{port}/{protocol}": number
        for container in observed.containers
        for port, protocol, address, number in container.ports
        if address == "127.0.0.1"
    }
    return Allocations(subnets=subnets, ports={**written, **published})


def holds_binds(model: Model | None, directory: str, *, live: bool) -> bool:
    """Whether an environment has the project's writable source binds; yes where nobody knows, so that no second one gets them."""
    if not live:
        return False
    if model is None:
        return True
    return any(
        mount.get("type") == "bind" and not mount.get("read_only") and _inside(unescaped(str(mount.get("source", ""))), directory)
        for service in mapping(model, "services").values()
        for mount in items(service, "volumes")
    )


def release_of(model: Model | None, containers: Iterable[ContainerSeen], releases: Sequence[Release]) -> Release | None:
    """The release that an environment runs: the one that its rendered file names, where its containers have those images."""
    services = mapping(model or {}, "services").values()
    named = {str(mapping(service, "environment").get("LOCALENV_RELEASE") or "") for service in services}
    found = next((release for release in releases if release.name in named), None)
    images = {image.id for image in found.images} if found else set()
    return found if all(container.image_id in images for container in containers) else None


def domain_of(model: Model | None, environment: EnvironmentId) -> str:
    """The domain of its hostnames, as its services are told them."""
    marker = f"{environment.name}.{environment.project}."
    for url in _urls(model).values():
        _, found, domain = _host(url)[0].partition(marker)
        if found:
            return domain
    return _DEFAULT_DOMAIN


def exposures_of_model(model: Model | None, summary: EnvironmentSummary) -> list[dict[str, Any]]:
    """Exposures as ``urls`` tells them, from the URLs that services are told and from published ports."""
    urls = _urls(model)
    primary = urls.get(_URL)
    found: list[dict[str, Any]] = []
    for name, service in mapping(model or {}, "services").items():
        if url := urls.get(f"{_URL}_{_variable(name)}"):
            host, port = _host(url)
            found.append(
                {
                    "service": name,
                    "protocol": "http",
                    "container_port": _port_of(service),
                    "url": url,
                    "service_url": url,
                    "host": host,
                    "router_address": "127.0.0.1",
                    "router_port": port,
                    "primary": url == primary,
                }
            )
        found += [_published(name, port) for port in items(service, "ports") if port.get("host_ip") == "127.0.0.1"]
    known = {service.name for service in summary.services}
    return [each for each in found if each["service"] in known]


def exposures_text(exposures: Iterable[Mapping[str, Any]]) -> str:
    """As the ledger keeps them."""
    return json.dumps(list(exposures))


def is_stopped(containers: Iterable[ContainerSeen]) -> bool:
    """Whether a person stopped it: nothing runs, and what is to run for long has lost its restart policy."""
    lasting = [container for container in containers if not container.one_shot and not container.is_run]
    return bool(lasting) and all(c.state == "exited" and c.restart in {"no", ""} for c in lasting)


def _of(network: NetworkSeen) -> EnvironmentId:
    return EnvironmentId(project=network.project, name=network.environment)


def _urls(model: Model | None) -> dict[str, str]:
    for service in mapping(model or {}, "services").values():
        told = {name: str(value) for name, value in mapping(service, "environment").items() if name.startswith(_URL)}
        if told:
            return told
    return {}


def _host(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("https://").partition("/")[0].partition(":")
    return host, int(port) if port.isdigit() else _HTTPS


def _port_of(service: Mapping[str, Any]) -> int | None:
    """Where the healthcheck asks, which is the nearest that the rendered file says about it."""
    test = mapping(service, "healthcheck").get("test")
    words = test if isinstance(test, list) else str(test or "").split()
    return next((int(word) for word in words if str(word).isdigit() and 0 < int(word) < 65536), None)  # noqa: PLR2004 - ports


def _published(service: str, port: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "service": service,
        "protocol": str(port.get("protocol", "tcp")),
        "container_port": port.get("target"),
        "address": "127.0.0.1",
        "port": int(port["published"]) if str(port.get("published", "")).isdigit() else None,
        "primary": False,
    }


def _variable(service: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in service).upper()


def _inside(path: str, directory: str) -> bool:
    return bool(directory) and (path == directory or path.startswith(directory.rstrip("/") + "/"))
