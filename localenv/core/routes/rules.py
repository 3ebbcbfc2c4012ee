"""Traefik's matching rules, built only from values that were looked at first.

A rule is a small language and a route file is a Go template to Traefik, so a backtick, a brace or a line break in a
name would be executed. Every value is held against what it may be; nothing is quoted or escaped.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence

from localenv.errors import InvalidInput

__all__ = ["any_of", "checked_backend", "checked_header", "checked_host", "client_in", "harmless", "host_in", "server_name_in"]

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_HEADER = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,253}")
_CONTAINER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,252}")
_HOST_LIMIT = 253
"""Characters in a hostname (RFC 1035, 2.3.4)."""


def checked_host(host: str) -> str:
    """Return a hostname that is one (RFC 1123, 2.1, lower case); raise ``InvalidInput`` otherwise."""
    if _HOST.fullmatch(host) and len(host) <= _HOST_LIMIT:
        return host
    raise InvalidInput(f"{host!r} is not a hostname: a-z, 0-9 and - in labels of at most 63 characters", code="hostname")


def checked_header(value: str) -> str:
    """Return a value for ``Host`` that can stand in a header; raise ``InvalidInput`` otherwise."""
    if _HEADER.fullmatch(value):
        return value
    raise InvalidInput(f"{value!r} cannot be sent as Host", hints=("try: host_header: localhost",), code="host-header")


def checked_backend(host: str) -> str:
    """Return an address or a container's name as it stands in a URL; raise ``InvalidInput`` otherwise."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if _CONTAINER.fullmatch(host):
            return host
        raise InvalidInput(f"{host!r} is neither an address nor a container's name", code="backend") from None
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - the Internet Protocol's version


def host_in(hosts: Sequence[str]) -> str:
    """Requests for one of these hostnames."""
    return any_of(f"Host(`{checked_host(host)}`)" for host in hosts)


def server_name_in(hosts: Sequence[str]) -> str:
    """TLS connections that ask for one of these names (RFC 6066, 3)."""
    return any_of(f"HostSNI(`{checked_host(host)}`)" for host in hosts)


def client_in(networks: Sequence[str]) -> str:
    """Connections from one of these addresses or blocks."""
    try:
        blocks = [ipaddress.ip_network(network) for network in networks]
    except ValueError as error:
        raise InvalidInput(f"not an address: {error}", code="address") from None
    return any_of(f"ClientIP(`{block.with_prefixlen}`)" for block in blocks)


def any_of(terms: Iterable[str]) -> str:
    """One term, or several of which one must hold, in brackets."""
    found = list(terms)
    return found[0] if len(found) == 1 else f"({' || '.join(found)})"


def harmless(value: object) -> None:
    """Walk a finished mapping; raise ``InvalidInput`` where a text could reach Traefik's template engine."""
    if isinstance(value, str):
        if "{{" in value or "}}" in value or any(ord(character) < ord(" ") for character in value):
            raise InvalidInput(f"{value!r} cannot be given to the router: it would be executed as a template", code="template")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            harmless(key)
            harmless(item)
    elif isinstance(value, Sequence):
        for item in value:
            harmless(item)
