"""Snapshots as screens and as JSON documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from localenv.actions.build_data import Built
from localenv.actions.replace_data import Replaced
from localenv.actions.snapshots import Listed
from localenv.cli.render.errors import clean
from localenv.cli.render.tables import grid, show
from localenv.cli.render.words import ago, plain, size
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Snapshot
from localenv.wiring.gc import Freed

__all__ = [
    "listed_document",
    "profiles_document",
    "show_listed",
    "show_one",
    "show_profiles",
    "shown_document",
    "snapshot_document",
    "tell_built",
    "tell_freed",
    "tell_removed",
    "tell_replaced",
    "tell_taken",
]


def snapshot_document(snapshot: Snapshot) -> dict[str, Any]:
    """One snapshot; sizes in bytes, times in RFC 3339 UTC. What its data hangs on is not told."""
    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "kind": snapshot.kind,
        "project": snapshot.project,
        "environment": snapshot.environment,
        "tier": snapshot.tier,
        "created": snapshot.created,
        "class": snapshot.classification,
        "profile": snapshot.profile,
        "size": snapshot.size,
        "method": snapshot.method,
        "pause_seconds": snapshot.pause,
        "live": snapshot.live,
        "reason": snapshot.reason,
        "by": snapshot.by,
        "volumes": [
            {"key": volume.key, "class": volume.classification, "size": volume.size, "layers": list(volume.layers)}
            for volume in snapshot.volumes
        ],
    }


def listed_document(listed: Listed) -> dict[str, Any]:
    """``localenv.snapshots/1``."""
    return {
        "schema": "localenv.snapshots/1",
        "snapshots": [
            snapshot_document(each) | {"clones": [environment.compose_project for environment in listed.clones.get(each.id, ())]}
            for each in listed.snapshots
        ],
        "damaged": dict(listed.damaged),
    }


def show_listed(listed: Listed, now: datetime, project: str | None, *, every: bool) -> None:
    """Print the table."""
    shown = [each for each in listed.snapshots if every or each.kind != "clone"]
    for name, why in listed.damaged.items():
        click.echo(clean(f"  warning: manifest {name} cannot be used: {why}"), err=True)
    if not shown:
        click.echo(f"  no snapshots{f' of {project}' if project else ''} yet; try: localenv snapshot create")
        return
    rows = [
        [
            plain(each.name or "-"),
            each.id[:12],
            each.kind,
            plain(each.environment if project else f"{each.project}/{each.environment}"),
            each.classification,
            size(each.size),
            ago(each.created, now),
            str(len(listed.clones.get(each.id, ()))) if listed.clones.get(each.id) else "-",
        ]
        for each in shown
    ]
    columns = ["NAME", "ID", "KIND", "FROM", "CLASS", "SIZE", "AGE", "CLONES"]
    show(grid(columns, rows, optional=("CLONES", "KIND", "AGE")))


def shown_document(snapshot: Snapshot, clones: Sequence[EnvironmentId]) -> dict[str, Any]:
    """``localenv.snapshot/1``."""
    return {
        "schema": "localenv.snapshot/1",
        **snapshot_document(snapshot),
        "engine": snapshot.engine,
        "images": dict(snapshot.images),
        "clones": [environment.compose_project for environment in clones],
    }


def show_one(snapshot: Snapshot, clones: Sequence[EnvironmentId], now: datetime) -> None:
    """Print the screen."""
    show(f"[bold]{plain(snapshot.label)}[/]   {snapshot.kind}   {snapshot.classification}   {size(snapshot.size)}")
    taken = "paused" if snapshot.live else "services stopped"
    pause = f", {taken} for {snapshot.pause:.2f} s" if snapshot.pause is not None else ""
    origin = f"of {snapshot.environment} of {snapshot.project} ({snapshot.tier})"
    show(f"[dim]{snapshot.id}   {origin}, {ago(snapshot.created, now)} ago{pause}[/]")
    if snapshot.reason:
        show(f"[dim]{plain(snapshot.reason)}   {plain(snapshot.by)}[/]")
    show("")
    rows = [[plain(v.key), v.classification, size(v.size), str(len(v.layers))] for v in snapshot.volumes]
    show(grid(["VOLUME", "CLASS", "SIZE", "LAYERS"], rows))
    if snapshot.images:
        show("")
        show(grid(["SERVICE", "IMAGE"], [[plain(name), image] for name, image in snapshot.images.items()], flexible="IMAGE"))
    if clones:
        show(f"\nenvironments on it: {', '.join(environment.name for environment in clones)}")


def tell_taken(snapshot: Snapshot, *, json_wanted: bool) -> None:
    """What was frozen, and how long the environment stood still."""
    if json_wanted:
        click.echo(json.dumps(shown_document(snapshot, ()), ensure_ascii=False))
        return
    how = "paused" if snapshot.live else "services stopped"
    stood = f"   {how} for {snapshot.pause:.2f} s" if snapshot.pause is not None else ""
    click.echo(f"  {snapshot.label}  {size(snapshot.size)}, {snapshot.classification}{click.style(stood, dim=True)}")
    click.echo(
        f"  next: localenv snapshot restore {snapshot.name or snapshot.id[:12]} {snapshot.environment}   localenv snapshot ls"
    )


def tell_replaced(outcome: Replaced, found: EnvironmentId, source: str, *, json_wanted: bool, dry_run: bool) -> None:
    """What an environment has now, and how to go back."""
    from localenv.cli.render.plans import plan_text, plans_document
    from localenv.cli.render.up import document

    if dry_run:
        click.echo(json.dumps(plans_document([outcome.plan]), ensure_ascii=False) if json_wanted else plan_text([outcome.plan]))
        return
    results = [outcome.up] if outcome.up else []
    if json_wanted:
        told = document(results, dry_run=False) | {"schema": "localenv.replaced/1"}
        click.echo(json.dumps(told | {"backup": outcome.backup.id if outcome.backup else None}, ensure_ascii=False))
        return
    seconds = f"{outcome.up.seconds['total']:.1f} s" if outcome.up else ""
    click.echo(f"  {found.name} has the data of {source}  {click.style(seconds, dim=True)}")
    if outcome.backup is not None:
        click.echo(f"  what it had is kept: localenv snapshot restore --last {found.name}")


def profiles_document(profiles: Sequence[tuple[str, str, str]], listed: Listed) -> dict[str, Any]:
    """``localenv.data/1``: data profiles with the baselines that stand for them."""
    return {
        "schema": "localenv.data/1",
        "profiles": [
            {
                "name": name,
                "class": classification,
                "file": path,
                "baselines": [snapshot_document(each) for each in _baselines(listed, name)],
            }
            for name, classification, path in profiles
        ],
        "own": [snapshot_document(each) for each in _baselines(listed, None)],
    }


def show_profiles(profiles: Sequence[tuple[str, str, str]], listed: Listed, now: datetime) -> None:
    """Print the table: a profile is built once, the environments after that begin with it."""
    rows = []
    for name, classification, _ in profiles:
        named = _by_name(_baselines(listed, name)) or {name: []}
        rows += [[plain(label), classification, *_built(found, listed, now)] for label, found in named.items()]
    if own := _baselines(listed, None):
        rows.append(["[dim]what services make themselves[/]", own[0].classification, *_built(own, listed, now)])
    show(grid(["PROFILE", "CLASS", "BASELINE", "SIZE", "AGE", "CLONES"], rows, optional=("CLONES", "AGE")))


def _baselines(listed: Listed, profile: str | None) -> list[Snapshot]:
    return [each for each in listed.snapshots if each.kind == "baseline" and each.profile == profile]


def _by_name(baselines: Sequence[Snapshot]) -> dict[str, list[Snapshot]]:
    """One profile's, by the name that tells at which scale it was built."""
    found: dict[str, list[Snapshot]] = {}
    for each in sorted(baselines, key=lambda each: each.name or ""):
        found.setdefault(each.name or "", []).append(each)
    return found


def _built(baselines: Sequence[Snapshot], listed: Listed, now: datetime) -> list[str]:
    if not baselines:
        return ["[dim]not built yet[/]", "-", "-", "-"]
    clones = sum(len(listed.clones.get(each.id, ())) for each in baselines)
    return [baselines[0].id[:12], size(baselines[0].size), ago(baselines[0].created, now), str(clones) if clones else "-"]


def tell_built(built: Built, profile: str, *, json_wanted: bool, dry_run: bool) -> None:
    """Which baseline there is now."""
    if json_wanted:
        found = snapshot_document(built.snapshot) if built.snapshot else None
        click.echo(json.dumps({"schema": "localenv.data-build/1", "made": built.made, "dry_run": dry_run, "baseline": found}))
    elif built.snapshot is None:
        click.echo(f"  would build the baseline of {profile}")
    else:
        verb = "built" if built.made else "is there already:"
        click.echo(f"  {verb} {built.snapshot.label}  {size(built.snapshot.size)}, {built.snapshot.classification}")


def tell_removed(
    snapshots: Sequence[Snapshot], clones: Mapping[str, tuple[EnvironmentId, ...]], *, json_wanted: bool, dry_run: bool
) -> None:
    """What goes, and who keeps its layers."""
    if json_wanted:
        told = {"schema": "localenv.snapshots-removed/1", "removed": [each.id for each in snapshots], "dry_run": dry_run}
        click.echo(json.dumps(told))
        return
    for each in snapshots:
        names = ", ".join(environment.name for environment in clones.get(each.id, ()))
        kept = f"; its layers stay as long as {names} need them" if names else ""
        click.echo(f"  {'would remove' if dry_run else 'removed'} {each.label}{kept}")
    if not dry_run:
        click.echo("  next: localenv gc")


def tell_freed(freed: Freed, *, json_wanted: bool, dry_run: bool) -> None:
    """What goes, with the cause, and how much it frees."""
    found, environments, releases = freed.data, freed.environments, freed.releases
    if json_wanted:
        told = {
            "schema": "localenv.gc/1",
            "dry_run": dry_run,
            "environments": [
                {"project": each.project, "name": each.name, "cause": cause} for each, cause in environments.items()
            ],
            "releases": [{"project": each.project, "name": each.name} for each in releases],
            "snapshots": [each.id for each in found.snapshots],
            "layers": dict(found.layers),
            "leftovers": dict(found.leftovers),
            "bytes": found.size,
            "failures": [{"what": what, "error": error.message} for what, error in freed.failures],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for environment, cause in environments.items():
        click.echo(f"  {'would remove' if dry_run else 'removed'} {environment}: {cause}")
    for release in releases:
        click.echo(
            f"  {'would remove' if dry_run else 'removed'} release {release.name} of {release.project}: old, and needed nowhere"
        )
    if not (found.snapshots or found.layers or found.leftovers):
        if not (environments or releases or freed.failures):
            click.echo("  nothing to free")
        return
    verb = "would free" if dry_run else "freed"
    for snapshot in found.snapshots:
        gone = "would remove" if dry_run else "removed"
        click.echo(f"  {gone} snapshot {snapshot.label} ({snapshot.kind}, of {snapshot.environment})")
    parts = [f"{len(found.layers)} layers"] if found.layers else []
    parts += [f"{len(found.leftovers)} leftovers"] if found.leftovers else []
    click.echo(f"  {verb} {size(found.size)}{': ' + ', '.join(parts) if parts else ''}")
