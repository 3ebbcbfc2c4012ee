"""Hostnames of what is exposed, and which service is the environment's face."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from localenv.core.names import slugify
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Service, services, unique_slugs
from localenv.core.wanted import Exposure, Model, Rewritten

__all__ = ["exposure_url", "name_hosts", "rewrite_inside_hosts", "service_urls"]

_FACES = (
    "web",
    "app",
    "frontend",
    "front",
    "website",
    "site",
    "www",
    "ui",
    "webapp",
    "proxy",
    "nginx",
    "caddy",
    "gateway",
    "server",
)
"""Names of services that people mean by "the application", the likeliest first."""
_NAMED = frozenset({"http", "https", "postgres"})
_WEB = frozenset({"http", "https"})
_HTTPS_PORT = 443


def name_hosts(
    exposures: tuple[Exposure, ...], model: Model, context: RewriteContext, *, said: frozenset[str] = frozenset()
) -> tuple[Exposure, ...]:
    """Give hostnames, and mark exactly one HTTP exposure as the primary one where there is any.

    ``said``: services whose first exposure a person chose.
    """
    slugs = unique_slugs(name for name, _ in services(model))
    mains = {name: _main_of([item for item in exposures if item.service == name], name in said) for name in slugs}
    primary = _primary(exposures, mains, context.id.project)
    named = []
    for exposure in exposures:
        label = _label(exposure, slugs, mains[exposure.service])
        host = context.id.host(context.settings.domain, label) if label else None
        face = exposure is primary
        aliases = (context.id.host(context.settings.domain),) if face else ()
        named.append(replace(exposure, host=host, primary=face, aliases=aliases))
    return tuple(named)


def exposure_url(exposure: Exposure, context: RewriteContext) -> str | None:
    """Public URL; of the primary exposure the environment's own. ``None`` for what is no HTTP."""
    if exposure.protocol not in _WEB or exposure.host is None:
        return None
    host = exposure.aliases[0] if exposure.aliases else exposure.host
    port = context.router.https_port
    return f"https://{host}" if port == _HTTPS_PORT else f"https://{host}:{port}"


def service_urls(exposures: tuple[Exposure, ...], context: RewriteContext) -> dict[str, str]:
    """URL by service name, of its first HTTP exposure."""
    found: dict[str, str] = {}
    for exposure in exposures:
        if (url := exposure_url(exposure, context)) is not None:
            found.setdefault(exposure.service, url)
    return found


def rewrite_inside_hosts(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """With ``router.inside``: every service resolves its environment's hostnames to the router's inner entry point."""
    address = context.router.inside_address
    if address is None:
        return draft
    hosts = sorted(
        {host for item in draft.exposures if item.protocol in _WEB and item.host for host in (item.host, *item.aliases)}
    )
    changed = {name: _with_hosts(service, hosts, address) for name, service in services(draft.model)}
    return replace(draft, model={**draft.model, "services": changed})


def _with_hosts(service: Service, hosts: list[str], address: str) -> Service:
    if "network_mode" in service:
        return service
    written = service.get("extra_hosts")
    if isinstance(written, Mapping):
        return {**service, "extra_hosts": {**written, **dict.fromkeys(hosts, address)}}
    return {**service, "extra_hosts": [*(written or ()), *(f"{host}:{address}" for host in hosts)]}


def _main_of(exposures: list[Exposure], said: bool) -> Exposure | None:  # noqa: FBT001 - one caller
    """The exposure that has the service's own name: HTTP before PostgreSQL, plain before TLS, the first of each."""
    stated = [item for item in exposures[:1] if said and item.protocol in _NAMED]
    ranked = [*stated, *(item for protocol in ("http", "https", "postgres") for item in exposures if item.protocol == protocol)]
    return ranked[0] if ranked else None


def _label(exposure: Exposure, slugs: Mapping[str, str], main: Exposure | None) -> str | None:
    if exposure.protocol not in _NAMED:
        return None
    slug = slugs[exposure.service]
    if exposure is main:
        return slug
    label = f"{slug}-{exposure.port}"
    return slugify(label, unique=True) if label in slugs.values() else label


def _primary(exposures: tuple[Exposure, ...], mains: Mapping[str, Exposure | None], project: str) -> Exposure | None:
    candidates = [item for item in exposures if item is mains[item.service] and item.protocol in _WEB]
    stated = [item for item in candidates if item.primary]
    return min(stated or candidates, key=lambda item: (_face_rank(item.service, project), exposures.index(item)), default=None)


def _face_rank(service: str, project: str) -> tuple[int, int]:
    """Lower is likelier: named so, named like the project, named so in part."""
    name = service.lower()
    if name in _FACES:
        return 0, _FACES.index(name)
    if slugify(name) == project:
        return 1, 0
    parts = set(re.split(r"[-_.]", name))
    ranks = [rank for rank, face in enumerate(_FACES) if face in parts]
    return (2, min(ranks)) if ranks else (3, 0)
