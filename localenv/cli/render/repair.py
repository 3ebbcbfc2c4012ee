"""``repair``: what was rebuilt and what was left behind."""

from __future__ import annotations

from typing import Any

from localenv.actions.repair import Repaired
from localenv.cli.render.tables import show
from localenv.cli.render.words import plain

__all__ = ["document", "show_repaired"]


def document(repaired: Repaired, *, dry_run: bool) -> dict[str, Any]:
    """``localenv.repair/1``."""
    return {
        "schema": "localenv.repair/1",
        "dry_run": dry_run,
        "damaged_ledger": repaired.set_aside,
        "records": [
            {"project": each.id.project, "name": each.id.name, "tier": each.tier, "directory": each.directory}
            for each in repaired.records
        ],
        "allocations": [{"project": each.project, "name": each.name} for each in repaired.allocations],
        "leftovers": [
            {"kind": each.kind, "project": each.id.project, "name": each.id.name, "message": each.text}
            for each in repaired.leftovers
        ],
        "removed": repaired.removed,
        "problems": list(repaired.problems),
    }


def show_repaired(repaired: Repaired, *, dry_run: bool) -> None:
    """Print a line for each thing; what is left to do stands last."""
    lines = [*_rebuilt(repaired, dry_run=dry_run), *_leftovers(repaired)]
    lines += [f"[red]✗[/] {plain(problem)}" for problem in repaired.problems]
    for line in lines or ["[green]✓[/] nothing to repair"]:
        show(line)
    if repaired.leftovers and not repaired.removed:
        show("\nremove what was left behind: [bold]localenv repair --yes[/]")
    if repaired.records and not dry_run:
        show("\nwhat labels do not hold (expiry, URLs of a project that changed) comes back with: [bold]localenv up ENV[/]")


def _rebuilt(repaired: Repaired, *, dry_run: bool) -> list[str]:
    would = "would be " if dry_run else ""
    lines = []
    if repaired.set_aside:
        what = "the ledger is damaged: " if dry_run else "the damaged ledger is kept as "
        lines.append(f"[yellow]![/] {what}{plain(repaired.set_aside)}")
    for record in repaired.records:
        tier = f"[dim]tier {plain(record.tier or 'unknown')}[/]"
        lines.append(f"[green]✓[/] record of {plain(str(record.id))} {would}rebuilt from labels  {tier}")
    if repaired.allocations:
        names = ", ".join(str(environment) for environment in repaired.allocations)
        lines.append(f"[green]✓[/] addresses and ports {would}entered: {plain(names)}")
    return lines


def _leftovers(repaired: Repaired) -> list[str]:
    mark, what = ("[green]✓[/]", "  [dim]removed[/]") if repaired.removed else ("[yellow]![/]", "")
    return [f"{mark} {plain(leftover.text)}{what}" for leftover in repaired.leftovers]
