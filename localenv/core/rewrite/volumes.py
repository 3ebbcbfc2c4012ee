"""``volumes``: every named one is this environment's own; external ones are cloned or shared as localenv.yaml says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localenv.core.configuration.tier import Classification
from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.labels import object_labels
from localenv.core.rewrite.model import Change, Service, each_service, escaped, items, mapping, services, unescaped, with_top
from localenv.core.rewrite.volume_classes import told_classes
from localenv.core.snapshots.model import highest_class
from localenv.core.wanted import Rewritten, VolumeWanted

__all__ = ["declared", "rewrite_volumes", "with_volumes"]


def rewrite_volumes(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Scope every volume that a service mounts by name.

    Volumes are declared ``external`` in the rendered file: Compose then checks that they are there and does nothing
    else, in every version, while a declared one that differs from the file makes 2.40 and later ask to recreate it.
    """
    top = mapping(draft.model, "volumes")
    canonical = _one_key_per_volume(top)
    merged = each_service(draft, lambda _, service: _under_canonical(service, canonical))
    used = sorted({str(mount["source"]) for _, service in services(merged.model) for mount in _named(service)})
    told = told_classes(draft.model, context.settings, context.external_classes)
    wanted, kept, notes = [], dict[str, Any](), list[Note]()
    for key in used:
        volume = mapping(top, key)
        if _is_foreign(volume):
            kept[key] = _foreign(key, volume, context)
            notes.append(Note(code="volume-driver", message=f"volume {key} keeps its driver and options, as granted"))
            continue
        wanted.append(_wanted(key, volume, context, told.get(key, "synthetic")))
        notes.extend(_told(key, volume, wanted[-1], str(draft.model.get("name"))))
    cleared = with_top(merged, "volumes", kept)
    return with_volumes(replace(cleared, notes=(*cleared.notes, *notes)), tuple(wanted))


def with_volumes(draft: Rewritten, wanted: tuple[VolumeWanted, ...]) -> Rewritten:
    """The draft with more volumes, also declared in its model."""
    top = {**mapping(draft.model, "volumes"), **{volume.key: declared(volume) for volume in wanted}}
    return replace(with_top(draft, "volumes", top), volumes=(*draft.volumes, *wanted))


def declared(volume: VolumeWanted) -> dict[str, Any]:
    """How a volume stands in the rendered file."""
    return {"name": escaped(volume.name), "external": True}


def _named(service: Service) -> list[dict[str, Any]]:
    return [mount for mount in items(service, "volumes") if mount.get("type") == "volume" and mount.get("source")]


def _one_key_per_volume(top: Mapping[str, Any]) -> dict[str, str]:
    """The key that stands for each volume: two keys with one fixed name are one volume."""
    first: dict[str, str] = {}
    return {key: first.setdefault(str(mapping(top, key).get("name") or f" {key}"), key) for key in sorted(top)}


def _under_canonical(service: Service, canonical: Mapping[str, str]) -> Change:
    mounts = items(service, "volumes")
    if not mounts:
        return service, ()
    changed = [
        {**mount, "source": canonical.get(str(mount["source"]), mount["source"])}
        if mount.get("type") == "volume" and mount.get("source")
        else mount
        for mount in mounts
    ]
    return {**service, "volumes": changed}, ()


def _is_foreign(volume: Mapping[str, Any]) -> bool:
    """A driver or options of its own: a bind in disguise or a network file system, which only a grant lets through."""
    return bool(mapping(volume, "driver_opts")) or (volume.get("driver") or "local") != "local"


def _foreign(key: str, volume: Mapping[str, Any], context: RewriteContext) -> dict[str, Any]:
    labels = {name: escaped(value) for name, value in object_labels(context).items()}
    kept = {part: volume[part] for part in ("driver", "driver_opts") if volume.get(part)}
    return {**kept, "name": context.id.object_name(key), "labels": labels}


def _wanted(key: str, volume: Mapping[str, Any], context: RewriteContext, told: Classification) -> VolumeWanted:
    settings = context.settings.volumes.get(key)
    said = (settings.external if settings else None) if volume.get("external") else None
    original = unescaped(str(volume.get("name") or key))
    return VolumeWanted(
        key=key,
        name=original if said == "share" else context.id.object_name(key),
        classification=highest_class((told, context.data_class)),
        profile=None if said else context.data_profile,
        shared=said == "share",
        clone_of=original if said == "clone" else None,
        why=f"external, {said} in localenv.yaml" if said else "named in the Compose file",
    )


def _told(key: str, volume: Mapping[str, Any], wanted: VolumeWanted, project: str) -> list[Note]:
    name = str(volume.get("name") or key)
    if wanted.shared:
        return [
            Note(
                code="volume-shared", message=f"volume {name} is shared with everything else that uses it, as localenv.yaml says"
            )
        ]
    if wanted.clone_of:
        return [Note(code="volume-clone", message=f"external volume {name} is copied into this environment's own {wanted.name}")]
    if volume.get("external"):
        return [
            Note(
                code="volume-external", message=f"external volume {name} is this environment's own {wanted.name}, empty at first"
            )
        ]
    if name not in {key, wanted.name, f"{project}_{key}"}:
        return [Note(code="volume-name", message=f"volume {name} is called {wanted.name} here")]
    return []
