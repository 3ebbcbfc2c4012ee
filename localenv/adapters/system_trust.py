"""Whether this system's programs trust a certificate: read from the bundle that OpenSSL and its kin read."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

__all__ = ["is_trusted"]

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def is_trusted(path: str) -> bool | None:
    """Whether the certificate in this PEM file is in the system's bundle; ``None`` where there is no bundle to read."""
    try:
        wanted = set(_bodies(Path(path).read_text()))
        bundles = [bundle for bundle in _places() if bundle.is_file()]
        return any(wanted <= set(_bodies(bundle.read_text(errors="replace"))) for bundle in bundles) if bundles else None
    except OSError:
        return None


def _places() -> Iterator[Path]:
    found = ssl.get_default_verify_paths()
    for place in dict.fromkeys((found.cafile, found.openssl_cafile, *_BUNDLES)):
        if place:
            yield Path(place)


def _bodies(text: str) -> Iterator[str]:
    for part in text.split(_BEGIN)[1:]:
        yield "".join(part.partition(_END)[0].split())
