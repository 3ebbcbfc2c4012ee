"""Releases, gates and what became of a deployment as screens and as JSON documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from localenv.actions.deploy import Deployed
from localenv.actions.promote import Promoted
from localenv.actions.releases import Made
from localenv.cli.render.errors import clean
from localenv.cli.render.history import approval_document, deployment_document
from localenv.cli.render.tables import grid, show
from localenv.cli.render.up import document as up_document
from localenv.cli.render.up import text as up_text
from localenv.cli.render.words import ago, plain
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Approval
from localenv.core.releases.difference import ReleaseDifference
from localenv.core.releases.gates import GateResult
from localenv.core.releases.model import Release

__all__ = [
    "release_document",
    "show_release",
    "show_release_difference",
    "show_releases",
    "tell_approved",
    "tell_made",
    "tell_promoted",
    "tell_removed",
    "tell_rolled_back",
]


def release_document(release: Release, *, users: Sequence[str] = ()) -> dict[str, Any]:
    """One release; what its variables and models hold is never told."""
    return {
        "name": release.name,
        "project": release.project,
        "created": release.created,
        "by": release.by,
        "note": release.note,
        "commit": release.commit,
        "branch": release.branch,
        "dirty": release.dirty,
        "images": [
            {
                "reference": image.reference,
                "id": image.id,
                "kept": image.kept,
                "services": list(image.services),
                "built": image.built,
            }
            for image in release.images
        ],
        "files": [{"path": file.path, "digest": file.digest, "kind": file.kind} for file in release.files],
        "tiers": sorted(release.models),
        "environments": list(users),
    }


def tell_made(made: Made, target: str | None, *, json_wanted: bool) -> None:
    """What was made, and what comes next: the promotion to ``target``."""
    if json_wanted:
        _print({"schema": "localenv.release/1", "new": made.new, "release": release_document(made.release)})
        return
    release = made.release
    built = sum(image.built for image in release.images)
    if made.new:
        show(
            f"[green]●[/] [bold]{release.name}[/] of {release.project}, from {plain(release.source)}: "
            f"{len(release.images)} images ({built} built), {len(release.files)} files"
        )
    else:
        show(f"{release.name} of {release.project} holds the same already: nothing was made")
    promote = f"localenv promote {target}   " if target else ""
    click.echo(f"\n  next: {promote}localenv release show {release.name}")


def show_releases(
    releases: Sequence[Release],
    users: Mapping[str, Sequence[str]],
    damaged: Mapping[str, str],
    now: datetime,
    *,
    json_wanted: bool,
) -> None:
    """``localenv.releases/1``, or a table, newest first; what cannot be used is told beside it."""
    if json_wanted:
        found = [release_document(release, users=users[release.name]) for release in releases]
        _print({"schema": "localenv.releases/1", "releases": found, "damaged": dict(damaged)})
        return
    for name, why in damaged.items():
        click.echo(clean(f"  warning: {name} cannot be used: {why}"), err=True)
    if not releases:
        show("no releases yet\n")
        show("make one:  [bold]localenv release create[/]")
        return
    rows = [
        [
            release.name,
            ago(release.created, now),
            plain(release.by),
            plain(release.source),
            str(len(release.images)),
            ", ".join(users[release.name]) or "-",
            plain(release.note) or "-",
        ]
        for release in releases
    ]
    show(grid(["RELEASE", "MADE", "BY", "FROM", "IMAGES", "NEEDED BY", "NOTE"], rows, optional=("IMAGES", "BY"), flexible="NOTE"))


def show_release(release: Release, users: Sequence[str], now: datetime, *, json_wanted: bool) -> None:
    """``localenv.release/1``, or all of it but what may be secret."""
    if json_wanted:
        _print({"schema": "localenv.release/1", "release": release_document(release, users=users)})
        return
    show(f"[bold]{release.name}[/] of {release.project}   {ago(release.created, now)} by {plain(release.by)}")
    show(f"from {plain(release.source)}" + (f"   {plain(release.note)}" if release.note else ""))
    show(f"needed by {', '.join(users)}\n" if users else "needed by no environment\n")
    rows = [
        [
            plain(image.reference),
            image.id.removeprefix("sha256:")[:12],
            "built" if image.built else "as it was",
            ", ".join(image.services),
        ]
        for image in release.images
    ]
    show(grid(["IMAGE", "ID", "", "SERVICES"], rows, flexible="SERVICES"))
    show(f"\n{len(release.files)} files, for tiers {', '.join(sorted(release.models))}")
    for file in release.files[:20]:
        show(f"  [dim]{file.digest[:12]}[/]  {plain(file.path)}")
    if len(release.files) > 20:  # noqa: PLR2004 - as many as are shown
        show(f"  and {len(release.files) - 20} more:  localenv release show {release.name} --output json")


def tell_removed(names: Sequence[str], *, json_wanted: bool, dry_run: bool) -> None:
    """What is gone, or would be."""
    if json_wanted:
        _print({"schema": "localenv.release-rm/1", "dry_run": dry_run, "removed": list(names)})
        return
    for name in names:
        show(f"{name} would be removed" if dry_run else f"{name} removed")


def show_release_difference(found: ReleaseDifference, *, json_wanted: bool) -> None:
    """``localenv.release-diff/1``, or the images and files that differ."""
    if json_wanted:
        _print(
            {
                "schema": "localenv.release-diff/1",
                "left": found.left,
                "right": found.right,
                "images": [{"service": service, "left": left, "right": right} for service, left, right in found.images],
                "files": [{"path": path, "change": change} for path, change in found.files],
                "services": [{"service": service, "tier": tier, "key": key} for service, tier, key in found.services],
            }
        )
        return
    if not (found.images or found.files or found.services):
        show(f"{found.left} and {found.right} would run the same")
        return
    if found.images:
        rows = [
            [plain(service), (left or "-")[7:19] or "-", (right or "-")[7:19] or "-"] for service, left, right in found.images
        ]
        show(grid(["IMAGE OF", found.left.upper(), found.right.upper()], rows))
    if found.files:
        show("")
        show(grid(["FILE", "CHANGE"], [[plain(path), change] for path, change in found.files]))
    if found.services:
        show("")
        show(grid(["SERVICE", "TIER", "CHANGED"], [[plain(service), tier, plain(key)] for service, tier, key in found.services]))


def tell_gates(results: Sequence[GateResult]) -> None:
    """One line a gate."""
    width = max((len(result.gate) for result in results), default=0)
    for result in results:
        mark = click.style("✓", fg="green") if result.passed else click.style("✗", fg="red")
        click.echo(f"  {mark} {clean(f'{result.gate:<{width}}  {result.told}')}")


def tell_promoted(promoted: Promoted, *, json_wanted: bool, dry_run: bool) -> None:
    """The gates, what was done, and what comes next."""
    target, release = promoted.target, promoted.release
    if json_wanted:
        _print(
            {
                "schema": "localenv.promote/1",
                "release": release.name,
                "source": promoted.source.name,
                "target": target.name,
                "forced": promoted.forced,
                "gates": [{"gate": each.gate, "passed": each.passed, "told": each.told} for each in promoted.gates],
                **_deployed_document(promoted.deployed, dry_run=dry_run),
            }
        )
        return
    tell_gates(promoted.gates)
    if promoted.forced:
        click.echo(click.style("  let through by --force, which is kept in the history", fg="yellow"))
    if dry_run:
        click.echo(up_text([promoted.deployed.up], dry_run=True))
        return
    _tell_deployed(target, release.name, promoted.deployed)


def tell_rolled_back(target: EnvironmentId, release: str, deployed: Deployed, *, json_wanted: bool, dry_run: bool) -> None:
    """What it runs again."""
    if json_wanted:
        _print(
            {
                "schema": "localenv.rollback/1",
                "release": release,
                "target": target.name,
                **_deployed_document(deployed, dry_run=dry_run),
            }
        )
    elif dry_run:
        click.echo(up_text([deployed.up], dry_run=True))
    else:
        _tell_deployed(target, release, deployed)


def tell_approved(
    environment: EnvironmentId, approval: Approval, target: str | None, *, json_wanted: bool, dry_run: bool
) -> None:
    """Whose word for what, and which tier waited for it."""
    if json_wanted:
        _print({"schema": "localenv.approval/1", "dry_run": dry_run, "approval": approval_document(approval)})
        return
    if dry_run:
        show(f"{approval.release} in {environment.name} would be approved by {plain(approval.actor)}")
        return
    show(f"[green]✓[/] {approval.release} in {environment.name} is approved by {plain(approval.actor)}")
    if target:
        click.echo(f"\n  next: localenv promote {target}")


def _tell_deployed(target: EnvironmentId, release: str, deployed: Deployed) -> None:
    if deployed.deployment is None:
        click.echo(f"  {target.name} runs {release} already")
    click.echo(up_text([deployed.up], dry_run=False))
    if deployed.snapshot is not None:
        click.echo(f"        with the data as it was before: localenv rollback {target.name} --with-data")


def _deployed_document(deployed: Deployed, *, dry_run: bool) -> dict[str, Any]:
    return {
        "deployment": deployment_document(deployed.deployment) if deployed.deployment else None,
        "snapshot": deployed.snapshot.id if deployed.snapshot else None,
        "up" if not dry_run else "plan": up_document([deployed.up], dry_run=dry_run),
    }


def _print(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))
