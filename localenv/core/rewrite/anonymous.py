"""Anonymous volumes, and those that an image declares: named, so that a snapshot has them and nothing is left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localenv.core.names import slugify
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.images import image_details
from localenv.core.rewrite.model import Service, escaped, items, mapping, services, text_list, unescaped, with_top
from localenv.core.rewrite.volumes import with_volumes
from localenv.core.wanted import Model, Rewritten, VolumeWanted

__all__ = ["rewrite_anonymous_volumes"]

_ID_SHOWN = 12


def rewrite_anonymous_volumes(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Name each by its service and path, which stay the same from one ``up`` to the next."""
    changed: dict[str, Service] = {}
    found: list[VolumeWanted] = []
    taken = set(mapping(draft.model, "volumes"))
    for name, service in services(draft.model):
        mounts, wanted = _of_service(name, service, draft.model, context, frozenset(taken))
        taken.update(volume.key for volume in wanted)
        found.extend(wanted)
        changed[name] = {**service, "volumes": mounts} if mounts else service
    return with_volumes(replace(with_top(draft, "services", changed)), tuple(found))


def _of_service(
    name: str, service: Service, model: Model, context: RewriteContext, taken: frozenset[str]
) -> tuple[list[dict[str, Any]], list[VolumeWanted]]:
    mounts = [*items(service, "volumes"), *_of_image(service, model, context)]
    kept, wanted = list[dict[str, Any]](), list[VolumeWanted]()
    for mount in mounts:
        if mount.get("type") != "volume" or mount.get("source"):
            kept.append(mount)
            continue
        volume = _wanted(name, service, mount, context, taken | {item.key for item in wanted})
        wanted.append(volume)
        kept.append({"type": "volume", "source": volume.key, "target": mount["target"], "volume": mapping(mount, "volume")})
    return kept, wanted


def _of_image(service: Service, model: Model, context: RewriteContext) -> list[dict[str, Any]]:
    """Mounts for the image's ``VOLUME`` paths at which nothing else is mounted."""
    details = image_details(service, context)
    covered = _mounted_at(service, model, context)
    return (
        [{"type": "volume", "target": escaped(path)} for path in sorted(details.volumes) if path.rstrip("/") not in covered]
        if details
        else []
    )


def _mounted_at(service: Service, model: Model, context: RewriteContext, depth: int = 0) -> set[str]:
    """Paths at which the service mounts something, also through ``volumes_from``."""
    paths = {unescaped(str(mount.get("target", ""))).rstrip("/") for mount in items(service, "volumes")}
    paths |= {unescaped(text).partition(":")[0].rstrip("/") for text in text_list(service.get("tmpfs"))}
    others = [text.partition(":")[0] for text in text_list(service.get("volumes_from"))]
    for other in (mapping(mapping(model, "services"), other) for other in others if depth < len(mapping(model, "services"))):
        details = image_details(other, context)
        paths |= _mounted_at(other, model, context, depth + 1) | {
            path.rstrip("/") for path in (details.volumes if details else ())
        }
    return paths


def _wanted(
    name: str, service: Service, mount: Mapping[str, Any], context: RewriteContext, taken: frozenset[str]
) -> VolumeWanted:
    target = unescaped(str(mount["target"]))
    key = f"{name}-{slugify(target)}"
    if key in taken:
        key = f"{name}-{slugify(target, unique=True)}"
    shadow = _is_shadow(target, service)
    details = image_details(service, context)
    suffix = f"-{details.id.rpartition(':')[2][:_ID_SHOWN]}" if shadow and details else ""
    return VolumeWanted(
        key=key,
        name=context.id.object_name(f"{key}{suffix}"),
        classification=context.data_class,
        profile=None if shadow else context.data_profile,
        shareable=shadow,
        why=f"{target} of {name}: anonymous" if "volume" in mount else f"{target} of {name}: declared by its image",
    )


def _is_shadow(target: str, service: Service) -> bool:
    """Whether the volume only keeps the image's own folder visible below a bind mount (``node_modules``).

    Such a volume belongs to its image: with a new image it must start from the new content.
    """
    binds = [
        unescaped(str(mount.get("target", ""))).rstrip("/")
        for mount in items(service, "volumes")
        if mount.get("type") == "bind" or mapping(mount, "volume").get("nocopy")
    ]
    return any(target.startswith(f"{path}/") for path in binds)
