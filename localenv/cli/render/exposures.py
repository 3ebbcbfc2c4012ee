"""Where services answer, a line each: what to click and what to connect to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from localenv.cli.render.tables import grid

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["exposures_table"]


def exposures_table(exposures: Sequence[dict[str, Any]]) -> Table:
    """Service, address, and the port in the container behind it; the primary one first."""
    ordered = sorted(exposures, key=lambda item: (not item.get("primary"), item["service"]))
    rows = [[item["service"], _address(item), f"[dim]{item['protocol']} {item['container_port']}[/]"] for item in ordered]
    return grid(["SERVICE", "ANSWERS AT", "IN THE CONTAINER"], rows)


def _address(exposure: dict[str, Any]) -> str:
    if url := exposure.get("url"):
        return f"[bold]{url}[/]" if exposure.get("primary") else str(url)
    address = f"{exposure.get('address')}:{exposure.get('port')}"
    if exposure.get("host") and exposure.get("router_port"):
        return f"{address}  [dim]or[/] {exposure['host']}:{exposure['router_port']} [dim](TLS)[/]"
    return address
