"""Which trust stores are found and how they are changed, in a file system and with programs of the test's own."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from localenv.adapters.certificates import LocalCertificates
from localenv.adapters.trust_stores import SystemTrustStores
from localenv.ports.certificates import Authority
from localenv.ports.process import Completed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the folders are those of Linux distributions")


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        raise AssertionError("nothing is waited for")


class Programs:
    """Notes what would be run; ``certutil -L`` finds what ``-A`` added."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.variables: list[Mapping[str, str]] = []
        self.failing: set[str] = set()
        self.databases: set[tuple[str, str]] = set()

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None, **_others: Any) -> Completed:
        self.ran.append(tuple(argv))
        self.variables.append(environment or {})
        good = argv[0] not in self.failing
        if argv[0] == "certutil":
            key = (argv[3], argv[argv.index("-n") + 1])
            good = good and (key in self.databases or argv[1] == "-A")
            if good:
                self.databases.add(key)
        return Completed(exit_code=0 if good else 1, stdout=b"", stderr=b"first\nwhat went wrong\n")

    def attach(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None, directory: str | None = None) -> int:
        return self.run(argv, environment=environment).exit_code


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return LocalCertificates(directory=tmp_path / "state", leaves=tmp_path / "leaves", clock=Clock()).authority("localhost")


@pytest.fixture
def programs() -> Programs:
    return Programs()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str) -> None:
    (folder / name).touch(mode=0o755)


@pytest.fixture
def stores(tmp_path: Path, programs: Programs, path: Path) -> SystemTrustStores:
    (tmp_path / "home").mkdir()
    (tmp_path / "root").mkdir()
    return SystemTrustStores(programs, home=tmp_path / "home", root=tmp_path / "root")


def debian(tmp_path: Path, path: Path, bundle: str = "") -> Path:
    anchors = tmp_path / "root" / "usr/local/share/ca-certificates"
    anchors.mkdir(parents=True)
    certificates = tmp_path / "root" / "etc/ssl/certs/ca-certificates.crt"
    certificates.parent.mkdir(parents=True)
    certificates.write_text(bundle)
    program(path, "update-ca-certificates")
    return anchors


def test_mkcert_is_shown_the_certificate_and_no_key(
    stores: SystemTrustStores, programs: Programs, path: Path, authority: Authority
) -> None:
    program(path, "mkcert")
    assert [(report.store, report.state) for report in stores.install(authority)] == [("mkcert", "added")]
    assert programs.ran == [("mkcert", "-install")]
    folder = Path(programs.variables[0]["CAROOT"])
    assert [file.name for file in folder.iterdir()] == ["rootCA.pem"]
    assert (folder / "rootCA.pem").read_bytes() == Path(authority.path).read_bytes()


def test_a_failing_mkcert_is_told_with_its_own_words(
    stores: SystemTrustStores, programs: Programs, path: Path, authority: Authority
) -> None:
    program(path, "mkcert")
    programs.failing = {"mkcert"}
    (report,) = stores.install(authority)
    assert (report.state, report.detail) == ("failed", "what went wrong")
    assert report.hint is not None
    assert report.hint.endswith("mkcert -install")


def test_debians_store_is_used_where_mkcert_is_not(programs: Programs, path: Path, authority: Authority, tmp_path: Path) -> None:
    anchors = debian(tmp_path, path)
    stores = SystemTrustStores(programs, home=tmp_path, root=tmp_path / "root", privileged=True)
    (report,) = stores.install(authority)
    assert (report.store, report.state) == ("system", "added")
    target = str(anchors / f"localenv-{authority.fingerprint[:12]}.crt")
    assert programs.ran == [("install", "-m", "0644", "--", authority.path, target), ("update-ca-certificates",)]


def test_without_root_and_without_a_terminal_the_commands_are_told(
    programs: Programs, path: Path, authority: Authority, tmp_path: Path
) -> None:
    debian(tmp_path, path)
    stores = SystemTrustStores(programs, home=tmp_path, root=tmp_path / "root", privileged=False)
    (report,) = stores.install(authority)
    assert report.state == "failed"
    assert report.hint is not None
    assert report.hint.startswith("sudo -- install -m 0644 -- ")
    assert report.hint.endswith("; sudo -- update-ca-certificates")
    assert programs.ran == []


def test_what_is_trusted_already_is_left_alone(
    stores: SystemTrustStores, programs: Programs, path: Path, authority: Authority, tmp_path: Path
) -> None:
    debian(tmp_path, path, bundle=Path(authority.path).read_text())
    assert [(report.store, report.state) for report in stores.install(authority)] == [("system", "trusted")]
    assert programs.ran == []


def test_every_browsers_database_is_given_it_once(
    stores: SystemTrustStores, programs: Programs, path: Path, authority: Authority, tmp_path: Path
) -> None:
    program(path, "certutil")
    for folder in (".pki/nssdb", ".mozilla/firefox/abc.default", "snap/firefox/common/.mozilla/firefox/x"):
        (tmp_path / "home" / folder).mkdir(parents=True)
        (tmp_path / "home" / folder / "cert9.db").touch()
    (tmp_path / "home" / ".mozilla/firefox/Crash Reports").mkdir()
    before = stores.look(authority)
    assert [(report.store, report.state) for report in before[1:]] == [("chromium", "absent")] + [("firefox", "absent")] * 2
    first, second = stores.install(authority), stores.install(authority)
    assert [report.state for report in first[1:]] == ["added"] * 3
    assert [report.state for report in second[1:]] == ["trusted"] * 3


def test_what_mkcert_added_is_known_by_the_name_that_it_gives(
    stores: SystemTrustStores, programs: Programs, path: Path, authority: Authority, tmp_path: Path
) -> None:
    program(path, "certutil")
    database = tmp_path / "home" / ".pki/nssdb"
    database.mkdir(parents=True)
    (database / "cert9.db").touch()
    programs.databases.add((f"sql:{database}", f"mkcert development CA {authority.serial}"))
    assert [(report.store, report.state) for report in stores.look(authority)][1:] == [("chromium", "trusted")]


def test_browsers_without_certutil_say_what_is_missing(
    stores: SystemTrustStores, programs: Programs, path: Path, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "home" / ".pki/nssdb").mkdir(parents=True)
    (tmp_path / "home" / ".pki/nssdb/cert9.db").touch()
    report = stores.install(authority)[-1]
    assert (report.store, report.state) == ("browsers", "failed")
    assert "libnss3-tools" in (report.hint or "")
