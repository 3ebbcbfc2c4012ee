"""Argument lists for the programs that change trust stores."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["as_root", "certutil_add", "certutil_find", "copy_file", "keychain_add", "keychain_find", "mkcert_install"]

_SYSTEM_KEYCHAIN = "/Library/Keychains/System.keychain"


def mkcert_install() -> tuple[str, ...]:
    """``mkcert -install``: adds what ``CAROOT`` holds to every store that mkcert knows."""
    return ("mkcert", "-install")


def certutil_find(database: str, name: str) -> tuple[str, ...]:
    """Exit 0 when an NSS database has a certificate of this name."""
    return ("certutil", "-L", "-d", f"sql:{database}", "-n", name)


def certutil_add(database: str, name: str, certificate: str) -> tuple[str, ...]:
    """Add an authority for TLS servers (``C,,``) to an NSS database."""
    return ("certutil", "-A", "-d", f"sql:{database}", "-t", "C,,", "-n", name, "-i", certificate)


def keychain_find(certificate: str) -> tuple[str, ...]:
    """Exit 0 when macOS trusts a certificate."""
    return ("security", "verify-cert", "-c", certificate)


def keychain_add(certificate: str) -> tuple[str, ...]:
    """Trust an authority in the system's keychain (security(1), add-trusted-cert)."""
    return ("security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", _SYSTEM_KEYCHAIN, certificate)


def copy_file(source: str, target: str) -> tuple[str, ...]:
    """Copy a file so that everyone may read it."""
    return ("install", "-m", "0644", "--", source, target)


def as_root(arguments: Sequence[str]) -> tuple[str, ...]:
    """The same command, asking for the password on the terminal."""
    return ("sudo", "--", *arguments)
