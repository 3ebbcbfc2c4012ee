"""Namespaces: what a container shares with the machine, or with a container of somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from localenv.core.check.context import CheckContext, items
from localenv.core.findings import Refusal

__all__ = ["check_namespaces"]

_HOST: Final = {
    "ipc": "shares the machine's memory segments, and so those of other copies",
    "pid": "sees and can end every program of the machine",
    "userns_mode": "makes the container's root the machine's root",
    "uts": "shares the machine's host name",
}
_FOREIGN: Final = "reaches into a container outside of this environment"
_OWN_NETWORKS: Final = frozenset({"", "none"})


def check_namespaces(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """``pid``, ``ipc``, ``uts``, ``userns_mode``, ``network_mode``, and containers that are named from outside."""
    for key, message in _HOST.items():
        mode = str(service.get(key) or "")
        if mode == "host":
            yield context.refuse("host-namespace", ("services", name, key), message, value=mode)
        elif mode.startswith("container:"):
            yield context.refuse("foreign-container", ("services", name, key), _FOREIGN, value=mode, grant_value=mode)
    yield from _network_mode(name, service, context)
    for index, source in enumerate(items(service.get("volumes_from"))):
        if str(source).startswith("container:"):
            yield _foreign(name, "volumes_from", index, str(source), context)
    for index, link in enumerate(items(service.get("external_links"))):
        yield _foreign(name, "external_links", index, str(link), context)


def _network_mode(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    mode = str(service.get("network_mode") or "")
    path = ("services", name, "network_mode")
    if mode in _OWN_NETWORKS or mode.startswith("service:"):
        return
    if mode == "host":
        message = "listens on the machine's own ports: only one copy could, and nothing keeps it from the others"
        yield context.refuse("host-network", path, message, value=mode, grant_value=mode)
    elif mode.startswith("container:"):
        yield context.refuse("foreign-container", path, _FOREIGN, value=mode, grant_value=mode)
    else:
        message = "joins a network that all environments share, where copies reach each other"
        yield context.refuse("shared-network", path, message, value=mode, grant_value=mode)


def _foreign(name: str, key: str, index: int, text: str, context: CheckContext) -> Refusal:
    return context.refuse(
        "foreign-container", ("services", name, key, index), _FOREIGN, value=text, hints=(text,), grant_value=text
    )
