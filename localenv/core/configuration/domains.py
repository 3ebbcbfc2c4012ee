"""The domain that hostnames end in."""

from __future__ import annotations

import re

from localenv.core.names import SLUG_LIMIT

__all__ = ["HOST_LIMIT", "domain_problem"]

HOST_LIMIT = 253
"""Characters of a hostname (RFC 1035, 2.3.4, less the final dot and the length byte)."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = {"localhost", "test", "internal", "lan", "local", "home.arpa", "example", "invalid"}
"""Names that nobody can register (RFC 6761, RFC 6762, RFC 8375, and ICANN's for private use)."""


def domain_problem(domain: str) -> str | None:
    """What is wrong with ``domain``, or ``None``.

    It must leave room for a service, an environment and a project in front, and must not be a whole registry such as
    ``com``: the local certificate authority may sign what is below it.
    """
    labels = domain.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return f"{domain[:80]!a} is not a domain: lower-case letters, digits and - between dots"
    if labels[-1].isdigit():
        return f"{domain!a} is an address, not a domain"
    if len(domain) + 3 * (SLUG_LIMIT + 1) > HOST_LIMIT:
        return f"the domain leaves no room for hostnames below it ({HOST_LIMIT} characters at most)"
    if len(labels) == 1 and domain not in _RESERVED:
        return f"{domain!a} may hold other people's names; use localhost, test, internal or a domain of your own"
    return None
