"""``router``, ``ca`` and ``hosts``: documents and screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from localenv.actions.ca import AuthorityTrust
from localenv.actions.hosts import HostsChange
from localenv.cli.render.tables import grid, show
from localenv.cli.render.words import plain
from localenv.ports.certificates import Authority
from localenv.ports.router import RouterStatus

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "authority_document",
    "hosts_document",
    "logs_document",
    "router_document",
    "show_hosts_change",
    "show_router",
    "show_trust",
    "trust_document",
]

_ROUTER_STATES = {
    "running": "[green]●[/] running",
    "stopped": "[dim]○[/] stopped",
    "absent": "[dim]·[/] absent",
    "failed": "[red]✗[/] failed",
}
_STORE_STATES = {
    "trusted": "[green]✓[/] trusted",
    "added": "[green]✓[/] added",
    "absent": "[yellow]·[/] not there",
    "failed": "[red]✗[/] failed",
}


def router_document(status: RouterStatus) -> dict[str, Any]:
    """``localenv.router/1``."""
    return {
        "schema": "localenv.router/1",
        "state": status.state,
        "mode": status.mode,
        "http_port": status.http_port,
        "https_port": status.https_port,
        "postgres_port": status.postgres_port,
        "version": status.version,
        "environments": list(status.environments),
        "details": list(status.details),
    }


def show_router(status: RouterStatus) -> None:
    """State, ports, and what a person should know."""
    port = "" if status.https_port == 443 else f":{status.https_port}"  # noqa: PLR2004 - the port that URLs leave out
    rows = [
        ["router", f"{_ROUTER_STATES[status.state]}, Traefik {plain(status.version)}, {status.mode} mode"],
        ["serves", f"https://*.localhost{port}"],
        ["ports", f"https {status.https_port}, http {status.http_port}, postgres {status.postgres_port or '-'}"],
        ["routes", plain(", ".join(status.environments)) or "none"],
    ]
    show(_facts(rows))
    for detail in status.details:
        show(f"[yellow]![/] {plain(detail)}")


def _facts(rows: Sequence[Sequence[str]]) -> Table:
    """Words and what they stand for, which may take several lines: a router has many routes."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def logs_document(lines: Sequence[str]) -> dict[str, Any]:
    """``localenv.router-logs/1``."""
    return {"schema": "localenv.router-logs/1", "lines": list(lines)}


def authority_document(authority: Authority) -> dict[str, Any]:
    """``localenv.ca/1``."""
    return {"schema": "localenv.ca/1", **_authority(authority)}


def trust_document(found: Sequence[AuthorityTrust]) -> dict[str, Any]:
    """``localenv.ca-install/1``."""
    return {
        "schema": "localenv.ca-install/1",
        "authorities": [
            {
                **_authority(one.authority),
                "stores": [
                    {"store": store.store, "state": store.state, "detail": store.detail, "hint": store.hint}
                    for store in one.stores
                ],
            }
            for one in found
        ],
    }


def _authority(authority: Authority) -> dict[str, Any]:
    return {
        "domain": authority.domain,
        "path": authority.path,
        "fingerprint": authority.fingerprint,
        "expires": authority.expires,
    }


def show_trust(found: Sequence[AuthorityTrust]) -> None:
    """A line for each store, then how to mend what did not go well."""
    rows = [
        [plain(one.authority.domain), plain(store.store), _STORE_STATES[store.state], plain(store.detail)]
        for one in found
        for store in one.stores
    ]
    show(grid(["CA OF", "STORE", "STATE", ""], rows, flexible=""))
    hints = dict.fromkeys(store.hint for one in found for store in one.stores if store.hint)
    for hint in hints:
        show(f"try: [bold]{plain(hint)}[/]")


def hosts_document(change: HostsChange, *, written: bool) -> dict[str, Any]:
    """``localenv.hosts/1``."""
    return {
        "schema": "localenv.hosts/1",
        "path": change.path,
        "lines": list(change.lines),
        "changed": change.changed,
        "written": written,
    }


def show_hosts_change(change: HostsChange, *, dry_run: bool) -> None:
    """What became of the hosts file."""
    if not change.changed:
        click.echo(f"  {change.path} has these {len(change.lines)} lines already")
    else:
        click.echo(f"  {change.path} {'would be' if dry_run else 'was'} given {len(change.lines)} lines of localenv's own")
