"""Where programs of this machine look for authorities. Implements ``ports.certificates.TrustStores``.

mkcert knows every store and is used when it is there; it is shown a folder with the certificate alone, because it makes
an authority of its own where it finds nothing and would take over the key where it finds one.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.core.argv.trust import as_root, certutil_add, certutil_find, copy_file, keychain_add, keychain_find, mkcert_install
from localenv.errors import LocalenvError
from localenv.ports.certificates import Authority, StoreReport
from localenv.ports.process import Processes

__all__ = ["SystemTrustStores"]

_ANCHORS = (
    ("usr/local/share/ca-certificates", ("update-ca-certificates",), "etc/ssl/certs/ca-certificates.crt"),
    ("etc/pki/ca-trust/source/anchors", ("update-ca-trust", "extract"), "etc/pki/tls/certs/ca-bundle.crt"),
    ("etc/ca-certificates/trust-source/anchors", ("trust", "extract-compat"), "etc/ssl/certs/ca-certificates.crt"),
    ("usr/share/pki/trust/anchors", ("update-ca-certificates",), "etc/ssl/ca-bundle.pem"),
)
"""Folder, command and resulting bundle of Debian, Fedora, Arch and openSUSE."""
_NSS = (
    ".pki/nssdb",
    "snap/chromium/current/.pki/nssdb",
    ".mozilla/firefox/*",
    "snap/firefox/common/.mozilla/firefox/*",
    "Library/Application Support/Firefox/Profiles/*",
)
"""Databases of Chromium and of Firefox's profiles, under the home directory."""
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Anchors:
    folder: Path
    update: tuple[str, ...]
    bundle: Path


class SystemTrustStores:
    """Stores under ``root`` and ``home``.

    ``privileged``: whether the system's store can be written as we are; asked of the kernel when not given.
    ``interactive``: a person is there to give sudo a password.
    """

    def __init__(
        self,
        processes: Processes,
        *,
        home: Path,
        root: Path = Path("/"),
        privileged: bool | None = None,
        interactive: bool = False,
    ) -> None:
        self._processes = processes
        self._home = home
        self._root = root
        self._privileged = os.geteuid() == 0 if privileged is None else privileged
        self._interactive = interactive

    def look(self, authority: Authority) -> Sequence[StoreReport]:
        """See the port."""
        reports = [self._look_at_system(authority)]
        databases = tuple(self._databases())
        if databases and shutil.which("certutil") is None:
            return (*reports, _no_certutil())
        for database in databases:
            known = self._in_database(authority, database)
            hint = None if known else "localenv ca install"
            reports.append(
                StoreReport(store=_browser(database), state="trusted" if known else "absent", detail=str(database), hint=hint)
            )
        return tuple(reports)

    def install(self, authority: Authority) -> Sequence[StoreReport]:
        """See the port. Each store is tried whatever became of the others."""
        if shutil.which("mkcert") is not None:
            return (self._mkcert(authority),)
        return (self._system(authority), *self._browsers(authority))

    # --- mkcert -------------------------------------------------------------------------------------------------------

    def _mkcert(self, authority: Authority) -> StoreReport:
        folder = private_directory(Path(authority.path).parent / "mkcert")
        write_whole(folder / "rootCA.pem", Path(authority.path).read_bytes(), mode=0o644)
        variables = {"CAROOT": str(folder)}
        if self._interactive:
            exit_code, said = self._processes.attach(mkcert_install(), environment=variables), ""
        else:
            done = self._processes.run(mkcert_install(), environment=variables, timeout=_SECONDS)
            exit_code, said = done.exit_code, _last_line(done.stderr)
        if exit_code == 0:
            return StoreReport(store="mkcert", state="added", detail="every store that mkcert knows")
        return StoreReport(store="mkcert", state="failed", detail=said, hint=f"CAROOT={shlex.quote(str(folder))} mkcert -install")

    # --- the system's store -------------------------------------------------------------------------------------------

    def _look_at_system(self, authority: Authority) -> StoreReport:
        if sys.platform == "darwin":
            trusted = self._ended_well(keychain_find(authority.path))
            return StoreReport(
                store="system", state="trusted" if trusted else "absent", hint=None if trusted else "localenv ca install"
            )
        anchors = self._anchors()
        if anchors is None:
            return StoreReport(
                store="system", state="absent", detail="no trust store that localenv knows", hint=_by_hand(authority)
            )
        trusted = _holds(anchors.bundle, authority)
        hint = None if trusted else "localenv ca install"
        return StoreReport(store="system", state="trusted" if trusted else "absent", detail=str(anchors.bundle), hint=hint)

    def _system(self, authority: Authority) -> StoreReport:
        found = self._look_at_system(authority)
        if found.state == "trusted":
            return found
        if sys.platform == "darwin":
            return self._as_root((keychain_add(authority.path),), "system keychain")
        anchors = self._anchors()
        if anchors is None:
            return found
        target = anchors.folder / f"localenv-{authority.fingerprint[:12]}.crt"
        return self._as_root((copy_file(authority.path, str(target)), anchors.update), str(target))

    def _as_root(self, commands: Sequence[tuple[str, ...]], detail: str) -> StoreReport:
        by_hand = "; ".join(shlex.join(as_root(command)) for command in commands)
        if not self._privileged and not (self._interactive and shutil.which("sudo")):
            return StoreReport(store="system", state="failed", detail="needs root", hint=by_hand)
        for command in commands:
            ended = self._ended_well(command) if self._privileged else self._processes.attach(as_root(command)) == 0
            if not ended:
                return StoreReport(store="system", state="failed", detail=f"{command[0]} failed", hint=by_hand)
        return StoreReport(store="system", state="added", detail=detail)

    def _anchors(self) -> _Anchors | None:
        for folder, update, bundle in _ANCHORS:
            if (self._root / folder).is_dir() and shutil.which(update[0]):
                return _Anchors(self._root / folder, update, self._root / bundle)
        return None

    # --- browsers -----------------------------------------------------------------------------------------------------

    def _browsers(self, authority: Authority) -> Iterator[StoreReport]:
        databases = tuple(self._databases())
        if databases and shutil.which("certutil") is None:
            yield _no_certutil()
            return
        for database in databases:
            yield self._add_to_database(authority, database)

    def _databases(self) -> Iterator[Path]:
        for pattern in _NSS:
            yield from sorted(path for path in self._home.glob(pattern) if (path / "cert9.db").exists())

    def _in_database(self, authority: Authority, database: Path) -> bool:
        names = (_nickname(authority), f"mkcert development CA {authority.serial}")
        return any(self._ended_well(certutil_find(str(database), name)) for name in names)

    def _add_to_database(self, authority: Authority, database: Path) -> StoreReport:
        store, name = _browser(database), _nickname(authority)
        if self._in_database(authority, database):
            return StoreReport(store=store, state="trusted", detail=str(database))
        command = certutil_add(str(database), name, authority.path)
        if self._ended_well(command):
            return StoreReport(store=store, state="added", detail=str(database))
        return StoreReport(store=store, state="failed", detail=str(database), hint=shlex.join(command))

    def _ended_well(self, command: Sequence[str]) -> bool:
        try:
            return self._processes.run(command, timeout=_SECONDS).exit_code == 0
        except LocalenvError:
            return False


def _nickname(authority: Authority) -> str:
    return f"localenv {authority.domain} {authority.fingerprint[:12]}"


def _browser(database: Path) -> str:
    return "chromium" if database.name == "nssdb" else "firefox"


def _no_certutil() -> StoreReport:
    return StoreReport(
        store="browsers",
        state="failed",
        detail="certutil is not there",
        hint="sudo apt-get install libnss3-tools; localenv ca install",
    )


def _by_hand(authority: Authority) -> str:
    return f"add {authority.path} to the authorities that your programs trust"


def _holds(bundle: Path, authority: Authority) -> bool:
    """Whether a bundle of PEM blocks has this one, however its lines are broken."""
    try:
        wanted = "".join(Path(authority.path).read_text().split("-----")[2].split())
        return wanted in "".join(bundle.read_text(errors="replace").split())
    except (OSError, IndexError):
        return False


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""
