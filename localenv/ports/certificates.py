"""Certificates: an authority of this machine's own per domain, and one certificate per environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from localenv.values import dataclass

__all__ = ["Authority", "Certificates", "Leaf", "StoreReport", "TrustStores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The certificate that signs all others of one domain; its key never leaves its folder."""

    domain: str
    path: str
    """PEM, absolute."""
    fingerprint: str
    """SHA-256 of the certificate, hexadecimal."""
    expires: str
    """RFC 3339, UTC."""
    serial: str = ""
    """Serial number, decimal: part of the name that mkcert gives it in browsers' databases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A certificate and its key, as files relative to the folder of all leaves."""

    certificate: str
    key: str
    expires: str
    """RFC 3339, UTC."""


class Certificates(Protocol):
    """Makes what is missing, keeps what is good, renews what ends within 30 days."""

    def authority(self, domain: str) -> Authority:
        """The authority of ``domain``, made when it is not there. Raises ``InvalidInput`` for what is no domain."""
        ...

    def path(self, domain: str) -> str:
        """Where the authority's certificate of ``domain`` is, or would be; nothing is read or made."""
        ...

    def authorities(self) -> Sequence[Authority]:
        """Those that are there, by domain."""
        ...

    def leaf(self, name: str, domain: str, names: tuple[str, ...]) -> Leaf:
        """The certificate kept as ``name`` for exactly these DNS names, the first being the main one."""
        ...

    def discard_older(self, name: str, keep: Leaf) -> None:
        """Remove what ``name`` had before ``keep``, once nothing refers to it."""
        ...

    def forget(self, name: str) -> None:
        """Remove everything kept as ``name``; what is gone is no error."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """What became of one trust store."""

    store: str
    """``system``, ``mkcert``, ``firefox``..."""
    state: Literal["trusted", "added", "absent", "failed"]
    """``trusted``: it was there already. ``absent``: it is not there, or there is no such store."""
    detail: str = ""
    hint: str | None = None
    """A command that mends it."""


class TrustStores(Protocol):
    """The places where programs look for authorities that they trust."""

    def look(self, authority: Authority) -> Sequence[StoreReport]:
        """Whether each store that is there trusts ``authority``; nothing is changed."""
        ...

    def install(self, authority: Authority) -> Sequence[StoreReport]:
        """Add ``authority`` to every store that is there; a second time changes nothing."""
        ...
