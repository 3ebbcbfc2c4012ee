"""The router's own settings, and what all route files share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from localenv.core.routes.layout import Layout
from localenv.core.routes.rules import checked_host, client_in, harmless, host_in

__all__ = [
    "COMMON",
    "INSECURE",
    "NOTHING",
    "REDIRECT",
    "RETRY",
    "RETRY_REPLICAS",
    "TRANSPORT",
    "common_routes",
    "guarded",
    "own_host",
    "revision_of",
    "revision_path",
    "revision_router",
    "static_settings",
]

COMMON = "localenv"
"""Name of the file that all environments share; theirs have an underscore."""
REDIRECT = "localenv.redirect"
RETRY = "localenv.retry"
"""Tries again where no connection came about: nothing was sent, so any request may be."""
RETRY_REPLICAS = "localenv.retry-replicas"
"""Tries the other replicas too where one died with a request in its hands, and again when all were left out for a moment (503);
Traefik never does so with POST or PATCH. On a machine at load 9, 300 requests a second to two replicas: 0 of 4,800 failed,
without the 503 a fifth of them."""
NOTHING = "localenv.nothing"
"""Lets nobody through and says 404: the one address that it allows is set aside for documents (RFC 5737, 3)."""
TRANSPORT = "localenv.transport"
INSECURE = "localenv.insecure"
"""Transport to a container that speaks TLS with a certificate of its own making."""

_REVISION_LENGTH = 16
_PRIORITY = 1_000_000
"""Before every other rule: Traefik otherwise ranks rules by their length."""
_TIMEOUTS = {"dialTimeout": "200ms", "idleConnTimeout": "2s"}
"""A killed replica's address swallows packets: without a limit on dialling a request waits 3 to 30 s. A connection that
nobody used for 2 s is closed: what is still open then has a request under way, which is how a replica that leaves is seen to
have none left."""
_KEPT = 200
"""Connections to a replica that are kept for the next requests. Without it a transport of one's own keeps two, and dials for
every other request that comes at the same time: on a busy machine that takes longer than the limit."""


def static_settings(layout: Layout, *, directory: str) -> dict[str, Any]:
    """What Traefik reads once, at its start: entry points, and ``directory`` of route files to watch.

    No API, no dashboard, no Docker provider, no access log, and nothing is sent to anyone. Uploads may take as long as
    they like: the limit of 60 s on reading a request is for strangers.
    """
    settings = {
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "log": {"level": "ERROR", "noColor": True},
        "entryPoints": {name: _entry_point(address) for name, address in layout.listening()},
        "ping": {"manualRouting": True},
        "providers": {"providersThrottleDuration": "100ms", "file": {"directory": directory, "watch": True}},
    }
    harmless(settings)
    return settings


def _entry_point(address: str) -> dict[str, Any]:
    return {"address": address, "transport": {"respondingTimeouts": {"readTimeout": 0}}}


def own_host(domain: str) -> str:
    """The router's own hostname, by which it is known to be ours."""
    return checked_host(f"router.localenv.{domain}")


def revision_path(revision: str) -> str:
    """Path that answers when the router serves ``revision``."""
    return f"/.localenv/revision/{revision}"


def revision_of(content: Mapping[str, Any]) -> str:
    """Hash of a file's content: equal content, equal revision."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_REVISION_LENGTH]


def revision_router(layout: Layout, host: str, revision: str) -> dict[str, Any]:
    """Router that answers 200 for exactly this revision, by Traefik's own ping; ``common_routes`` refuses all others."""
    return {
        "rule": guarded(layout, f"{host_in((host,))} && Path(`{revision_path(revision)}`)"),
        "entryPoints": list(layout.https()),
        "priority": _PRIORITY,
        "service": "ping@internal",
        "tls": {},
    }


def _other_revisions(layout: Layout) -> dict[str, Any]:
    """404 for revisions that are not served, of whatever host.

    Without it, a service that answers 200 to any path would answer for them. One router for all environments: each
    router costs every reload.
    """
    return {
        "rule": f"PathPrefix(`{revision_path('')}`)",
        "entryPoints": list(layout.https()),
        "priority": _PRIORITY - 1,
        "middlewares": [NOTHING],
        "service": "noop@internal",
        "tls": {},
    }


def guarded(layout: Layout, rule: str, inside: tuple[str, ...] = ()) -> str:
    """In attached mode, demand that the request comes from the host (or from ``inside``, blocks of the environment).

    Without it a container would reach every other environment through the router that stands in its network.
    """
    if layout.mode == "host":
        return rule
    return f"{rule} && {client_in((*((layout.gateway,) if layout.gateway else ()), *inside))}"


def common_routes(layout: Layout, *, domain: str, certificate: str, key: str, identity: str) -> tuple[str, dict[str, Any]]:
    """The shared file and its revision: redirect, retry, transports, and the certificate for unknown names.

    ``certificate`` and ``key`` are paths as the router sees them; ``identity`` tells installations apart, so that one
    never takes another's router for its own.
    """
    content: dict[str, Any] = {
        "http": {
            "middlewares": {
                REDIRECT: {"redirectScheme": {"scheme": "https", "port": str(layout.https_port), "permanent": False}},
                NOTHING: {"ipAllowList": {"sourceRange": ["192.0.2.255/32"], "rejectStatusCode": 404}},
                RETRY: {"retry": {"attempts": 3, "initialInterval": "100ms"}},
                RETRY_REPLICAS: {"retry": {"attempts": 5, "initialInterval": "100ms", "status": ["502", "503", "504"]}},
            },
            "serversTransports": {
                TRANSPORT: {"maxIdleConnsPerHost": _KEPT, "forwardingTimeouts": _TIMEOUTS},
                INSECURE: {"insecureSkipVerify": True, "maxIdleConnsPerHost": _KEPT, "forwardingTimeouts": _TIMEOUTS},
            },
        },
        "tls": {
            "options": {"default": {"minVersion": "VersionTLS12"}},
            "stores": {"default": {"defaultCertificate": {"certFile": certificate, "keyFile": key}}},
        },
    }
    harmless(content)
    revision = revision_of({"content": content, "identity": identity, "listening": layout.listening(), "gateway": layout.gateway})
    content["http"]["routers"] = {
        "localenv.revision": revision_router(layout, own_host(domain), revision),
        "localenv.other-revisions": _other_revisions(layout),
    }
    return revision, content
