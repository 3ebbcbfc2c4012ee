"""``localenv ca``: where the authority is, and making programs trust it."""

from __future__ import annotations

from collections.abc import Sequence

from localenv.ports.certificates import Authority, Certificates, StoreReport, TrustStores
from localenv.values import dataclass

__all__ = ["AuthorityTrust", "CertificateAuthority"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityTrust:
    """One authority and what each trust store says of it."""

    authority: Authority
    stores: tuple[StoreReport, ...]


class CertificateAuthority:
    """One authority per domain; each is made when it is first asked for."""

    def __init__(self, *, certificates: Certificates, stores: TrustStores) -> None:
        self._certificates = certificates
        self._stores = stores

    def authority(self, domain: str) -> Authority:
        """The authority of a domain."""
        return self._certificates.authority(domain)

    def look(self, domain: str) -> tuple[AuthorityTrust, ...]:
        """Who trusts the authority of ``domain`` and all others that are there; nothing is changed."""
        return tuple(AuthorityTrust(authority=found, stores=tuple(self._stores.look(found))) for found in self._all(domain))

    def install(self, domain: str) -> tuple[AuthorityTrust, ...]:
        """Make every store trust the authority of ``domain`` and all others that are there."""
        return tuple(AuthorityTrust(authority=found, stores=tuple(self._stores.install(found))) for found in self._all(domain))

    def _all(self, domain: str) -> Sequence[Authority]:
        self._certificates.authority(domain)
        return self._certificates.authorities()
