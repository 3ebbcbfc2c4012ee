"""Volumes, networks, secrets and configs: what a project declares for all its services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from localenv.core.check.context import CheckContext, mapping, plain
from localenv.core.check.mounts import reaches_engine
from localenv.core.documents import Path
from localenv.core.findings import Refusal
from localenv.core.paths import inside, shown

__all__ = ["check_top_level", "declared_paths"]

_LOCAL_VOLUME_DRIVERS: Final = frozenset({"", "local"})
_LOCAL_NETWORK_DRIVERS: Final = frozenset({"", "bridge", "default"})
_ENGINE_NETWORKS: Final = frozenset({"host", "bridge", "none"})
_OWN_BRIDGE: Final = "com.docker.network.bridge."
_NETWORK_OPTIONS: Final = frozenset(
    {
        "com.docker.network.driver.mtu",
        "com.docker.network.container_iface_prefix",
        f"{_OWN_BRIDGE}enable_icc",
        f"{_OWN_BRIDGE}enable_ip_masquerade",
        f"{_OWN_BRIDGE}host_binding_ipv4",
    }
)
"""Options that stay within the network itself."""


def declared_paths(model: Mapping[str, Any]) -> Iterator[str]:
    """Paths of the machine that secrets, configs and volumes lead to."""
    for section in ("secrets", "configs"):
        for entry in mapping(model.get(section)).values():
            if mapping(entry).get("file"):
                yield plain(entry["file"])


def check_top_level(model: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """Everything of the model that is no service."""
    for name, volume in mapping(model.get("volumes")).items():
        yield from _volume(name, mapping(volume), context)
    for name, network in mapping(model.get("networks")).items():
        yield from _network(name, mapping(network), context)
    for section in ("secrets", "configs"):
        for name, entry in mapping(model.get(section)).items():
            yield from _file(section, name, mapping(entry), context)


def _volume(name: str, volume: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    path: Path = ("volumes", name)
    chosen = context.settings.volumes.get(name)
    if volume.get("external") and (chosen is None or chosen.external is None):
        yield context.refuse(
            "external-volume",
            (*path, "external"),
            "is a volume of the machine, which all copies would share",
            value=str(volume.get("name") or name),
            granted=False,
            hint=f"say in localenv.yaml what to do with it: volumes: {{{name}: {{external: clone}}}}  (or share)",
        )
    driver = str(volume.get("driver") or "")
    if driver not in _LOCAL_VOLUME_DRIVERS:
        message = "keeps its data where another driver decides, not in a volume of this environment"
        yield context.refuse("volume-driver", (*path, "driver"), message, value=driver)
    options = {str(key): plain(value) for key, value in mapping(volume.get("driver_opts")).items()}
    if options and options.get("type") != "tmpfs":
        device = options.get("device", "")
        message = "is a folder of the machine or of the network under the name of a volume: all copies would share it"
        yield context.refuse("volume-options", (*path, "driver_opts"), message, value=device or None)


def _network(name: str, network: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    path: Path = ("networks", name)
    driver = str(network.get("driver") or "")
    if driver not in _LOCAL_NETWORK_DRIVERS:
        message = "is a network of another kind than the engine's own bridges"
        yield context.refuse("network-driver", (*path, "driver"), message, value=driver)
    if network.get("name") in _ENGINE_NETWORKS:
        message = "is a network that everything on the engine shares"
        yield context.refuse("shared-network", (*path, "name"), message, value=str(network["name"]))
    for option, value in mapping(network.get("driver_opts")).items():
        if option not in _NETWORK_OPTIONS:
            message = f"sets {option}, which reaches beyond this network"
            yield context.refuse("network-options", (*path, "driver_opts", option), message, value=str(value))


def _file(section: str, name: str, entry: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    path: Path = (section, name)
    thing = section.removesuffix("s")
    if entry.get("external"):
        message = f"is a {thing} of a Swarm, which a single engine has not"
        hint = "give it a file, or a variable with `environment:`, in compose.yaml or in a file for the tier"
        yield context.refuse(f"external-{thing}", (*path, "external"), message, granted=False, hint=hint)
    for key in ("driver", "template_driver"):
        if entry.get(key):
            yield context.refuse(f"{thing}-driver", (*path, key), "comes from a driver", value=str(entry[key]), granted=False)
    if not entry.get("file"):
        return
    source = plain(entry["file"])
    facts = context.facts.get(source)
    value = shown(source, context.root)
    if reaches_engine(source, context):
        message = "gives the container the engine, and with it the whole machine"
        yield context.refuse("docker-socket", (*path, "file"), message, value=value)
    elif not context.inside(source):
        led = f": it leads to {context.real(source)}" if inside(source, context.root) else ""
        message = f"lies outside the project{led}"
        yield context.refuse(f"{thing}-outside-project", (*path, "file"), message, value=value)
    elif facts is not None and facts.kind in {"socket", "device", "fifo"}:
        yield context.refuse("special-file", (*path, "file"), f"is a {facts.kind} of the machine", value=value)
