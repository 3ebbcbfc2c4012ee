"""The JSON documents that scripts read (design page formats.md): fixed keys, snake_case, RFC 3339, bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from localenv.core.names import EnvironmentId
from localenv.core.summary import EnvironmentSummary
from localenv.core.wanted import Exposure

__all__ = ["exposure_document", "ls_document", "summary_document", "urls_document"]


def ls_document(environments: Iterable[EnvironmentSummary], memory: Mapping[EnvironmentId, int]) -> dict[str, Any]:
    """``localenv.ls/1``."""
    return {
        "schema": "localenv.ls/1",
        "environments": [summary_document(summary, memory.get(summary.id)) for summary in environments],
    }


def summary_document(summary: EnvironmentSummary, memory: int | None) -> dict[str, Any]:
    """One environment of ``localenv.ls/1``."""
    return {
        "project": summary.id.project,
        "name": summary.id.name,
        "tier": summary.tier,
        "state": summary.state,
        "data_class": summary.data_class,
        "data_profile": summary.data_profile,
        "release": summary.release,
        "branch": summary.branch,
        "commit": summary.revision,
        "created": summary.created,
        "expires": summary.expires,
        "url": summary.url,
        "memory": memory,
        "directory": summary.directory,
    }


def urls_document(environment: EnvironmentId, exposures: list[dict[str, Any]]) -> dict[str, Any]:
    """``localenv.urls/1``."""
    return {"schema": "localenv.urls/1", "project": environment.project, "environment": environment.name, "exposures": exposures}


def exposure_document(exposure: Exposure, *, https_port: int, postgres_port: int | None) -> dict[str, Any]:
    """One exposure of ``localenv.urls/1``: HTTP by hostname on the router, anything else by loopback port."""
    document: dict[str, Any] = {"service": exposure.service, "protocol": exposure.protocol, "container_port": exposure.port}
    if exposure.protocol in {"http", "https"} and exposure.host:
        shown_host = exposure.aliases[0] if exposure.primary and exposure.aliases else exposure.host
        port = "" if https_port == 443 else f":{https_port}"  # noqa: PLR2004 - the port that URLs leave out
        return document | {
            "protocol": "http",
            "url": f"https://{shown_host if exposure.primary else exposure.host}{port}",
            "service_url": f"https://{exposure.host}{port}",
            "host": exposure.host,
            "router_address": "127.0.0.1",
            "router_port": https_port,
            "primary": exposure.primary,
        }
    document |= {"address": exposure.address, "port": exposure.host_port, "primary": exposure.primary}
    if exposure.protocol == "postgres":
        document |= {"protocol": "tcp", "host": exposure.host, "router_port": postgres_port}
    return document
