"""The router, its authority and the hosts file, with what they need."""

from __future__ import annotations

from pathlib import Path

from localenv.actions.ca import CertificateAuthority
from localenv.actions.hosts import Hosts
from localenv.actions.router import ManageRouter
from localenv.errors import NotFound
from localenv.wiring.environments import Services, load, services

__all__ = ["authority", "domain_here", "hosts", "manage_router", "mode_here", "services"]

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
