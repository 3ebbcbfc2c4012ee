"""The local authority against OpenSSL's own judgement, through Python's ``ssl`` and the ``openssl`` program."""

from __future__ import annotations

import ssl
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from localenv.adapters.certificates import LocalCertificates
from localenv.errors import InvalidInput

NAMES = ("staging.shop.localhost", "*.staging.shop.localhost")


class StandingClock:
    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        raise AssertionError("certificates wait for nothing")


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def certificates(tmp_path: Path, clock: StandingClock) -> LocalCertificates:
    return LocalCertificates(directory=tmp_path / "certificates", leaves=tmp_path / "leaves", clock=clock)


def shake_hands(authority: Path, certificate: Path, key: Path, name: str) -> None:
    """One TLS handshake in memory; raises ``ssl.SSLCertVerificationError`` when the client does not trust the server."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate, key)
    client_context = ssl.create_default_context(cafile=str(authority))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def forge(tmp_path: Path, authority: Path, *names: x509.GeneralName) -> tuple[Path, Path]:
    """A certificate that whoever stole the authority's key would sign."""
    issuer = x509.load_pem_x509_certificate(authority.read_bytes())
    issuer_key = load_pem_private_key(authority.with_name("ca.key").read_bytes(), password=None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    certificate_path, key_path = tmp_path / "forged.crt", tmp_path / "forged.key"
    certificate_path.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_path, key_path


@pytest.mark.parametrize("name", ["staging.shop.localhost", "web.staging.shop.localhost", "db.staging.shop.localhost"])
def test_the_environments_names_are_trusted(certificates: LocalCertificates, tmp_path: Path, name: str) -> None:
    leaf = certificates.leaf("shop_staging", "localhost", NAMES)
    authority = Path(certificates.authority("localhost").path)
    shake_hands(authority, tmp_path / "leaves" / leaf.certificate, tmp_path / "leaves" / leaf.key, name)


@pytest.mark.parametrize("name", ["production.shop.localhost", "a.b.staging.shop.localhost", "example.com"])
def test_another_environments_names_are_not(certificates: LocalCertificates, tmp_path: Path, name: str) -> None:
    leaf = certificates.leaf("shop_staging", "localhost", NAMES)
    authority = Path(certificates.authority("localhost").path)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(authority, tmp_path / "leaves" / leaf.certificate, tmp_path / "leaves" / leaf.key, name)


@pytest.mark.parametrize("name", ["example.com", "localhost.example.com", "notlocalhost"])
def test_a_stolen_authority_signs_no_other_name(certificates: LocalCertificates, tmp_path: Path, name: str) -> None:
    authority = Path(certificates.authority("localhost").path)
    forged = forge(tmp_path, authority, x509.DNSName(name))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(authority, *forged, name)


@pytest.mark.parametrize("address", ["8.8.8.8", "127.0.0.1", "::1", "2001:4860:4860::8888"])
def test_a_stolen_authority_signs_no_address(certificates: LocalCertificates, tmp_path: Path, address: str) -> None:
    """A constraint on names alone leaves addresses open: a certificate for 8.8.8.8 was accepted."""
    from ipaddress import ip_address

    authority = Path(certificates.authority("localhost").path)
    forged = forge(tmp_path, authority, x509.IPAddress(ip_address(address)))
    with pytest.raises(ssl.SSLCertVerificationError, match="excluded subtree violation"):
        shake_hands(authority, *forged, address)


def test_commands_side_by_side_end_up_with_one_authority(certificates: LocalCertificates, tmp_path: Path) -> None:
    barrier = threading.Barrier(8)

    def authority(_number: int) -> str:
        barrier.wait()
        return certificates.authority("localhost").fingerprint

    with ThreadPoolExecutor(8) as workers:
        assert len(set(workers.map(authority, range(8)))) == 1
    assert [path.name for path in (tmp_path / "certificates").iterdir()] == ["localhost"]


def test_another_domain_has_an_authority_of_its_own(certificates: LocalCertificates, tmp_path: Path) -> None:
    local, other = certificates.authority("localhost"), certificates.authority("dev.example")
    assert local.fingerprint != other.fingerprint
    leaf = certificates.leaf("shop_staging", "dev.example", ("staging.shop.dev.example",))
    paths = (tmp_path / "leaves" / leaf.certificate, tmp_path / "leaves" / leaf.key)
    shake_hands(Path(other.path), *paths, "staging.shop.dev.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(Path(local.path), *paths, "staging.shop.dev.example")
    assert [authority.domain for authority in certificates.authorities()] == ["dev.example", "localhost"]


def test_openssl_accepts_the_chain_for_a_server(certificates: LocalCertificates, tmp_path: Path) -> None:
    leaf = certificates.leaf("shop_staging", "localhost", NAMES)
    authority = certificates.authority("localhost").path
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "web.staging.shop.localhost"]
    done = subprocess.run(
        [*command, "-CAfile", authority, str(tmp_path / "leaves" / leaf.certificate)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip().endswith(": OK"), done.stderr


def test_a_certificate_is_for_servers_and_has_no_subject(certificates: LocalCertificates, tmp_path: Path) -> None:
    leaf = certificates.leaf("shop_staging", "localhost", NAMES)
    certificate = x509.load_pem_x509_certificate((tmp_path / "leaves" / leaf.certificate).read_bytes())
    assert not list(certificate.subject)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=397)
    usage = certificate.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE).value
    assert usage == x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def test_the_authoritys_key_is_for_its_owner_alone(certificates: LocalCertificates) -> None:
    authority = Path(certificates.authority("localhost").path)
    assert stat.S_IMODE(authority.with_name("ca.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.parent.parent.stat().st_mode) == 0o700


def test_a_good_certificate_is_kept_and_an_old_one_renewed(certificates: LocalCertificates, clock: StandingClock) -> None:
    first = certificates.leaf("shop_staging", "localhost", NAMES)
    clock.time += timedelta(days=366)
    assert certificates.leaf("shop_staging", "localhost", NAMES) == first
    clock.time += timedelta(days=2)
    renewed = certificates.leaf("shop_staging", "localhost", NAMES)
    assert renewed.certificate != first.certificate
    assert renewed.expires > first.expires


def test_other_names_need_another_certificate(certificates: LocalCertificates, tmp_path: Path) -> None:
    first = certificates.leaf("shop_staging", "localhost", NAMES)
    more = certificates.leaf("shop_staging", "localhost", (*NAMES, "a.b.staging.shop.localhost"))
    assert more.certificate != first.certificate
    certificates.discard_older("shop_staging", more)
    assert {path.name for path in (tmp_path / "leaves" / "shop_staging").iterdir()} == {
        Path(more.certificate).name,
        Path(more.key).name,
    }


@pytest.mark.parametrize("damage", ["truncated", "no key"])
def test_a_damaged_authority_is_made_anew(certificates: LocalCertificates, tmp_path: Path, damage: str) -> None:
    authority = Path(certificates.authority("localhost").path)
    certificates.leaf("shop_staging", "localhost", NAMES)
    if damage == "truncated":
        authority.write_bytes(authority.read_bytes()[:100])
    else:
        authority.with_name("ca.key").unlink()
    leaf = certificates.leaf("shop_staging", "localhost", NAMES)
    shake_hands(authority, tmp_path / "leaves" / leaf.certificate, tmp_path / "leaves" / leaf.key, NAMES[0])


def test_forgetting_leaves_nothing(certificates: LocalCertificates, tmp_path: Path) -> None:
    certificates.leaf("shop_staging", "localhost", NAMES)
    certificates.forget("shop_staging")
    certificates.forget("shop_staging")
    assert list((tmp_path / "leaves").iterdir()) == []


@pytest.mark.parametrize("domain", ["", "..", "../up", "a b", "a{{b}}", "UPPER"])
def test_what_is_no_domain_gets_no_authority(certificates: LocalCertificates, tmp_path: Path, domain: str) -> None:
    with pytest.raises(InvalidInput):
        certificates.authority(domain)
    assert not (tmp_path / "certificates").exists()
