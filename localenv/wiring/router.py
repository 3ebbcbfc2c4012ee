"""The router, its authority and the hosts file, with what they need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from localenv.actions.ca import CertificateAuthority
from localenv.actions.doctor import Finding
from localenv.actions.hosts import Hosts
from localenv.actions.router import ManageRouter
from localenv.errors import LocalenvError, NotFound
from localenv.wiring.environments import Services, load, services

__all__ = ["authority", "domain_here", "hosts", "manage_router", "mode_here", "services", "trust_findings"]

_LOCAL = "localhost"
_HOSTS = Path("/etc/hosts")


def manage_router(told: Services) -> ManageRouter:
    """``router up|down|status|logs``."""
    return ManageRouter(told.router)


def authority(told: Services, *, interactive: bool) -> CertificateAuthority:
    """``ca path|install``. ``interactive``: a person is there to give a password."""
    from localenv.adapters.trust_stores import SystemTrustStores

    stores = SystemTrustStores(told.processes, home=Path.home(), interactive=interactive)
    return CertificateAuthority(certificates=told.certificates, stores=stores)


def hosts(told: Services, *, interactive: bool) -> Hosts:
    """``hosts``. ``LOCALENV_HOSTS_FILE`` names another file than ``/etc/hosts``."""
    from localenv.adapters.hosts_file import DiskHostsFile
    from localenv.adapters.router.holders import has_ipv6

    path = Path(told.place.variables.get("LOCALENV_HOSTS_FILE", str(_HOSTS)))
    file = DiskHostsFile(path, processes=told.processes, aside=told.place.home / "cache", interactive=interactive)
    return Hosts(ledger=told.ledger, file=file, keeper=str(told.place.home), ipv6=has_ipv6())


def domain_here(told: Services, directory: Path) -> str:
    """Domain of the project here; ``localhost`` where there is no project."""
    try:
        return load(told, directory).settings.domain
    except NotFound:
        return _LOCAL


def mode_here(told: Services, directory: Path) -> tuple[str, bool]:
    """Mode that the project here wants of the router, and whether containers are to use it."""
    try:
        settings = load(told, directory).settings.router
    except NotFound:
        return "auto", False
    return settings.mode, settings.inside


def trust_findings(told: Services, directory: Path) -> Iterator[Finding]:
    """Lines of ``doctor`` about who trusts the authority. One that was never made is nobody's concern yet."""
    domain = domain_here(told, directory)
    if not Path(told.certificates.path(domain)).exists():
        yield Finding(subject="trust", state="ok", text="no certificate was made yet")
        return
    try:
        looked = authority(told, interactive=False).look(domain)
    except LocalenvError as error:
        yield Finding(subject="trust", state="look", text=error.message)
        return
    missing = [(one, store) for one in looked for store in one.stores if store.state != "trusted"]
    for one, store in missing:
        what = store.detail if store.state == "failed" else f"the CA of {one.authority.domain} is not trusted by {store.store}"
        yield Finding(subject="trust", state="look", text=what, fix=store.hint)
    if not missing:
        yield Finding(subject="trust", state="ok", text="every trust store that was found knows the CA")
