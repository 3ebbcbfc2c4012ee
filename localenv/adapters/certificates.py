"""The local authority and its certificates, with ``cryptography``. Implements ``ports.certificates.Certificates``.

What may be signed is bounded by the authority itself (RFC 5280, 4.2.1.10): names under its domain, no address, one
level, servers only. Whoever gets hold of the key can impersonate nothing else.
"""

from __future__ import annotations

import ipaddress
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.core.routes.rules import checked_host
from localenv.ports.certificates import Authority, Leaf
from localenv.ports.clock import Clock

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["LocalCertificates"]

_AUTHORITY_LIFE = timedelta(days=3650)
_LEAF_LIFE = timedelta(days=397)
"""The longest that browsers take (CA/Browser Forum Baseline Requirements, 6.3.2)."""
_RENEW_BEFORE = timedelta(days=30)
_CLOCK_SKEW = timedelta(hours=1)
_FINGERPRINT_LENGTH = 16
_COMMON_NAME_DOMAIN = 40


class LocalCertificates:
    """Authorities under ``directory``, one folder per domain; certificates under ``leaves``, one folder per name.

    ``leaves`` is what the router's container is shown, so the authorities' keys must not be in it. The group may read
    the certificates' keys: inside the container the router has the group and no right to read everything.
    """

    def __init__(self, *, directory: Path, leaves: Path, clock: Clock) -> None:
        self._directory = directory
        self._leaves = leaves
        self._clock = clock

    def authority(self, domain: str) -> Authority:
        """See the port."""
        path = Path(self.path(domain))
        if not self._usable(path):
            self._make_authority(domain)
        return _described(domain, path)

    def path(self, domain: str) -> str:
        """See the port."""
        return str(self._directory / checked_host(domain) / "ca.crt")

    def authorities(self) -> Sequence[Authority]:
        """See the port."""
        found = sorted(self._directory.glob("*/ca.crt"))
        return tuple(_described(path.parent.name, path) for path in found if path.with_name("ca.key").exists())

    def leaf(self, name: str, domain: str, names: tuple[str, ...]) -> Leaf:
        """See the port."""
        self.authority(domain)
        issuer, issuer_key = self._load_authority(domain)
        kept = self._kept(name, names, issuer)
        return kept or self._issue(name, names, issuer, issuer_key)

    def discard_older(self, name: str, keep: Leaf) -> None:
        """See the port."""
        for path in (self._leaves / name).glob("*"):
            if str(path.relative_to(self._leaves)) not in {keep.certificate, keep.key}:
                path.unlink(missing_ok=True)

    def forget(self, name: str) -> None:
        """See the port."""
        shutil.rmtree(self._leaves / name, ignore_errors=True)

    # --- the authority ------------------------------------------------------------------------------------------------

    def _usable(self, path: Path) -> bool:
        """Whether an authority is there, whole, and lasts: one that a crash or a person damaged is made anew."""
        try:
            path.with_name("ca.key").read_bytes()
            return _loaded(path).not_valid_after_utc - self._clock.now() > _RENEW_BEFORE
        except (OSError, ValueError):
            return False

    def _make_authority(self, domain: str) -> None:
        """Make certificate and key in a folder beside and move it in: two commands at once end up with one authority."""
        parent = private_directory(self._directory)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
        place = parent / domain
        try:
            certificate, key = self._new_authority(domain)
            write_whole(made / "ca.key", _key_pem(key), mode=0o600)
            write_whole(made / "ca.crt", _pem(certificate), mode=0o644)
            if place.exists() and not self._usable(place / "ca.crt"):
                shutil.rmtree(place)
            try:
                made.rename(place)
            except OSError:
                if not self._usable(place / "ca.crt"):
                    raise
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _new_authority(self, domain: str) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        short = domain if len(domain) <= _COMMON_NAME_DOMAIN else domain[-_COMMON_NAME_DOMAIN:]
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "localenv"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"localenv {short} {identifier.digest.hex()[:8]}"),
            ]
        )
        now = self._clock.now()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _CLOCK_SKEW)
            .not_valid_after(now + _AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_constraints(domain), critical=True)
            .add_extension(identifier, critical=False)
            .sign(key, hashes.SHA256())
        )
        return certificate, key

    def _load_authority(self, domain: str) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        folder = self._directory / domain
        key = load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError(f"{folder / 'ca.key'} is not a key that localenv made")
        return _loaded(folder / "ca.crt"), key

    # --- certificates -------------------------------------------------------------------------------------------------

    def _kept(self, name: str, names: tuple[str, ...], issuer: x509.Certificate) -> Leaf | None:
        """The newest certificate of ``name`` that still holds, was issued by ``issuer`` and has exactly ``names``."""
        for path in sorted((self._leaves / name).glob("*.crt"), key=lambda found: found.stat().st_mtime, reverse=True):
            with suppress(ValueError):
                certificate = _loaded(path)
                ends = certificate.not_valid_after_utc - self._clock.now()
                if path.with_suffix(".key").exists() and ends > _RENEW_BEFORE and _fits(certificate, names, issuer):
                    return self._described_leaf(name, path, certificate)
        return None

    def _issue(self, name: str, names: tuple[str, ...], issuer: x509.Certificate, issuer_key: EllipticCurvePrivateKey) -> Leaf:
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        now = self._clock.now()
        ends = min(now - _CLOCK_SKEW + _LEAF_LIFE, issuer.not_valid_after_utc)
        certificate = _sign(key, names, issuer, issuer_key, (now - _CLOCK_SKEW, ends))
        folder = self._leaves / name
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        folder.chmod(0o750)
        path = folder / f"{_fingerprint(certificate)[:_FINGERPRINT_LENGTH]}.crt"
        write_whole(path.with_suffix(".key"), _key_pem(key), mode=0o640)
        write_whole(path, _pem(certificate), mode=0o640)
        return self._described_leaf(name, path, certificate)

    def _described_leaf(self, name: str, path: Path, certificate: x509.Certificate) -> Leaf:
        return Leaf(
            certificate=f"{name}/{path.name}",
            key=f"{name}/{path.with_suffix('.key').name}",
            expires=_moment(certificate.not_valid_after_utc),
        )


def _sign(
    key: EllipticCurvePrivateKey,
    names: tuple[str, ...],
    issuer: x509.Certificate,
    issuer_key: EllipticCurvePrivateKey,
    life: tuple[datetime, datetime],
) -> x509.Certificate:
    """A certificate with no subject at all: a common name holds 64 characters, hostnames may be longer."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    issuer_identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(life[0])
        .not_valid_after(life[1])
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_identifier), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _constraints(domain: str) -> x509.NameConstraints:
    """Names under ``domain``. Addresses are excluded as well: a constraint on names alone leaves them open."""
    from cryptography import x509

    return x509.NameConstraints(
        permitted_subtrees=[x509.DNSName(domain)],
        excluded_subtrees=[
            x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")),
            x509.IPAddress(ipaddress.ip_network("::/0")),
        ],
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _fits(certificate: x509.Certificate, names: tuple[str, ...], issuer: x509.Certificate) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if tuple(found.get_values_for_type(x509.DNSName)) != names:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _described(domain: str, path: Path) -> Authority:
    certificate = _loaded(path)
    return Authority(
        domain=domain,
        path=str(path),
        fingerprint=_fingerprint(certificate),
        expires=_moment(certificate.not_valid_after_utc),
        serial=str(certificate.serial_number),
    )


def _loaded(path: Path) -> x509.Certificate:
    from cryptography import x509

    return x509.load_pem_x509_certificate(path.read_bytes())


def _fingerprint(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex()


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
